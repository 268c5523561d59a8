"""What hands want of the daemon, on its way there: condensed, so that a flood of messages is a few requests. Pure.

Of a control's absolute values the newest wins, its relative ones add up, and everything that waits goes out together, at most
every PERIOD_S. What was turned before a command is sent before it.
"""

from __future__ import annotations

from collections.abc import Mapping

from masterd.control.parameters import Parameter, Value
from masterd.control.protocol import Adjust, Request, Set

PERIOD_S = 0.005
ASKED_S = 1.0
"""So long after an adjustment its event may come."""


class Wishes:
    """Also knows the daemon's values; they are empty while none is followed."""

    def __init__(self, origin: str) -> None:
        self.values: dict[str, Value] = {}
        self.preset, self.dirty = "", False
        self._origin = origin
        self._set: dict[float, dict[str, Value]] = {}
        self._adjust: dict[float, dict[str, float]] = {}
        self._expected: dict[str, Value] = {}
        self._queue: list[Request] = []
        self._touched: set[str] = set()
        self._sent: dict[str, Value] = {}
        self._adjusted_s: dict[str, float] = {}
        self._now_s = 0.0
        self._sent_s = float("-inf")

    def current(self, parameter: Parameter) -> Value:
        """The value with what waits to be sent, or was sent and is not confirmed yet."""
        id = parameter.id
        waiting = (values[id] for values in (*self._set.values(), self._expected) if id in values)
        return next(waiting, self.values[id])

    def put(self, id: str, value: Value, glide_ms: float) -> None:
        """`id` should be at `value`."""
        for waiting in self._set.values():
            waiting.pop(id, None)
        for amounts in self._adjust.values():
            amounts.pop(id, None)
        self._set.setdefault(glide_ms, {})[id] = value
        self._touched.add(id)

    def adjust(self, id: str, travel: float, glide_ms: float) -> None:
        """`id` should move by so much of its travel."""
        waiting = self._adjust.setdefault(glide_ms, {})
        waiting[id] = waiting.get(id, 0.0) + travel
        self._touched.add(id)

    def put_all(self, values: Mapping[str, Value], glide_ms: float) -> None:
        """Many at once, in a request of their own: knobs must pick them up."""
        self.ask(Set(values=dict(values), glide_ms=glide_ms, origin=self._origin))
        self._touched |= values.keys()

    def ask(self, request: Request) -> None:
        """A command, after everything that was wanted before it."""
        self._flush()
        self._queue.append(request)

    def all_current(self) -> dict[str, Value]:
        """All values with what waits to be sent, or was sent and is not confirmed yet."""
        waiting = {id: value for values in self._set.values() for id, value in values.items()}
        return self.values | self._expected | waiting

    def take_touched(self) -> set[str]:
        """The parameters that were moved since this was asked last."""
        touched, self._touched = self._touched, set()
        return touched

    def requests(self, now_s: float) -> list[Request]:
        """What to ask of the daemon now."""
        self._now_s = now_s
        if now_s - self._sent_s < PERIOD_S:
            return []
        self._flush()
        out, self._queue = self._queue, []
        if out:
            self._sent_s = now_s
        return out

    def has_asked(self, id: str, value: Value, cause: str) -> bool:
        """Whether a request of ours brought `id` to `value`: no news to the hand. What a macro drives is news."""
        if cause == "set":
            return self._sent.get(id) == value
        return cause == "adjust" and self._now_s - self._adjusted_s.get(id, float("-inf")) < ASKED_S

    def follow(self, values: Mapping[str, Value], preset: str, dirty: bool) -> None:
        """The daemon's whole state."""
        self.values = dict(values)
        self.preset, self.dirty = preset, dirty
        self._expected.clear()

    def confirm(self, values: Mapping[str, Value], preset: str, dirty: bool) -> None:
        """The daemon has moved to `values`."""
        self.values |= values
        self.preset, self.dirty = preset, dirty
        for id in values:
            self._expected.pop(id, None)

    def refused(self) -> None:
        """The daemon did not do what a request asked."""
        self._expected.clear()

    def drop(self) -> None:
        """The daemon is gone. What was wanted of it must not go on air when it comes back."""
        self.values = {}
        self._expected.clear()
        self._set.clear()
        self._adjust.clear()
        self._queue.clear()

    def _flush(self) -> None:
        for glide_ms, values in self._set.items():
            if values:
                self._expected |= values
                self._sent |= values
                self._queue.append(Set(values=values, glide_ms=glide_ms, origin=self._origin))
        for glide_ms, amounts in self._adjust.items():
            if amounts:
                self._adjusted_s |= dict.fromkeys(amounts, self._now_s)
                self._queue.append(Adjust(values=amounts, travel=True, glide_ms=glide_ms, origin=self._origin))
        self._set, self._adjust = {}, {}
