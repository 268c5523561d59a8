"""Learning a control from what a box sends while a person turns it: of any kind, whatever trembles beside it, and any bytes."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import assume, given, strategies as st

from masterd.control.midi.encodings import RELATIVE, Encoding, ticks
from masterd.control.midi.learn import MOST_KEPT, Learned, Learner
from masterd.control.midi.learning import COLLECT_S, LONGEST_S, NOTHING_S, REST_S, Learning
from masterd.control.midi.messages import Control, Kind
from masterd.control.midi.numbered import Numbered
from masterd.control.protocol import LearnStep

Bytes = tuple[int, ...]
channels, numbers = st.integers(1, 16), st.integers(0, 127)


@dataclass(frozen=True)
class Gesture:
    """What a box sends when one control is turned right and left, and what should be learned from it."""

    right: list[Bytes]
    left: list[Bytes]
    wanted: Learned


def sent(control: Control, values: list[int]) -> list[Bytes]:
    return [tuple(message) for value in values for message in control.messages(value)]


@st.composite
def sweeps(draw: st.DrawFn, top: int) -> list[int]:
    """Values of a knob turned up by at least a tenth, and not evenly."""
    low = draw(st.integers(0, top - top // 10 - 1))
    high = draw(st.integers(low + top // 10 + 1, top))
    between = draw(st.lists(st.integers(low + 1, high), min_size=2, max_size=20))
    return [low, *sorted(between), high]


@st.composite
def absolute(draw: st.DrawFn) -> Gesture:
    kind = draw(st.sampled_from([Kind.CC, Kind.PITCH_BEND, Kind.NRPN, Kind.RPN]))
    channel = draw(channels)
    if kind is Kind.CC:
        bits = draw(st.sampled_from([7, 14]))
        control = Control(kind, channel, draw(st.integers(0, 31 if bits == 14 else 127)), bits)
    else:
        number = 0 if kind is Kind.PITCH_BEND else draw(st.integers(0, 16382))
        control = Control(kind, channel, number, 14)
    values = draw(sweeps(control.top))
    if control.kind is Kind.CC and control.bits == 14:
        low = [value & 0x7F for value in values]
        assume(max(low) - min(low) > 1)  # else nothing shows that there is a fine half
    return Gesture(sent(control, values), sent(control, values[::-1]), Learned(control, Encoding.ABSOLUTE))


@st.composite
def encoders(draw: st.DrawFn) -> Gesture:
    """With detents that speed up, turned the way its maker thought or wired the other way round."""
    encoding = draw(st.sampled_from(RELATIVE))
    control = Control(Kind.CC, draw(channels), draw(numbers))
    said = {ticks(encoding, value): value for value in range(128)}
    ways = [[1, *draw(st.lists(st.integers(1, 12), min_size=1, max_size=20))] for _ in range(2)]
    right, left = ([said[sign * count] for count in way] for way, sign in zip(ways, (1, -1), strict=True))
    invert = encoding in (Encoding.TWOS_COMPLEMENT, Encoding.OFFSET) and draw(st.booleans())
    if invert:
        right, left = left, right
    return Gesture(sent(control, right), sent(control, left), Learned(control, encoding, invert=invert))


@st.composite
def buttons(draw: st.DrawFn) -> Gesture:
    kind = draw(st.sampled_from([Kind.NOTE, Kind.CC, Kind.PROGRAM]))
    control = Control(kind, draw(channels), draw(numbers))
    press = 127 if kind is Kind.CC else draw(st.integers(1, 127))
    values = [press] if kind is Kind.PROGRAM or draw(st.booleans()) else [press, 0]
    return Gesture(sent(control, values), [], Learned(control, Encoding.ABSOLUTE, is_button=True))


gestures = st.one_of(absolute(), encoders(), buttons())
turned = st.one_of(absolute(), encoders())


@st.composite
def trembling(draw: st.DrawFn, gesture: Gesture) -> tuple[list[Bytes], list[Bytes]]:
    """A neighbour that cannot decide between two values, in the midst of both halves, often more busily than what is turned. Not
    the one 32 further on: in step with what is turned it is what a fine half is."""
    wanted = gesture.wanted.control
    number, value = draw(numbers), draw(st.integers(0, 126))
    own = {wanted.number, wanted.number + 32, wanted.number - 32}
    assume(number not in own or wanted.kind is not Kind.CC)
    assume(wanted.kind not in (Kind.NRPN, Kind.RPN) or not Numbered.knows(number))
    halves = []
    for half in (gesture.right, gesture.left):
        noise = [(0xB0 | wanted.channel - 1, number, value + at % 2) for at in range(draw(st.integers(2, 60)))]
        mixed = [*half]
        for message in noise:
            mixed.insert(draw(st.integers(0, len(mixed))), message)
        halves.append(mixed)
    return halves[0], halves[1]


def learned(right: list[Bytes], left: list[Bytes]) -> Learned | None:
    learner = Learner()
    for message in right:
        learner.feed(message)
    learner.now_left()
    for message in left:
        learner.feed(message)
    return learner.found()


@given(gestures)
def test_every_kind_of_control_is_known_by_its_gesture(gesture: Gesture) -> None:
    assert learned(gesture.right, gesture.left) == gesture.wanted


@given(st.data(), turned)
def test_what_trembles_beside_it_is_left_out(data: st.DataObject, gesture: Gesture) -> None:
    assert learned(*data.draw(trembling(gesture))) == gesture.wanted


@given(st.lists(st.lists(st.integers(-5, 300), max_size=5).map(tuple)), st.lists(st.lists(st.integers(0, 255)).map(tuple)))
def test_any_bytes_are_survived(right: list[Bytes], left: list[Bytes]) -> None:
    found = learned(right, left)
    assert found is None or any(message[0] & 0x0F == found.control.channel - 1 for message in (*right, *left) if message)


def test_a_flood_is_not_kept_without_a_bound() -> None:
    learner = Learner()
    for at in range(3 * MOST_KEPT):
        learner.feed((0xB0, 7, at % 128))
    assert learner._heard[Control(Kind.CC, 1, 7)].count == MOST_KEPT


# the course of it


class Course:
    """A Learning and a clock; messages come a hundredth of a second apart."""

    def __init__(self) -> None:
        self.now_s = 50.0
        self.learning = Learning(self.now_s)
        self.steps: list[LearnStep] = []

    def plays(self, messages: list[Bytes], box: str = "mini") -> None:
        for message in messages:
            self.learning.hear(box, message, self.now_s)
            self.waits(0.01)

    def waits(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.now_s += 0.005
            if self.learning.advance(self.now_s):
                self.steps.append(self.learning.step)


@given(st.data(), st.one_of(turned, buttons()))
def test_a_gesture_takes_its_course(data: st.DataObject, gesture: Gesture) -> None:
    course = Course()
    course.plays(gesture.right)
    course.waits(COLLECT_S + REST_S)
    if gesture.wanted.control.bits == 7 and not gesture.wanted.is_button:
        assert course.learning.step is LearnStep.RIGHT_HEARD
        assert not course.learning.is_found
        course.waits(data.draw(st.floats(0, 5)))
        course.plays(gesture.left)
        course.waits(COLLECT_S + 0.01)
    assert course.learning.is_found
    assert course.learning.found == gesture.wanted


def turning(values: range | list[int], number: int = 7) -> list[Bytes]:
    return [(0xB0, number, value) for value in values]


def test_turning_on_a_little_longer_is_not_turning_left() -> None:
    course = Course()
    course.plays(turning([1] * 120, 16))  # 1.2 s, and nobody stops at 0.7
    course.waits(REST_S + 0.01)
    course.plays(turning([65] * 10, 16))
    course.waits(COLLECT_S)
    assert course.learning.found == Learned(Control(Kind.CC, 1, 16), Encoding.SIGN_MAGNITUDE)


def test_trembling_alone_begins_nothing_and_never_ends_the_second_half() -> None:
    course = Course()
    course.plays(turning([60, 61] * 300))
    assert course.steps == []
    course.plays([message for value in range(20, 80) for message in ((0xB0, 8, value), (0xB0, 7, 60 + value % 2))])
    course.plays(turning([60, 61] * int(100 * LONGEST_S)))
    assert course.steps == [LearnStep.RIGHT_HEARD]
    course.plays([message for value in range(80, 20, -1) for message in ((0xB0, 8, value), (0xB0, 7, 60 + value % 2))])
    course.waits(COLLECT_S)
    assert course.learning.found == Learned(Control(Kind.CC, 1, 8), Encoding.ABSOLUTE)


def test_the_box_that_moved_first_has_it() -> None:
    course = Course()
    course.plays(turning([1] * 10, 16), "mini")
    course.plays(turning(range(0, 100)), "other")
    course.waits(COLLECT_S)
    assert (course.learning.box, course.learning.step) == ("mini", LearnStep.RIGHT_HEARD)
    course.plays(turning(range(100, 0, -1)), "other")
    course.waits(COLLECT_S)
    assert not course.learning.is_found


def test_nobody_who_turns_nothing_is_waited_for_without_an_end() -> None:
    course = Course()
    course.waits(NOTHING_S - 0.1)
    assert course.steps == []
    course.waits(0.2)
    assert course.steps == [LearnStep.CANCELLED]
    course.plays(turning(range(0, 100)))
    assert not course.learning.is_found
