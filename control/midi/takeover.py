"""How a knob takes over a parameter that stands elsewhere: somebody else moved it, a preset came, another bank.

    jump       the parameter goes where the knob stands
    pickup     the knob does nothing until it meets the parameter's value
    scale      the knob turns at once, and both reach the ends together
    relative   the knob's movement is added
    motor      the knob is where the parameter is, since it was put there

A knob that picks up catches when it stood or comes within TOLERANCE of the value, or crosses it, however fast. Where it stood is
remembered, so that crossing works from the first turn.
"""

from __future__ import annotations

import enum

TOLERANCE = 3 / 128
"""Of the whole travel; the width of a finger on a 7-bit knob."""


class Mode(enum.StrEnum):
    """The ways."""

    JUMP = "jump"
    PICKUP = "pickup"
    SCALE = "scale"
    RELATIVE = "relative"
    MOTOR = "motor"


class Takeover:
    """One knob. Positions are 0..1 of the parameter's travel on it."""

    def __init__(self) -> None:
        self.stands_at: float | None = None
        self._caught = False

    def turn(self, mode: Mode, position: float, current: float, tolerance: float = TOLERANCE) -> float | None:
        """Where the parameter, which is at `current`, goes when the knob comes to `position`; None when it stays."""
        before, self.stands_at = self.stands_at, position
        match mode:
            case Mode.JUMP | Mode.MOTOR:
                return position
            case Mode.RELATIVE:
                return None if before is None else min(max(current + position - before, 0.0), 1.0)
            case Mode.SCALE:
                return None if before is None else min(max(scaled(before, position, current), 0.0), 1.0)
        self._caught = self._caught or meets(before, position, current, tolerance)
        return position if self._caught else None

    def is_waiting(self, mode: Mode, current: float, tolerance: float = TOLERANCE) -> bool:
        """Whether turning does nothing yet: the knob must come to `current` first."""
        if mode is not Mode.PICKUP or self._caught:
            return False
        return self.stands_at is None or abs(self.stands_at - current) > tolerance

    def release(self) -> None:
        """Somebody else moved the parameter, or the knob has another one."""
        self._caught = False

    def forget(self) -> None:
        """The box was away: nobody knows where the knob stands."""
        self.stands_at = None
        self.release()


def meets(before: float | None, position: float, current: float, tolerance: float) -> bool:
    """Whether a knob that went from `before` to `position` met `current`."""
    was_close = before is not None and abs(before - current) <= tolerance
    is_close = abs(position - current) <= tolerance
    has_crossed = before is not None and (before - current) * (position - current) < 0
    return was_close or is_close or has_crossed


def scaled(before: float, position: float, current: float) -> float:
    """The way left to the end that the knob goes towards, shared out over the way the knob has left to it."""
    if position > before:
        return current + (1 - current) * (position - before) / (1 - before)
    return current - current * (before - position) / before if position < before else current
