"""Learning between a MIDI process and the daemon's own desk, without a socket: every step arrives, conflicts are asked about."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from masterd.control.errors import MasterdError
from masterd.control.midi.learn import Learned
from masterd.control.midi.learning import COLLECT_S, REST_S
from masterd.control.midi.newest import Newest
from masterd.control.midi.reports import ALIVE_S, BOXES_S, MOST_MOVES, MOVES_S, Reports
from masterd.control.midi.teacher import Teacher
from masterd.control.parameters import Parameter
from masterd.control.protocol import LearnStep, MidiBox, MidiMove, MidiReport, MidiState
from masterd.daemon.midi_desk import MidiDesk

DRIVE = "limiter.drive_db"


@dataclass
class Map:
    """A box whose map is a dictionary."""

    does: dict[str, str] = field(default_factory=dict)
    refuses: str = ""

    def replaces(self, learned: Learned, target: Parameter) -> list[str]:
        before = self.does.get(str(learned.control))
        return [before] if before and before != target.id else []

    def write(self, learned: Learned, target: Parameter, allow_unsafe: bool) -> None:
        if self.refuses:
            raise MasterdError(self.refuses)
        self.does[str(learned.control)] = target.id


class Rig:
    """A desk and a process with boxes. What the desk publishes is heeded after `late_s`, what it answers at once."""

    def __init__(self, **maps: Map) -> None:
        self.now_s = 10.0
        self.late_s = 0.0
        self.steps: list[LearnStep] = []
        self.under_way: deque[tuple[float, MidiState]] = deque()
        self.maps = maps or {"mini": Map()}
        self.desk = MidiDesk(self.published, lambda: self.now_s)
        self.teacher = Teacher("studio")
        self.newest = Newest()
        self.desk.report(MidiReport(origin="studio", boxes=[]))

    def published(self, kind: type, **fields: Any) -> None:
        state: MidiState = fields["state"]
        self.under_way.append((self.now_s + self.late_s, state))
        if state.learning and (not self.steps or self.steps[-1] != state.learning.step):
            self.steps.append(state.learning.step)

    def heeds(self, state: MidiState) -> None:
        """What the process does with an event or an answer."""
        if not self.newest.accepts(state):
            return
        self.teacher.follow(state.learning)
        if state.learning and self.teacher.wants(state.learning):
            self.teacher.begin(state.learning, self.maps, self.now_s)

    def reports(self) -> None:
        self.heeds(self.desk.report(MidiReport(origin="studio", learning=self.teacher.take_report())))

    def turns(self) -> None:
        """A round of the process."""
        while self.under_way and self.under_way[0][0] <= self.now_s:
            self.heeds(self.under_way.popleft()[1])
        self.teacher.advance(self.now_s)
        self.reports()
        self.now_s += 0.01

    def waits(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.turns()

    def plays(self, values: Iterable[int], box: str = "mini") -> None:
        for value in values:
            self.turns()
            if self.teacher.listens_to(box):
                self.teacher.hear(box, (0xB0, 7, value), self.now_s)
        self.waits(COLLECT_S + REST_S)

    def gesture(self) -> None:
        self.desk.learn(DRIVE, "", False, "web")
        self.waits(0.05)
        self.plays(range(30, 90))
        self.plays(range(90, 30, -1))


def test_a_control_that_is_free_is_learned_step_by_step() -> None:
    rig = Rig()
    rig.gesture()
    assert rig.steps == [LearnStep.ASKED, LearnStep.LISTENING, LearnStep.RIGHT_HEARD, LearnStep.LEARNED]
    assert rig.maps["mini"].does == {"cc 7 channel 1": DRIVE}
    assert rig.desk.learning
    assert (rig.desk.learning.box, rig.desk.learning.control) == ("mini", "cc 7 channel 1")


def test_one_that_does_something_is_asked_about_first() -> None:
    rig = Rig(mini=Map({"cc 7 channel 1": "eq.1.gain_db"}))
    rig.gesture()
    assert rig.steps[-1] is LearnStep.CONFLICT
    assert rig.desk.learning
    assert rig.desk.learning.replaces == ["eq.1.gain_db"]
    assert rig.maps["mini"].does == {"cc 7 channel 1": "eq.1.gain_db"}
    rig.desk.confirm()
    rig.waits(0.05)
    assert rig.steps[-2:] == [LearnStep.CONFIRMED, LearnStep.LEARNED]
    assert rig.maps["mini"].does == {"cc 7 channel 1": DRIVE}


def test_what_it_does_already_is_no_conflict() -> None:
    rig = Rig(mini=Map({"cc 7 channel 1": DRIVE}))
    rig.gesture()
    assert rig.steps[-1] is LearnStep.LEARNED


def test_cancelled_it_writes_nothing_and_the_box_is_free_again() -> None:
    rig = Rig(mini=Map({"cc 7 channel 1": "eq.1.gain_db"}))
    rig.gesture()
    rig.desk.cancel("by web")
    rig.waits(0.05)
    assert not rig.teacher.is_busy
    assert not rig.teacher.listens_to("mini")
    assert rig.maps["mini"].does == {"cc 7 channel 1": "eq.1.gain_db"}
    rig.gesture()
    assert rig.steps[-1] is LearnStep.CONFLICT


def test_a_map_that_cannot_be_written_is_told() -> None:
    rig = Rig(mini=Map(refuses="the disk is full"))
    rig.gesture()
    assert rig.desk.learning
    assert (rig.desk.learning.step, rig.desk.learning.message) == (LearnStep.CANCELLED, "the disk is full")


def test_the_other_boxes_turn_again_once_one_is_heard() -> None:
    rig = Rig(mini=Map(), other=Map())
    rig.desk.learn(DRIVE, "", False, "web")
    rig.waits(0.05)
    assert rig.teacher.listens_to("other")
    rig.plays(range(30, 90))
    assert (rig.teacher.listens_to("mini"), rig.teacher.listens_to("other")) == (True, False)


def test_a_box_that_comes_while_it_is_asked_is_learned_on() -> None:
    rig = Rig()
    rig.maps = {}
    rig.desk.learn(DRIVE, "", False, "web")
    rig.waits(0.5)
    assert rig.steps == [LearnStep.ASKED]
    rig.maps = {"mini": Map()}
    rig.waits(0.05)
    assert rig.steps == [LearnStep.ASKED, LearnStep.LISTENING]


def test_what_another_process_heard_is_left_to_it() -> None:
    rig = Rig()
    rig.desk.report(MidiReport(origin="attic", boxes=[]))
    learning = rig.desk.learn(DRIVE, "", False, "web")
    rig.waits(0.05)
    learning.step = LearnStep.RIGHT_HEARD
    rig.desk.report(MidiReport(origin="attic", learning=learning))
    rig.waits(0.05)
    assert not rig.teacher.is_busy
    assert rig.desk.learning
    assert (rig.desk.learning.process, rig.desk.learning.step) == ("attic", LearnStep.RIGHT_HEARD)


def test_another_daemon_counts_anew_and_is_learned_for_too() -> None:
    rig = Rig()
    rig.gesture()
    rig.desk = MidiDesk(rig.published, lambda: rig.now_s)
    rig.desk.report(MidiReport(origin="studio", boxes=[]))
    rig.teacher.forget()
    rig.newest.forget()
    rig.steps.clear()
    rig.gesture()
    assert rig.steps == [LearnStep.ASKED, LearnStep.LISTENING, LearnStep.RIGHT_HEARD, LearnStep.LEARNED]


def test_events_that_an_answer_has_overtaken_end_nothing() -> None:
    rig = Rig()
    rig.gesture()
    rig.late_s = 0.3
    rig.desk.report(MidiReport(origin="studio", boxes=[BOX]))  # told in an event that says: the first learning is over
    rig.desk.learn("eq.1.gain_db", "", False, "web")
    rig.reports()
    assert rig.teacher.is_busy
    rig.waits(0.6)
    assert rig.teacher.is_busy
    assert rig.steps[-1] is LearnStep.LISTENING


# reports

BOX = MidiBox(name="mini", port="X-TOUCH MINI", profile="generic", state="ready")


def test_a_process_says_what_is_new_and_that_it_is_there() -> None:
    reports, boxes = Reports("studio"), [BOX]

    def due(now_s: float) -> MidiReport | None:
        return reports.due(now_s, None, lambda: ("JACK", boxes))

    first = due(0.0)
    assert first
    assert (first.origin, first.system, first.boxes) == ("studio", "JACK", [BOX])
    assert due(BOXES_S) is None
    alive = due(ALIVE_S)
    assert alive
    assert alive.boxes is None
    boxes[:] = [MidiBox(name="mini", port="X-TOUCH MINI", profile="generic", state="lost")]
    assert due(ALIVE_S + BOXES_S / 2) is None
    lost = due(ALIVE_S + BOXES_S)
    assert lost
    assert lost.boxes == boxes
    reports.forget()
    again = due(ALIVE_S + BOXES_S)
    assert again
    assert again.boxes == boxes


def test_of_many_moves_the_newest_of_each_control_are_told_and_the_rest_counted() -> None:
    reports = Reports("studio")
    reports.due(0.0, None, lambda: ("JACK", []))
    for at in range(3 * MOST_MOVES):
        reports.moved(MidiMove("mini", "B0", f"cc {at % 2}", at + 1))
    report = reports.due(MOVES_S, None, lambda: ("JACK", []))
    assert report
    assert ([move.value for move in report.moves], report.missed) == (
        [3 * MOST_MOVES - 1, 3 * MOST_MOVES],
        3 * MOST_MOVES - 2,
    )
    reports.moved(MidiMove("mini", "B0", "cc 1", 1))
    assert reports.due(1.5 * MOVES_S, None, lambda: ("JACK", [])) is None  # no more often than that
    for at in range(2 * MOST_MOVES):
        reports.moved(MidiMove("mini", "B0", f"cc {at}", at))
    report = reports.due(3 * MOVES_S, None, lambda: ("JACK", []))
    assert report
    assert len(report.moves) == MOST_MOVES
