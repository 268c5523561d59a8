"""A and B: two complete sets of values, of which one is on air and the other waits."""

from __future__ import annotations

from collections.abc import Mapping

from masterd.control.parameters import Value

SIDES = "AB"


class Compare:
    """Whoever switches for the first time leaves a copy behind to come back to."""

    def __init__(self) -> None:
        self.on_air = "A"
        self._waiting: dict[str, Value] | None = None

    @property
    def is_used(self) -> bool:
        """Whether there is anything to compare with."""
        return self._waiting is not None

    @property
    def other(self) -> str:
        """The side that is not on air."""
        return SIDES[1 - SIDES.index(self.on_air)]

    def wanted(self, now: Mapping[str, Value]) -> dict[str, Value]:
        """What to set so that the other side is on air; nothing when it is alike, or was never there. Of its values those that
        differ, and all of them where a macro does: its knob would move others, and what is named beside it wins."""
        waiting = {id: value for id, value in (self._waiting or {}).items() if id in now}
        differing = {id: value for id, value in waiting.items() if now[id] != value}
        return waiting if any(id.startswith("macro.") for id in differing) else differing

    def switched(self, left: Mapping[str, Value]) -> None:
        """The other side is on air; `left` are the complete values of the one before, which wait now."""
        self._waiting, self.on_air = dict(left), self.other
