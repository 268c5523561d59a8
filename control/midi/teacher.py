"""Learning as the daemon tells of it: takes up what was asked, says every step, writes when nothing or nobody objects. Pure but
for the writing, which the boxes do."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from masterd.control.errors import MasterdError
from masterd.control.midi.learn import Learned
from masterd.control.midi.learning import COLLECT_S, NOTHING_S, Learning
from masterd.control.parameters import Parameter, parameter
from masterd.control.protocol import LearnStep, MidiLearning

log = logging.getLogger(__name__)


class Writer(Protocol):
    """A box whose map can be written to."""

    def replaces(self, learned: Learned, target: Parameter) -> list[str]:
        """What the control does now and would not do any more."""

    def write(self, learned: Learned, target: Parameter, allow_unsafe: bool) -> None:
        """Binds the control to the parameter, and works by that at once. BadMap, MapNotWritten."""


class Teacher:
    """The learning that is under way in this process, if any. `boxes` are those it may be on, by name."""

    def __init__(self, process: str, collect_s: float = COLLECT_S) -> None:
        self.process = process
        self._collect_s = collect_s
        self._asked: MidiLearning | None = None
        self._boxes: Mapping[str, Writer] = {}
        self._learning: Learning | None = None
        self._said: MidiLearning | None = None
        self._over_serial = 0

    @property
    def is_busy(self) -> bool:
        """Whether a gesture is awaited or heard."""
        return self._asked is not None

    def listens_to(self, box: str) -> bool:
        """Whether what comes from that box is learned from, and turns nothing."""
        return self._learning is not None and self._learning.box in ("", box) and box in self._boxes

    def wants(self, said: MidiLearning | None) -> bool:
        """Whether the daemon tells of a learning that is new here and that this process may take up."""
        return said is not None and not said.step.is_over and said.process == "" and said.serial != self._serial

    @property
    def _serial(self) -> int:
        return self._asked.serial if self._asked else self._over_serial

    def begin(self, said: MidiLearning, boxes: Mapping[str, Writer], now_s: float) -> None:
        """Takes it up on these boxes, or on other ones from now on; with none it is left to other processes, and to boxes that
        come."""
        if not boxes:
            return
        self._over_serial = said.serial
        if self._learning:
            self._boxes = boxes
        else:
            self._asked, self._boxes = said, boxes
            self._learning = Learning(now_s, self._collect_s)
            self._say(LearnStep.LISTENING)

    def follow(self, said: MidiLearning | None) -> None:
        """What the daemon says of the learning under way: confirmed, cancelled, or another process's."""
        if self._asked is None:
            return
        is_other = said is None or said.serial != self._asked.serial or said.process not in ("", self.process)
        if is_other or (said is not None and said.step.is_over):
            self._say(LearnStep.CANCELLED)
            self._end()
        elif said is not None and said.step is LearnStep.CONFIRMED:
            self._write()

    def forget(self) -> None:
        """The daemon is gone, or another one is there: it counts learnings anew."""
        self.follow(None)
        self._over_serial = 0
        self._said = None

    def hear(self, box: str, message: Sequence[int], now_s: float) -> None:
        """A message came from a box that is listened to."""
        if self._learning:
            self._learning.hear(box, message, now_s)

    def advance(self, now_s: float) -> None:
        """Goes on as time does."""
        if self._learning is None or not self._learning.advance(now_s):
            return
        if self._learning.step is LearnStep.CANCELLED:
            self._say(LearnStep.CANCELLED, message=f"nothing moved for {NOTHING_S:g} s")
            self._end()
        elif not self._learning.is_found:
            self._say(self._learning.step)
        else:
            self._found()

    def take_report(self) -> MidiLearning | None:
        """The newest step that the daemon has not been told."""
        said, self._said = self._said, None
        return said

    def _found(self) -> None:
        assert self._learning
        assert self._learning.found
        assert self._asked
        if gone := self._boxes[self._learning.box].replaces(self._learning.found, parameter(self._asked.parameter)):
            self._asked.replaces = gone
            self._say(LearnStep.CONFLICT)
        else:
            self._write()

    def _write(self) -> None:
        if self._learning is None or self._learning.found is None or self._asked is None:
            return
        target, found = parameter(self._asked.parameter), self._learning.found
        try:
            self._boxes[self._learning.box].write(found, target, self._asked.allow_unsafe)
        except MasterdError as error:
            self._say(LearnStep.CANCELLED, message=str(error))
        else:
            log.info("learned: %s on %s turns %s", found.control, self._learning.box, target.id)
            self._say(LearnStep.LEARNED)
        self._end()

    def _say(self, step: LearnStep, message: str = "") -> None:
        assert self._asked
        found = self._learning.found if self._learning else None
        heard = {"control": str(found.control), "encoding": found.speech} if found else {}
        box = self._learning.box if self._learning else ""
        self._said = msgspec.structs.replace(
            self._asked, step=step, process=self.process, box=box or self._asked.box, message=message, **heard
        )

    def _end(self) -> None:
        self._asked = self._learning = None
