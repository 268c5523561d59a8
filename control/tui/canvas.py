"""A plot of dots: two across and four down in each cell, as braille characters, with a role for each curve."""

from __future__ import annotations

from collections.abc import Sequence

from masterd.control.tui.cells import Line

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
BLANK = 0x2800


class Canvas:
    """`columns` x `rows` cells. Dots count from the top left; a cell takes the role of what was drawn into it last."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.dots_across, self.dots_down = 2 * columns, 4 * rows
        self._dots = [[0] * columns for _ in range(rows)]
        self._texts: list[list[str]] = [[""] * columns for _ in range(rows)]
        self._roles = [[" "] * columns for _ in range(rows)]

    def dot(self, x: int, y: int, role: str) -> None:
        """One dot; outside nothing happens."""
        if 0 <= x < self.dots_across and 0 <= y < self.dots_down:
            row, column = y // 4, x // 2
            self._dots[row][column] |= DOTS[y % 4][x % 2]
            self._roles[row][column] = role

    def curve(self, heights: Sequence[float | None], role: str) -> None:
        """A height in dots from the top for each dot across, joined by upright strokes; None is a gap."""
        before: int | None = None
        for x, height in enumerate(heights):
            if height is None:
                before = None
                continue
            y = min(max(round(height), 0), self.dots_down - 1)
            low, high = (y, y) if before is None else (min(before, y), max(before, y))
            for stroke in range(low + (low < high and before == low), high + 1 - (low < high and before == high)):
                self.dot(x, stroke, role)
            before = y

    def points(self, heights: Sequence[float | None], role: str) -> None:
        """As `curve`, without strokes."""
        for x, height in enumerate(heights):
            if height is not None:
                self.dot(x, min(max(round(height), 0), self.dots_down - 1), role)

    def text(self, column: int, row: int, text: str, role: str) -> None:
        """Writes over what is there."""
        for at, character in enumerate(text, column):
            if 0 <= at < self.columns and 0 <= row < self.rows:
                self._texts[row][at], self._roles[row][at] = character, role

    def under(self, row: int, role: str, character: str = "─") -> None:
        """A level line through a row, wherever nothing else is."""
        for column in range(self.columns):
            if not self._dots[row][column] and not self._texts[row][column]:
                self._texts[row][column], self._roles[row][column] = character, role

    def recast(self, row: int, roles: dict[str, str]) -> None:
        """Other roles in a row: what lies in a corridor has a background of its own."""
        self._roles[row] = [roles.get(role, role) for role in self._roles[row]]

    def line(self, row: int) -> Line:
        """A row to be painted."""
        texts, dots = self._texts[row], self._dots[row]
        characters = [text or (chr(BLANK + bits) if bits else " ") for text, bits in zip(texts, dots, strict=True)]
        return Line("".join(characters), "".join(self._roles[row]))
