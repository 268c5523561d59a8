"""Where the state has been: a ring of moments with a cursor, so that undo and redo are steps along it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from masterd.control.errors import NothingToUndo
from masterd.control.parameters import Value
from masterd.daemon.macros import Macros

STEPS = 100


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything an undo brings back. `base` are the values the preset had when it was loaded or saved, `macros` its curves."""

    values: Mapping[str, Value]
    preset: str
    base: Mapping[str, Value]
    macros: Macros = field(default_factory=dict)

    @property
    def dirty(self) -> bool:
        """Whether the values have left the preset."""
        return dict(self.values) != dict(self.base)

    def with_values(self, values: Mapping[str, Value]) -> Moment:
        """The same preset, other values."""
        return replace(self, values={**self.values, **values})


class History:
    """Moments in order, at most `steps` behind the present one; a new one cuts off what could have been redone."""

    def __init__(self, now: Moment, steps: int = STEPS) -> None:
        self.moments = [now]
        self.at = 0
        self.steps = steps

    @property
    def now(self) -> Moment:
        """The present."""
        return self.moments[self.at]

    def push(self, moment: Moment) -> None:
        """A step forward to something new."""
        self.moments[self.at + 1 :] = [moment]
        del self.moments[: -self.steps - 1]
        self.at = len(self.moments) - 1

    def amend(self, moment: Moment) -> None:
        """The present becomes `moment` without a step of its own; the future is cut off if the values differ."""
        if moment.values != self.now.values:
            del self.moments[self.at + 1 :]
        self.moments[self.at] = moment

    def peek(self, steps: int) -> Moment:
        """The moment `steps` ahead, or behind when negative; NothingToUndo when the history ends before."""
        if 0 <= self.at + steps < len(self.moments):
            return self.moments[self.at + steps]
        left = self.at if steps < 0 else len(self.moments) - 1 - self.at
        verb = "undo" if steps < 0 else "redo"
        raise NothingToUndo(f"cannot {verb} {abs(steps)} steps: {left} to {verb}")

    def move(self, steps: int) -> Moment:
        """Goes there."""
        moment = self.peek(steps)
        self.at += steps
        return moment
