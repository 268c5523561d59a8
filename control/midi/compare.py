"""A and B: two memories of all values, A as it was when a preset came or the box, B as it is now. Pure.

A press goes to the other one and takes along what was changed at this one. What decides how loud the air gets stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from masterd.control.parameters import PARAMETERS, Value, is_unsafe


class Compare:
    """Begins at B, with nothing in A."""

    def __init__(self) -> None:
        self.is_at_a = False
        self._other: dict[str, Value] = {}

    def begin(self, values: Mapping[str, Value]) -> None:
        """A is `values`, and what comes is B."""
        self.is_at_a = False
        self._other = dict(values)

    def press(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """What to set to be at the other one, when `values` is now."""
        there, self._other = self._other, dict(values)
        self.is_at_a = not self.is_at_a
        return {id: value for id, value in there.items() if is_compared(id) and id in values and values[id] != value}


def is_compared(id: str) -> bool:
    """Whether A and B may differ in it: a parameter that is known here, and does not decide how loud the air gets."""
    return id in PARAMETERS and not is_unsafe(PARAMETERS[id])
