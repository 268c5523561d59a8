"""Bytes to moves and back: every message, every 14-bit pair, and any rubbish."""

from __future__ import annotations

from hypothesis import given, strategies as st

from masterd.control.midi.messages import Control, Kind, Moved, moved
from masterd.control.midi.parser import PAIR_S, Parser

channels = st.integers(1, 16)
data = st.integers(0, 127)
wide = st.integers(0, 16383)
CC14 = Control(Kind.CC, 1, 7, 14)


@given(channels, data, data)
def test_a_control_change_is_read_as_the_standard_writes_it(channel: int, number: int, value: int) -> None:
    assert moved([0xB0 + channel - 1, number, value]) == Moved(Control(Kind.CC, channel, number), value)


@given(channels, data, data)
def test_notes_are_pressed_and_released_either_way(channel: int, number: int, velocity: int) -> None:
    key = Control(Kind.NOTE, channel, number)
    assert moved([0x90 + channel - 1, number, velocity]) == Moved(key, velocity)
    assert moved([0x80 + channel - 1, number, velocity]) == Moved(key, 0)


@given(channels, wide)
def test_pitch_bend_has_its_low_half_first(channel: int, value: int) -> None:
    bend = Control(Kind.PITCH_BEND, channel, 0, 14)
    assert moved([0xE0 + channel - 1, value % 128, value // 128]) == Moved(bend, value)


@given(st.lists(st.integers(-300, 300), max_size=5))
def test_any_numbers_are_survived(message: list[int]) -> None:
    move = moved(message)
    assert move is None or 0 <= move.value <= move.control.top


@given(st.lists(st.tuples(st.lists(st.integers(0, 255), max_size=4), st.floats(0, 0.02))))
def test_any_stream_is_survived(stream: list[tuple[list[int], float]]) -> None:
    parser, now_s = Parser([CC14]), 0.0
    for message, gap_s in stream:
        now_s += gap_s
        for move in parser.late(now_s) + parser.feed(message, now_s):
            assert 0 <= move.value <= move.control.top


@given(st.lists(wide, min_size=1), st.integers(1, 16), st.integers(0, 31))
def test_pairs_come_out_as_they_were_sent(values: list[int], channel: int, number: int) -> None:
    control = Control(Kind.CC, channel, number, 14)
    parser = Parser([control])
    heard = [move for value in values for message in control.messages(value) for move in parser.feed(message, 0.0)]
    assert heard == [Moved(control, value) for value in values]


@given(st.sampled_from([Kind.CC, Kind.NOTE, Kind.PITCH_BEND]), channels, data, st.floats(0, 1))
def test_what_is_shown_would_be_heard_the_same(kind: Kind, channel: int, number: int, share: float) -> None:
    bits = 14 if kind is Kind.PITCH_BEND else 7
    control = Control(kind, channel, 0 if kind is Kind.PITCH_BEND else number, bits)
    value = round(share * control.top)
    (message,) = control.messages(value)
    assert moved(message) == Moved(control, value)


def test_a_coarse_half_alone_is_applied_after_five_milliseconds() -> None:
    parser = Parser([CC14])
    assert parser.feed([0xB0, 7, 127], 1.0) == []
    assert parser.late(1.0 + PAIR_S / 2) == []
    assert parser.late(1.0 + 2 * PAIR_S) == [Moved(CC14, 16383)]  # its top is the top
    assert parser.late(9.0) == []


def test_a_fine_half_alone_refines_the_last_coarse_one() -> None:
    parser = Parser([CC14])
    assert parser.feed([0xB0, 39, 5], 0.0) == []  # nothing to refine yet
    parser.feed([0xB0, 7, 64], 0.0)
    assert parser.feed([0xB0, 39, 5], 0.001) == [Moved(CC14, 64 * 128 + 5)]
    assert parser.feed([0xB0, 39, 6], 1.0) == [Moved(CC14, 64 * 128 + 6)]


def test_a_second_coarse_half_lets_the_first_out() -> None:
    parser = Parser([CC14])
    parser.feed([0xB0, 7, 0], 0.0)
    assert parser.feed([0xB0, 7, 1], 0.001) == [Moved(CC14, 0)]


def test_controls_that_are_no_pair_are_left_alone() -> None:
    assert Parser([CC14]).feed([0xB1, 39, 5], 0.0) == [Moved(Control(Kind.CC, 2, 39), 5)]
    assert Parser().feed([0xB0, 39, 5], 0.0) == [Moved(Control(Kind.CC, 1, 39), 5)]
