"""The course of learning, from the question to what is written: a gesture of a person, in steps that others watch. Pure; time
comes from outside.

    listening --a control moved for COLLECT_S and rests--> right_heard --the same to the left--> found
         \\--------------- a button, or 14 bits: nothing is left to tell ------------------------/
"""

from __future__ import annotations

from collections.abc import Sequence

from masterd.control.midi.learn import Learned, Learner
from masterd.control.protocol import LearnStep

COLLECT_S = 0.7
REST_S = 0.15
"""A turn to the right is over when the box is quiet for so long: its last messages must not be taken for turning left."""
LONGEST_S = 4.0
"""But a box that is never quiet is not waited for longer."""
NOTHING_S = 30.0


class Learning:
    """Learns one control on one of several boxes, by name: the first on which something moves."""

    def __init__(self, now_s: float, collect_s: float = COLLECT_S) -> None:
        self.step = LearnStep.LISTENING
        self.box = ""
        self.found: Learned | None = None
        """What it is as far as known; final once `is_found`."""
        self.is_found = False
        self._collect_s = collect_s
        self._learners: dict[str, Learner] = {}
        self._first_s: dict[str, float] = {}
        self._last_s: dict[str, float] = {}
        self._stepped_s = now_s

    def hear(self, box: str, message: Sequence[int], now_s: float) -> None:
        """A message came from a box."""
        if self.is_found or (self.box and box != self.box):
            return
        if self._learners.setdefault(box, Learner()).feed(message, now_s):
            self._first_s.setdefault(box, now_s)
            self._last_s[box] = now_s

    def advance(self, now_s: float) -> bool:
        """Goes on as time does; whether something is new."""
        if self.is_found or self.step.is_over:
            return False
        if now_s - self._stepped_s > NOTHING_S:
            self.step = LearnStep.CANCELLED
            return True
        return any(self._judge(box, now_s) for box in [box for box in self._first_s if self._is_collected(box, now_s)])

    def _is_collected(self, box: str, now_s: float) -> bool:
        since_s = now_s - self._first_s[box]
        is_quiet = now_s - self._last_s[box] >= REST_S
        return since_s >= self._collect_s and (is_quiet or since_s >= LONGEST_S or self.step is LearnStep.RIGHT_HEARD)

    def _judge(self, box: str, now_s: float) -> bool:
        learner = self._learners[box]
        found = learner.found()
        if self.step is LearnStep.RIGHT_HEARD:
            if found is None or learner.needs_left(found):
                return False  # what came was the trembling of another
        elif found is None:
            del self._learners[box], self._first_s[box]
            return False
        self.box, self.found, self._stepped_s = box, found, now_s
        if learner.needs_left(found):
            learner.now_left()
            self.step = LearnStep.RIGHT_HEARD
            self._first_s.clear()
        else:
            self.is_found = True
        return True
