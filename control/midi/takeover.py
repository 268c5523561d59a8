"""Pick-up: a knob that stands elsewhere than its parameter does nothing until it meets the parameter's value.

A knob catches when it stood or comes within TOLERANCE of the value, or crosses it. It loses its hold when somebody else moves the
parameter: another client, a preset, undo. Where the knob stood is remembered, so that crossing works from the first turn.
"""

from __future__ import annotations

TOLERANCE = 3 / 128
"""Of the whole travel; the width of a finger on a 7-bit knob."""


class Takeover:
    """One knob and one parameter. Positions are 0..1 of the knob's travel."""

    def __init__(self, jump: bool = False, tolerance: float = TOLERANCE) -> None:
        self.caught = jump
        self.stands_at: float | None = None
        self._jump = jump
        self._tolerance = tolerance

    def accepts(self, position: float, current: float) -> bool:
        """Whether a knob now at `position` turns its parameter, which is at `current`."""
        before, self.stands_at = self.stands_at, position
        if not self.caught:
            was_close = before is not None and abs(before - current) <= self._tolerance
            is_close = abs(position - current) <= self._tolerance
            has_crossed = before is not None and (before - current) * (position - current) < 0
            self.caught = was_close or is_close or has_crossed
        return self.caught

    def release(self) -> None:
        """Somebody else moved the parameter."""
        self.caught = self._jump

    def forget(self) -> None:
        """The box was away: nobody knows where the knob stands."""
        self.stands_at = None
        self.release()
