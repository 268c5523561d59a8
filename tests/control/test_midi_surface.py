"""A box and a daemon's state, tied together: against the daemon's own State, without sockets or MIDI ports."""

from __future__ import annotations

from hypothesis import given, settings, strategies as st

from masterd.control.midi.mapfile import parse
from masterd.control.midi.messages import moved
from masterd.control.midi.run import parts
from masterd.control.midi.surface import Surface
from masterd.control.midi.wishes import PERIOD_S
from masterd.control.parameters import PARAMETERS, Value
from masterd.control.protocol import Adjust, Changed, PresetLoad, Set, StateSnapshot, Undo, decode_request, encode_json
from masterd.daemon.macros import checked_macros
from masterd.daemon.state import Change, State

BOX = """
[[control]]
cc = 7
parameter = "eq.1.gain_db"
[[control]]
cc = 8
parameter = "eq.1.frequency_hz"
bits = 14
takeover = "jump"
[[control]]
cc = 16
parameter = "eq.2.gain_db"
encoding = "twos_complement"
[[control]]
cc = 17
parameter = "eq.2.type"
encoding = "offset"
[[control]]
cc = 18
parameter = "compressor.threshold_db"
encoding = "sign_magnitude"
min = -30
max = -10
[[control]]
note = 1
parameter = "bypass.on"
[[control]]
note = 2
parameter = "compressor.on"
action = "momentary"
[[control]]
note = 3
preset = "speech"
[[control]]
note = 4
action = "undo"
[[control]]
cc = 9
parameter = "eq.2.gain_db"
takeover = "jump"
[[control]]
cc = 10
parameter = "macro.less_more_percent"
takeover = "jump"
"""


class Desk:
    """A Surface and a State, with time that passes when told to."""

    def __init__(self) -> None:
        self.state = State(clock=lambda: self.now_s)
        self.surface = Surface(parse(BOX), "box")
        self.now_s = 10.0
        self.seq = 0
        self.asked: list[object] = []
        self.shown: dict[tuple[int, int], int] = {}
        self.state.listeners.append(self.tell)
        self.surface.follow(
            StateSnapshot(boot_id="a", seq=0, revision=0, preset="flat", dirty=False, values=dict(self.state.values))
        )

    def tell(self, change: Change) -> None:
        self.seq += 1
        what = {"origin": change.origin, "cause": change.cause, "changes": dict(change.changes), "glide_ms": change.glide_ms}
        place = {"preset": change.preset, "dirty": change.dirty, "revision": change.revision}
        self.surface.changed(Changed(seq=self.seq, boot_id="a", time=0.0, **what, **place))

    def hear(self, *messages: tuple[int, ...]) -> None:
        for message in messages:
            self.surface.hear(message, self.now_s)

    def pass_time(self, seconds: float = 0.5) -> None:
        """Requests reach the daemon, lights reach the box."""
        self.now_s += seconds
        for request in self.surface.requests(self.now_s):
            request = decode_request(encode_json(request))  # as it travels
            self.asked.append(request)
            match request:
                case Set():
                    self.state.set(request.values, origin="box")
                case Adjust():
                    self.state.adjust(request.values, travel=request.travel, origin="box")
                case PresetLoad():
                    self.state.load(request.name, {"eq.1.gain_db": 6.0}, origin="box")
                case Undo():
                    self.state.undo(origin="box")
        for message in self.surface.messages(self.now_s):
            self.shown[message[0], message[1]] = message[2]

    def __getitem__(self, id: str) -> Value:
        return self.state.values[id]


def cc(number: int, value: int) -> tuple[int, int, int]:
    return 0xB0, number, value


def note(number: int, velocity: int) -> tuple[int, int, int]:
    return 0x90, number, velocity


def test_a_pot_is_picked_up_then_turns_and_lets_go_when_others_move_it() -> None:
    desk = Desk()
    desk.hear(cc(7, 10))
    desk.pass_time()
    assert desk["eq.1.gain_db"] == 0  # it stands elsewhere
    desk.hear(cc(7, 100), cc(7, 127))
    desk.pass_time()
    assert desk["eq.1.gain_db"] == 24
    desk.state.set({"eq.1.gain_db": -12}, origin="somebody")
    desk.hear(cc(7, 126))
    desk.pass_time()
    assert desk["eq.1.gain_db"] == -12
    desk.hear(cc(7, 20), cc(7, 0))
    desk.pass_time()
    assert desk["eq.1.gain_db"] == -24


def test_a_preset_of_the_boxs_own_button_lets_go_as_well() -> None:
    desk = Desk()
    desk.hear(cc(7, 64))
    desk.pass_time()
    desk.hear(note(3, 127), note(3, 0))
    desk.pass_time()
    assert desk.state.preset == "speech"
    desk.hear(cc(7, 63))
    desk.pass_time()
    assert desk["eq.1.gain_db"] == 6


def test_a_knob_on_less_more_sends_one_number_and_the_daemon_moves_the_preset() -> None:
    desk = Desk()
    curves = checked_macros(
        {"less_more": {"limiter.drive_db": [[0, 0], [50, 3], [100, 8]], "clipper.on": [[0, False], [60, True]]}}
    )
    desk.state.load("dense", {"limiter.drive_db": 3.0}, curves)
    desk.hear(cc(10, 127))
    desk.pass_time()
    assert [it.values for it in desk.asked if isinstance(it, Set)] == [{"macro.less_more_percent": 100.0}]
    assert (desk["macro.less_more_percent"], desk["limiter.drive_db"], desk["clipper.on"]) == (100, 8, True)
    desk.hear(cc(10, 0))
    desk.pass_time()
    assert (desk["limiter.drive_db"], desk["clipper.on"]) == (0, False)


def test_fourteen_bits_follow_the_parameters_curve() -> None:
    desk = Desk()
    desk.hear(cc(8, 64), cc(40, 0))
    desk.pass_time()
    assert desk["eq.1.frequency_hz"] == PARAMETERS["eq.1.frequency_hz"].from_travel(8192 / 16383)


def test_slow_detents_are_equal_steps_of_travel() -> None:
    desk = Desk()
    for _ in range(4):
        desk.hear(cc(16, 1))
        desk.pass_time()
    assert desk["eq.2.gain_db"] == 4 * 48 / 128
    desk.hear(cc(16, 126))
    desk.pass_time()
    assert desk["eq.2.gain_db"] == 2 * 48 / 128


def test_an_encoder_steps_through_choices_and_stays_inside() -> None:
    desk = Desk()
    for _ in range(4):
        desk.hear(cc(17, 65))
        desk.pass_time()
    assert desk["eq.2.type"] == "low_shelf"
    for _ in range(20):
        desk.hear(cc(17, 60))
        desk.pass_time()
    assert desk["eq.2.type"] == "bell"


def test_an_encoder_stays_within_the_maps_range() -> None:
    desk = Desk()
    for _ in range(200):
        desk.hear(cc(18, 3))
        desk.pass_time(0.01)
    assert desk["compressor.threshold_db"] == -10
    for _ in range(400):
        desk.hear(cc(18, 66))
        desk.pass_time(0.01)
    assert desk["compressor.threshold_db"] == -30


def test_buttons() -> None:
    desk = Desk()
    for expected in (True, False):
        desk.now_s += 0.1  # a press right after the light came on would be its echo
        desk.hear(note(1, 127), note(1, 0))
        desk.pass_time()
        assert desk["bypass.on"] is expected
    desk.now_s += 0.1
    desk.hear(note(2, 1))
    desk.pass_time()
    assert desk["compressor.on"] is True
    desk.now_s += 0.1
    desk.hear((0x80, 2, 64))
    desk.pass_time()
    assert desk["compressor.on"] is False
    desk.hear(note(4, 127))
    desk.pass_time()
    assert desk["compressor.on"] is True


def test_two_presses_within_one_period_are_two_toggles() -> None:
    desk = Desk()
    desk.hear(note(1, 127), note(1, 0), note(1, 127), note(1, 0))
    desk.pass_time()
    assert desk["bypass.on"] is False


def test_what_was_turned_before_undo_is_sent_before_it() -> None:
    desk = Desk()
    desk.hear(cc(9, 127), note(4, 127))
    desk.pass_time()
    assert [type(request) for request in desk.asked] == [Set, Undo]
    assert desk["eq.2.gain_db"] == 0


def test_lights_come_from_the_state_not_from_the_hand() -> None:
    desk = Desk()
    desk.hear(note(1, 127), note(1, 0))
    before = desk.surface.messages(desk.now_s)
    assert bytes(note(1, 0)) in before
    assert bytes(note(1, 127)) not in before
    desk.pass_time()
    assert desk.shown[0x90, 1] == 127
    desk.state.set({"bypass.on": False, "eq.1.gain_db": 24, "eq.2.gain_db": -24}, origin="somebody")
    desk.pass_time()
    assert (desk.shown[0x90, 1], desk.shown[0xB0, 7], desk.shown[0xB0, 16]) == (0, 127, 0)


def test_preset_lights_go_out_when_something_is_changed() -> None:
    desk = Desk()
    desk.hear(note(3, 127), note(3, 0))
    desk.pass_time()
    desk.pass_time()
    assert desk.shown[0x90, 3] == 127
    desk.state.set({"eq.on": False}, origin="somebody")
    desk.pass_time()
    assert desk.shown[0x90, 3] == 0


def test_a_box_that_echoes_its_lights_starts_no_loop() -> None:
    desk = Desk()
    desk.pass_time()
    desk.state.set({"bypass.on": True}, origin="somebody")
    for _ in range(100):
        desk.now_s += 0.04
        for message in desk.surface.messages(desk.now_s):
            desk.surface.hear(message, desk.now_s + 0.005)
        desk.pass_time(0.006)
    assert desk["bypass.on"] is True
    assert desk.asked == []


def test_nothing_turned_while_the_daemon_is_away_goes_on_air_later() -> None:
    desk = Desk()
    desk.hear(cc(9, 127))
    desk.surface.lost()
    desk.hear(cc(9, 100), note(1, 127), cc(16, 5))
    desk.surface.follow(StateSnapshot(boot_id="b", seq=0, revision=0, preset="flat", dirty=False, values=dict(desk.state.values)))
    desk.pass_time()
    assert desk.asked == []


def test_another_knob_of_the_same_parameter_must_be_picked_up_again() -> None:
    two = '[[control]]\ncc = 1\nparameter = "eq.1.gain_db"\n[[control]]\ncc = 2\nparameter = "eq.1.gain_db"'
    desk = Desk()
    desk.surface = Surface(parse(two), "box")
    desk.surface.follow(StateSnapshot(boot_id="a", seq=0, revision=0, preset="flat", dirty=False, values=dict(desk.state.values)))
    desk.hear(cc(1, 64), cc(2, 64))
    desk.pass_time()
    desk.hear(cc(1, 100))
    desk.pass_time()
    desk.hear(cc(2, 65))
    desk.pass_time()
    assert desk["eq.1.gain_db"] == PARAMETERS["eq.1.gain_db"].from_travel(100 / 127)


@given(st.lists(st.tuples(st.integers(0, 127), st.floats(0, 0.003)), min_size=1, max_size=300))
@settings(deadline=None)
def test_a_flood_is_condensed_and_ends_at_the_newest_value(flood: list[tuple[int, float]]) -> None:
    desk = Desk()
    began_s = desk.now_s
    for value, gap_s in flood:
        desk.hear(cc(9, value))
        desk.pass_time(gap_s)
    desk.pass_time(PERIOD_S)
    assert desk["eq.2.gain_db"] == PARAMETERS["eq.2.gain_db"].from_travel(flood[-1][0] / 127)
    assert len(desk.asked) <= (desk.now_s - began_s) / PERIOD_S + 1


@given(st.lists(st.lists(st.integers(0, 255), min_size=3, max_size=3) | st.lists(st.integers(0, 300), max_size=4), max_size=200))
@settings(deadline=None)
def test_any_stream_leaves_a_valid_state(stream: list[list[int]]) -> None:
    desk = Desk()
    for message in stream:
        desk.hear(tuple(message))
        desk.pass_time(0.001)
    desk.pass_time()
    assert all(PARAMETERS[id].check(value) == value for id, value in desk.state.values.items())
    assert desk.state.revision == 0 or any(moved(message) for message in stream)


def test_a_refused_request_is_tried_value_by_value_as_it_was_meant() -> None:
    both = Adjust(values={"eq.1.gain_db": 0.1, "eq.2.gain_db": 0.2}, travel=True, glide_ms=7, origin="box")
    assert [(part.values, part.travel, part.glide_ms) for part in parts(both)] == [  # type: ignore[union-attr]
        ({"eq.1.gain_db": 0.1}, True, 7),
        ({"eq.2.gain_db": 0.2}, True, 7),
    ]
    assert parts(Set(values={"eq.on": True})) == parts(Undo()) == []  # refused for good
