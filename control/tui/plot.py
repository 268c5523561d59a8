"""Axes around a canvas: levels on the left, and how a value becomes a height."""

from __future__ import annotations

from collections.abc import Sequence

from masterd.control.tui.canvas import Canvas
from masterd.control.tui.cells import Line, joined, span

AXIS = 5
"""Cells left of a plot."""


class Scale:
    """From `low` at the bottom to `high` at the top of so many rows."""

    def __init__(self, low: float, high: float, rows: int) -> None:
        self.low, self.high, self.rows = low, high, rows

    def dots(self, value: float) -> float:
        """Height in dots from the top."""
        return (self.high - value) / (self.high - self.low) * (4 * self.rows - 1)

    def row(self, value: float) -> int:
        """The row in which the value is, held at the ends."""
        return min(max(int(self.dots(value) // 4), 0), self.rows - 1)

    def marks(self, steps: Sequence[float] = (1, 2, 3, 6, 10, 12, 20)) -> list[float]:
        """Round values, two rows or more apart."""
        step = next((it for it in steps if it * self.rows / (self.high - self.low) >= 2), steps[-1])
        first = int(self.low // step) * step
        return [mark for k in range(200) if self.low <= (mark := first + k * step) <= self.high]


def lines(canvas: Canvas, scale: Scale, marks: Sequence[float], signed: bool = False) -> list[Line]:
    """The canvas with numbers at its left."""
    labels = {scale.row(mark): f"{mark:+g}" if signed and mark else f"{mark:g}" for mark in marks}
    return [
        joined(span(labels.get(row, "").rjust(AXIS - 1), "d"), span("┤" if row in labels else "│", "d"), canvas.line(row))
        for row in range(canvas.rows)
    ]
