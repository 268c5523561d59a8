"""Encoders, pick-up, lights: the parts that make a knob feel right."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from masterd.control.feedback import ECHO_S, PERIOD_S, TOUCH_S
from masterd.control.midi.encodings import RELATIVE, Acceleration, Encoding, ticks, told_apart
from masterd.control.midi.feedback import Feedback
from masterd.control.midi.messages import Control, Kind
from masterd.control.midi.takeover import TOLERANCE, Mode, Takeover

KNOB = Control(Kind.CC, 1, 7)
positions = st.integers(0, 127).map(lambda value: value / 127)

turns = st.builds(lambda slow, fast: [slow, *fast], st.integers(1, 2), st.lists(st.integers(1, 20)))  # detents of one message

SPECIFIED = {  # detents: bytes, as controller manuals give them
    Encoding.TWOS_COMPLEMENT: {1: 1, 2: 2, 63: 63, -1: 127, -2: 126, -63: 65},
    Encoding.OFFSET: {1: 65, 2: 66, 63: 127, 0: 64, -1: 63, -2: 62, -64: 0},
    Encoding.SIGN_MAGNITUDE: {1: 1, 2: 2, 63: 63, -1: 65, -2: 66, -63: 127},
    Encoding.REVERSED_SIGN: {1: 65, 2: 66, 63: 127, -1: 1, -2: 2, -63: 63},
}


def test_encodings_are_those_of_the_manuals() -> None:
    for encoding, examples in SPECIFIED.items():
        assert {count: ticks(encoding, value) for count, value in examples.items()} == {count: count for count in examples}


@given(st.sampled_from(RELATIVE), turns, turns)
def test_turning_right_then_left_tells_encodings_apart(encoding: Encoding, right: list[int], left: list[int]) -> None:
    said = {ticks(encoding, value): value for value in range(128)}
    assert told_apart({said[count] for count in right}, {said[-count] for count in left}) is encoding


@given(st.integers(0, 126), st.integers(1, 100))
def test_a_knob_that_goes_up_and_down_is_absolute(start: int, length: int) -> None:
    sweep = set(range(start, min(start + max(length, 3), 128)))
    assert told_apart(sweep, sweep) is Encoding.ABSOLUTE


def test_acceleration_is_gentle_slow_and_strong_fast() -> None:
    accelerate = Acceleration()
    times_s = (0.0, 0.5, 0.58, 0.59, 0.592)
    factors = [accelerate(1, now_s) for now_s in times_s]
    assert factors[:2] == [1, 1]
    assert 1 <= factors[2] < 1.1
    assert factors[3:] == pytest.approx([8, 8])
    assert accelerate(-1, 0.594) == pytest.approx(-8)
    assert accelerate(5, 0.595) == 5  # this box counts by itself


@given(st.lists(positions, min_size=1), positions)
def test_an_armed_knob_moves_nothing_until_it_meets_the_value(path: list[float], current: float) -> None:
    takeover, before, caught = Takeover(), None, False
    for position in path:
        crosses = before is not None and min(before, position) < current < max(before, position)
        meets = any(abs(at - current) <= TOLERANCE for at in (before, position) if at is not None)
        caught = caught or crosses or meets
        assert (takeover.turn(Mode.PICKUP, position, current) is not None) == caught
        before = position


@given(positions, positions)
def test_sweeping_the_whole_travel_always_catches(current: float, other: float) -> None:
    takeover = Takeover()
    takeover.turn(Mode.PICKUP, 0.0, current)
    assert takeover.turn(Mode.PICKUP, 1.0, current) == 1
    takeover.release()
    assert (takeover.turn(Mode.PICKUP, 1.0, other) is not None) == (1.0 - other <= TOLERANCE)


@pytest.mark.parametrize("mode", [Mode.JUMP, Mode.MOTOR])
def test_a_jumping_knob_and_a_motor_need_no_catching_not_even_after_others_moved_it(mode: Mode) -> None:
    takeover = Takeover()
    assert takeover.turn(mode, 0.1, 0.9) == 0.1
    takeover.release()
    assert takeover.turn(mode, 0.2, 0.9) == 0.2


@given(positions, positions, positions)
def test_a_relative_knob_adds_its_movement_and_stays_inside(start: float, end: float, current: float) -> None:
    takeover = Takeover()
    assert takeover.turn(Mode.RELATIVE, start, current) is None  # nobody knows how far it came
    assert takeover.turn(Mode.RELATIVE, end, current) == pytest.approx(min(max(current + end - start, 0), 1))


@given(st.lists(positions, min_size=1), positions)
def test_a_scaling_knob_turns_the_way_it_is_turned_and_reaches_both_ends_with_the_parameter(
    path: list[float], current: float
) -> None:
    takeover = Takeover()
    takeover.turn(Mode.SCALE, path[0], current)
    for before, position in pairwise(path):
        went = takeover.turn(Mode.SCALE, position, current)
        assert went is not None
        assert 0 <= went <= 1
        assert (went - current) * (position - before) >= 0
        current = went
    current = takeover.turn(Mode.SCALE, 1.0, current) or 0.0  # one that stood at this end already has no way to go
    for end in (0.0, 1.0):
        went = takeover.turn(Mode.SCALE, end, current)
        assert went == pytest.approx(end)
        current = went


def test_a_box_that_was_away_may_have_been_turned() -> None:
    takeover = Takeover()
    takeover.turn(Mode.PICKUP, 0.0, 0.5)
    takeover.forget()
    assert takeover.turn(Mode.PICKUP, 1.0, 0.5) is None  # no crossing: nobody saw it at 0 in this session


@given(st.lists(st.tuples(st.integers(0, 127), st.floats(0, 0.05)), min_size=1))
def test_lights_are_rate_limited_show_only_changes_and_end_right(wishes: list[tuple[int, float]]) -> None:
    feedback, now_s, sent = Feedback(), 0.0, []
    for value, gap_s in wishes:
        now_s += gap_s
        feedback.want(KNOB, value)
        sent += [(now_s, message[2]) for message in feedback.messages(now_s)]
    sent += [(now_s + 1, message[2]) for message in feedback.messages(now_s + 1)]
    times_s, values = zip(*sent, strict=True)
    assert values[-1] == wishes[-1][0]
    assert all(later - earlier >= PERIOD_S for earlier, later in pairwise(times_s))
    assert all(later != earlier for earlier, later in pairwise(values))


def test_a_refresh_shows_everything_again() -> None:
    feedback = Feedback()
    feedback.want(KNOB, 5)
    assert feedback.messages(0.0) == [bytes((0xB0, 7, 5))]
    assert feedback.messages(1.0) == []
    feedback.refresh()
    assert feedback.messages(2.0) == [bytes((0xB0, 7, 5))]


def test_nothing_is_shown_on_a_knob_under_a_hand() -> None:
    feedback = Feedback()
    feedback.touched(KNOB, 90, 0.0)
    feedback.want(KNOB, 80)
    assert feedback.messages(TOUCH_S / 2) == []
    assert feedback.messages(TOUCH_S * 2) == [bytes((0xB0, 7, 80))]


def test_an_echo_is_known_once_and_only_for_a_while() -> None:
    feedback = Feedback()
    feedback.want(KNOB, 5)
    feedback.messages(0.0)
    assert not feedback.is_echo(KNOB, 6, ECHO_S / 2)
    assert feedback.is_echo(KNOB, 5, ECHO_S / 2)
    assert not feedback.is_echo(KNOB, 5, ECHO_S / 2)
    feedback.refresh()
    feedback.messages(1.0)
    assert not feedback.is_echo(KNOB, 5, 1.0 + 2 * ECHO_S)
