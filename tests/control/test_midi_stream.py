"""Bytes to messages, and the parts of NRPN and RPN to moves: every piece, every order, any rubbish."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings, strategies as st
from instruments.midi_studio import Studio
from instruments.surfaces import BOXES, Box

from masterd.control.midi.messages import Control, Kind, Moved, control_at
from masterd.control.midi.parser import PAIR_S, Parser
from masterd.control.midi.stream import MAX_SYSEX_BYTES, Stream
from masterd.control.parameters import PARAMETERS

data = st.integers(0, 127)
any_bytes = st.binary(max_size=200) | st.lists(st.sampled_from([0xB0, 0x90, 0xF0, 0xF7, 0xF8, 0xC5, 0, 64, 127])).map(bytes)
channel_messages = st.builds(lambda status, first, second: bytes((status, first, second)), st.integers(0xB0, 0xBF), data, data)


def fed(stream: Stream, *pieces: bytes) -> list[bytes]:
    return [message for piece in pieces for message in stream.feed(piece)]


@given(any_bytes, st.lists(st.integers(0, 200)))
def test_it_does_not_matter_in_which_pieces_bytes_come(whole: bytes, cuts: list[int]) -> None:
    places = sorted({0, *(cut for cut in cuts if cut < len(whole)), len(whole)})
    pieces = [whole[start:end] for start, end in pairwise(places)]
    assert fed(Stream(), *pieces) == fed(Stream(), whole)


@given(any_bytes)
def test_only_whole_messages_come_out(rubbish: bytes) -> None:
    for message in fed(Stream(), rubbish):
        is_sysex = message[0] == 0xF0
        assert len(message) == (2 if message[0] & 0xE0 == 0xC0 else 3) or is_sysex
        assert all(byte < 0x80 for byte in (message[1:-1] if is_sysex else message[1:]))
        assert not is_sysex or message[-1] == 0xF7


@given(any_bytes, channel_messages)
def test_after_any_rubbish_the_next_status_byte_is_a_new_beginning(rubbish: bytes, message: bytes) -> None:
    assert fed(Stream(), rubbish, message)[-1] == message


@given(st.lists(st.tuples(data, data), min_size=1), st.lists(st.integers(0xF8, 0xFF), max_size=3))
def test_running_status_with_clocks_in_between(values: list[tuple[int, int]], clocks: list[int]) -> None:
    run = bytes((0xB3, *(byte for pair in values for byte in (*clocks, *pair))))
    assert fed(Stream(), run) == [bytes((0xB3, *pair)) for pair in values]


@given(st.binary(max_size=MAX_SYSEX_BYTES - 2))
def test_system_exclusive_comes_whole_or_not_at_all(body: bytes) -> None:
    text = bytes(byte & 0x7F for byte in body)
    assert fed(Stream(), b"\xf0" + text, b"\xf7") == [b"\xf0" + text + b"\xf7"]


def test_an_endless_system_exclusive_message_takes_no_memory() -> None:
    stream = Stream()
    assert fed(stream, b"\xf0") == []
    for _ in range(20):
        assert fed(stream, bytes(MAX_SYSEX_BYTES)) == []
        assert len(stream._message) <= MAX_SYSEX_BYTES
    assert fed(stream, b"\xf7", b"\xf0\x01\xf7") == [b"\xf0\x01\xf7"]


# NRPN and RPN

NUMBERED = st.sampled_from([Kind.NRPN, Kind.RPN])
wide = st.integers(0, 16383)


def heard(parser: Parser, *changes: tuple[int, int], now_s: float = 0.0, channel: int = 2) -> list[Moved]:
    return [move for change in changes for move in parser.feed((0xAF + channel, *change), now_s)]


@given(NUMBERED, st.integers(0, 16382), st.lists(wide, min_size=1))
def test_what_is_shown_on_a_number_is_heard_as_it_was(kind: Kind, number: int, values: list[int]) -> None:
    control = control_at(kind, 2, number)
    parser = Parser([control])
    moves = [move for value in values for message in control.messages(value) for move in parser.feed(message, 0.0)]
    assert moves == [Moved(control, value) for value in values]


def test_a_number_stays_selected_and_the_fine_half_may_be_left_out() -> None:
    control = control_at(Kind.NRPN, 2, 1000)
    parser = Parser([control])
    assert heard(parser, (99, 7), (98, 104)) == []
    assert heard(parser, (6, 127)) == []
    assert parser.late(2 * PAIR_S) == [Moved(control, 16383)]
    assert heard(parser, (6, 64), (38, 5)) == [Moved(control, 64 * 128 + 5)]
    assert heard(parser, (38, 6)) == [Moved(control, 64 * 128 + 6)]
    assert heard(parser, (6, 1), (6, 2), (38, 0)) == [Moved(control, 1 << 7 | 1), Moved(control, 256)]


def test_steps_and_the_null_number() -> None:
    control = control_at(Kind.RPN, 2, 5)
    parser = Parser([control])
    heard(parser, (101, 0), (100, 5))
    assert heard(parser, (96, 0), (97, 127)) == [Moved(control, 1, True), Moved(control, -1, True)]
    assert heard(parser, (101, 127), (100, 127), (6, 1), (38, 1), (96, 0)) == []
    assert heard(parser, (100, 5), (96, 0)) == [Moved(control_at(Kind.RPN, 2, 127 << 7 | 5), 1, True)]


def test_nrpn_and_rpn_do_not_mix_and_other_channels_are_left_alone() -> None:
    parser = Parser([control_at(Kind.NRPN, 2, 5)])
    heard(parser, (99, 0), (98, 5), (101, 0))
    assert heard(parser, (6, 1), (38, 1)) == [Moved(control_at(Kind.RPN, 2, 127), 129)]  # 0, and a lower half not said yet
    assert heard(parser, (6, 7), channel=3) == [Moved(Control(Kind.CC, 3, 6), 7)]


def test_a_bend_whose_lower_half_says_nothing_reaches_its_top() -> None:
    fader = Control(Kind.PITCH_BEND, 9, 0, 7)
    assert Parser([fader]).feed(b"\xe8\x00\x7f", 0.0) == [Moved(fader, 127)]
    assert Parser().feed(b"\xe8\x00\x7f", 0.0) == [Moved(control_at(Kind.PITCH_BEND, 9), 127 << 7)]


# whole surfaces


@given(
    st.sampled_from(BOXES), st.lists(st.binary(max_size=40) | channel_messages | st.builds(bytes, st.lists(data)), max_size=25)
)
@settings(deadline=None, max_examples=25)
def test_any_bytes_from_any_box_leave_a_valid_state(kind: type[Box], stream: list[bytes]) -> None:
    studio = Studio(kind())
    studio.box.hear = lambda message: []  # type: ignore[method-assign]
    studio.plug()
    status = {0x80: 2, 0x90: 2, 0xB0: 2, 0xC0: 1, 0xE0: 2}
    for piece in stream:
        studio.send([piece])
        studio.pass_time(0.01)
    assert all(PARAMETERS[id].check(value) == value for id, value in studio.state.values.items())
    for way, message in studio.log:
        if way == "shows":
            assert isinstance(message, bytes)
            is_whole = message[0] == 0xF0 and message[-1] == 0xF7
            assert is_whole or len(message) == 1 + status.get(message[0] & 0xF0, 1)
