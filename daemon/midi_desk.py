"""What MIDI processes report and what is wanted of them: the daemon itself knows no MIDI. Pure; control thread.

A process that says nothing for SILENT_S is gone with its boxes. One control is learned at a time, in all processes until the
first of them hears a turn; then it is that one's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from masterd.control.errors import BadRequest, LearnBusy, NoMidiProcess, NotLearning
from masterd.control.protocol import LearnStep, MidiBox, MidiChanged, MidiLearning, MidiMoves, MidiProcess, MidiReport, MidiState

SILENT_S = 5.0
"""Processes report every 2 s."""
TAKEN_UP_WITHIN_S = 3.0
LEARNED_WITHIN_S = 120.0
MOST_PROCESSES = 16
MOST_BOXES = 32


@dataclass(slots=True)
class Reporter:
    """One process, as it was last heard of."""

    system: str
    boxes: list[MidiBox]
    heard_s: float


def taken_over(asked: MidiLearning | None, said: MidiLearning, process: str) -> MidiLearning:
    """What a process says of a learning, with what was asked for as it was; as long as all only listen it is nobody's."""
    assert asked
    kept = {"parameter": asked.parameter, "origin": asked.origin, "allow_unsafe": asked.allow_unsafe}
    return msgspec.structs.replace(said, process="" if said.step is LearnStep.LISTENING else process, **kept)


class MidiDesk:
    """`publish(kind, **fields)` makes an event of it."""

    def __init__(self, publish: Callable[..., object], clock: Callable[[], float] = time.monotonic) -> None:
        self.learning: MidiLearning | None = None
        self._publish = publish
        self._clock = clock
        self._reporters: dict[str, Reporter] = {}
        self._monitored_until_s = float("-inf")
        self._began_s = 0.0
        self._told = MidiState([], None, monitored=False)

    @property
    def state(self) -> MidiState:
        """What `midi.list` answers."""
        processes = [MidiProcess(name, it.system, it.boxes) for name, it in sorted(self._reporters.items())]
        return MidiState(processes, self.learning, self._clock() < self._monitored_until_s, self._told.revision)

    # people

    def learn(self, parameter: str, box: str, allow_unsafe: bool, origin: str) -> MidiLearning:
        """Begins, or NoMidiProcess, LearnBusy."""
        if not self._reporters:
            raise NoMidiProcess("no MIDI process reports to this daemon; start `masterctl midi run`, or set [midi] on = true")
        if self.learning and not self.learning.step.is_over:
            who = self.learning.origin or "somebody"
            raise LearnBusy(f"{self.learning.parameter} is being learned, for {who}; cancel that first")
        serial = self.learning.serial + 1 if self.learning else 1
        self._began_s = self._clock()
        self.learning = MidiLearning(
            serial=serial, parameter=parameter, step=LearnStep.ASKED, origin=origin, box=box, allow_unsafe=allow_unsafe
        )
        self._tell()
        return self.learning

    def confirm(self) -> MidiLearning:
        """The process may write, or NotLearning."""
        if self.learning is None or self.learning.step is not LearnStep.CONFLICT:
            raise NotLearning("no learning waits for a confirmation")
        return self._step(LearnStep.CONFIRMED)

    def cancel(self, why: str) -> MidiLearning | None:
        """Ends learning when it is under way."""
        if self.learning and not self.learning.step.is_over:
            self._step(LearnStep.CANCELLED, why)
        return self.learning

    def monitor(self, seconds: float) -> None:
        """Moves are told for so long from now."""
        self._monitored_until_s = max(self._monitored_until_s, self._clock() + seconds)
        self._tell()

    # processes

    def report(self, report: MidiReport) -> MidiState:
        """What a process says, or BadRequest; the state it leads to."""
        if report.gone:
            self._forget(report.origin)
            self._tell()
            return self.state
        reporter = self._reporter(report)
        reporter.heard_s = self._clock()
        if report.boxes is not None:
            reporter.system, reporter.boxes = report.system, report.boxes
        if report.learning and self._is_next(report.learning, report.origin):
            self.learning = taken_over(self.learning, report.learning, report.origin)
        if report.moves or report.missed:
            self._publish(MidiMoves, process=report.origin, moves=report.moves, missed=report.missed)
        self._tell()
        return self.state

    def _reporter(self, report: MidiReport) -> Reporter:
        if not report.origin:
            raise BadRequest("origin: a MIDI process must say its name")
        if len(report.boxes or ()) > MOST_BOXES:
            raise BadRequest(f"boxes: {len(report.boxes or ())}; at most {MOST_BOXES} are accepted")
        if report.origin not in self._reporters and len(self._reporters) >= MOST_PROCESSES:
            raise BadRequest(f"origin: {MOST_PROCESSES} MIDI processes report already")
        return self._reporters.setdefault(report.origin, Reporter("", [], 0.0))

    def _is_next(self, said: MidiLearning, process: str) -> bool:
        """Whether a process may take the learning there: it is this one, not over, and nobody else's. What was confirmed or
        cancelled meanwhile is not undone by a report that was under way."""
        now = self.learning
        if now is None or said.serial != now.serial or now.step.is_over:
            return False
        if now.step is LearnStep.CONFIRMED and not said.step.is_over:
            return False
        is_heard = now.step not in (LearnStep.ASKED, LearnStep.LISTENING)
        return not is_heard or now.process == process

    # time

    def tick(self) -> None:
        """Once a second: forgets who fell silent, and ends learning that nobody does."""
        now_s = self._clock()
        for name in [name for name, it in self._reporters.items() if now_s - it.heard_s > SILENT_S]:
            self._forget(name)
        if self.learning and self.learning.step is LearnStep.ASKED and now_s - self._began_s > TAKEN_UP_WITHIN_S:
            self.cancel(f"no MIDI process has a box {self.learning.box}".rstrip())
        if now_s - self._began_s > LEARNED_WITHIN_S:
            self.cancel("it took too long")
        self._tell()

    def _forget(self, name: str) -> None:
        self._reporters.pop(name, None)
        if self.learning and self.learning.process == name:
            self.cancel("the MIDI process that was learning is gone")
        if not self._reporters:
            self.cancel("no MIDI process is left")

    def _step(self, step: LearnStep, message: str = "") -> MidiLearning:
        assert self.learning
        self.learning = msgspec.structs.replace(self.learning, step=step, message=message)
        self._tell()
        return self.learning

    def _tell(self) -> None:
        """Publishes the state when it is another than was told last."""
        if (state := self.state) != self._told:
            state.revision += 1
            self._told = state
            self._publish(MidiChanged, state=state)
