"""What MIDI processes report and what is wanted of them, without a socket; time passes when told to."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from masterd.control.errors import BadRequest, LearnBusy, NoMidiProcess, NotLearning
from masterd.control.protocol import LearnStep, MidiBox, MidiChanged, MidiLearning, MidiMove, MidiMoves, MidiReport
from masterd.daemon.midi_desk import LEARNED_WITHIN_S, MOST_BOXES, MOST_PROCESSES, SILENT_S, TAKEN_UP_WITHIN_S, MidiDesk

BOX = MidiBox(name="mini", port="X-TOUCH MINI", profile="generic", state="ready")
DRIVE = "limiter.drive_db"


class Told:
    """A desk, what it published, and a clock."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.events: list[tuple[type, dict[str, Any]]] = []
        self.desk = MidiDesk(lambda kind, **fields: self.events.append((kind, fields)), lambda: self.now_s)

    def report(self, process: str = "studio", **fields: Any) -> None:
        self.desk.report(MidiReport(origin=process, **fields))

    def says(self, step: LearnStep, process: str = "studio", **fields: Any) -> None:
        """A process says how far its learning is."""
        assert self.desk.learning
        self.report(process, learning=msgspec.structs.replace(self.desk.learning, step=step, **fields))

    @property
    def step(self) -> LearnStep:
        assert self.desk.learning
        return self.desk.learning.step


@pytest.fixture
def told() -> Told:
    made = Told()
    made.report(boxes=[BOX])
    return made


def begun(told: Told) -> MidiLearning:
    return told.desk.learn(DRIVE, "", False, "web")


def test_a_process_is_there_until_it_falls_silent(told: Told) -> None:
    told.now_s += SILENT_S - 0.1
    told.desk.tick()
    assert [it.process for it in told.desk.state.processes] == ["studio"]
    told.report()
    told.now_s += SILENT_S + 0.1
    told.desk.tick()
    assert told.desk.state.processes == []
    kind, fields = told.events[-1]
    assert kind is MidiChanged
    assert fields["state"].processes == []


def test_a_process_that_takes_leave_is_gone_at_once_with_what_it_learned(told: Told) -> None:
    begun(told)
    told.says(LearnStep.RIGHT_HEARD)
    told.report(gone=True)
    assert told.desk.state.processes == []
    assert told.step is LearnStep.CANCELLED


def test_what_is_not_new_is_not_told(told: Told) -> None:
    before = len(told.events)
    told.report(boxes=[BOX])
    told.report()
    told.desk.tick()
    assert len(told.events) == before
    told.report(boxes=[msgspec.structs.replace(BOX, state="lost")])
    assert len(told.events) == before + 1


def test_learning_goes_its_way_and_everybody_is_told(told: Told) -> None:
    begun(told)
    told.says(LearnStep.LISTENING)
    told.says(LearnStep.RIGHT_HEARD, control="cc 16 channel 1")
    told.says(LearnStep.CONFLICT, control="cc 16 channel 1", replaces=["eq.1.gain_db"])
    assert told.desk.confirm().step is LearnStep.CONFIRMED
    told.says(LearnStep.LEARNED, control="cc 16 channel 1")
    steps = [fields["state"].learning.step for kind, fields in told.events if kind is MidiChanged and fields["state"].learning]
    assert steps == ["asked", "listening", "right_heard", "conflict", "confirmed", "learned"]
    assert told.desk.learning is not None
    assert (told.desk.learning.process, told.desk.learning.origin) == ("studio", "web")


def test_one_control_at_a_time(told: Told) -> None:
    begun(told)
    with pytest.raises(LearnBusy, match=r"limiter\.drive_db.*web"):
        told.desk.learn("eq.1.gain_db", "", False, "tablet")
    told.desk.cancel("by web")
    assert told.desk.learn("eq.1.gain_db", "", False, "tablet").serial == 2


def test_nobody_to_learn_is_told_at_once_and_nobody_with_such_a_box_soon(told: Told) -> None:
    with pytest.raises(NoMidiProcess):
        Told().desk.learn(DRIVE, "", False, "web")
    told.desk.learn(DRIVE, "BCR2000", False, "web")
    told.now_s += TAKEN_UP_WITHIN_S + 0.1
    told.desk.tick()
    assert told.step is LearnStep.CANCELLED
    assert "BCR2000" in told.desk.learning.message  # type: ignore[union-attr]


def test_the_process_that_heard_the_turn_has_it(told: Told) -> None:
    told.report("attic", boxes=[])
    begun(told)
    told.says(LearnStep.LISTENING, "attic")
    told.says(LearnStep.LISTENING, "studio")
    told.says(LearnStep.RIGHT_HEARD, "studio", control="cc 1")
    told.says(LearnStep.RIGHT_HEARD, "attic", control="cc 2")
    told.says(LearnStep.CANCELLED, "attic")
    assert told.step is LearnStep.RIGHT_HEARD
    assert told.desk.learning.control == "cc 1"  # type: ignore[union-attr]


def test_a_report_that_was_under_way_undoes_nothing(told: Told) -> None:
    first = begun(told)
    told.says(LearnStep.CONFLICT)
    told.desk.confirm()
    told.says(LearnStep.CONFLICT)
    assert told.step is LearnStep.CONFIRMED
    told.desk.cancel("by web")
    told.says(LearnStep.LEARNED)
    assert told.step is LearnStep.CANCELLED
    begun(told)
    told.report(learning=msgspec.structs.replace(first, step=LearnStep.LEARNED))
    assert told.step is LearnStep.ASKED


def test_a_process_cannot_change_what_was_asked_for(told: Told) -> None:
    begun(told)
    told.says(LearnStep.LISTENING, parameter="output.trim_db", allow_unsafe=True, origin="me")
    learning = told.desk.learning
    assert learning
    assert (learning.parameter, learning.allow_unsafe, learning.origin) == (DRIVE, False, "web")


def test_learning_ends_with_its_process_and_in_any_case(told: Told) -> None:
    begun(told)
    told.says(LearnStep.RIGHT_HEARD)
    told.now_s += SILENT_S + 0.1
    told.desk.tick()
    assert told.step is LearnStep.CANCELLED
    told.report(boxes=[BOX])
    begun(told)
    told.says(LearnStep.LISTENING)
    for _ in range(int(LEARNED_WITHIN_S / 2) + 1):
        told.now_s += 2
        told.report()
        told.desk.tick()
    assert told.step is LearnStep.CANCELLED


def test_only_a_conflict_can_be_confirmed(told: Told) -> None:
    with pytest.raises(NotLearning):
        told.desk.confirm()
    begun(told)
    with pytest.raises(NotLearning):
        told.desk.confirm()
    assert told.desk.cancel("") is not None
    assert told.desk.cancel("") is not None  # twice is no error


def test_moves_are_passed_on_and_monitoring_ends(told: Told) -> None:
    told.desk.monitor(5)
    assert told.desk.state.monitored
    told.report(moves=[MidiMove("mini", "B0 10 01")], missed=3)
    kind, fields = told.events[-1]
    assert (kind, fields["missed"], fields["process"]) == (MidiMoves, 3, "studio")
    told.now_s += 5
    told.desk.tick()
    assert not told.desk.state.monitored
    assert told.events[-1][0] is MidiChanged


def test_reports_are_bounded(told: Told) -> None:
    with pytest.raises(BadRequest, match="origin"):
        told.report("")
    with pytest.raises(BadRequest, match="boxes"):
        told.report(boxes=[BOX] * (MOST_BOXES + 1))
    for number in range(1, MOST_PROCESSES):
        told.report(f"process {number}", boxes=[])
    with pytest.raises(BadRequest, match="origin"):
        told.report("one more", boxes=[])
