"""A line of a pane before it is painted: characters, and beside each the role that decides its colour.

Two lines are compared as strings, so that only the columns that differ are sent to the terminal.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

ROLES = {
    " ": "plain",
    "d": "dim",
    "v": "value",
    "n": "name",
    "g": "level",
    "q": "rms",
    "y": "near",
    "r": "over",
    "h": "hold",
    "c": "mark",
    "a": "reduction",
    "e": "raise",
    "s": "short",
    "m": "momentary",
    "S": "short-in",
    "M": "momentary-in",
    "t": "corridor",
    "z": "zero",
    "l": "first",
    "k": "second",
    "p": "point",
    "i": "inverse",
    "w": "cursor",
    "o": "good",
}
"""What a role is called in the style sheet: `pane--ROLE`."""


class Line(NamedTuple):
    """As many roles as characters; every character is one cell wide."""

    text: str
    roles: str

    def fitted(self, cells: int) -> Line:
        """Cut, or filled up with blanks."""
        return Line(self.text[:cells].ljust(cells), self.roles[:cells].ljust(cells))

    def runs(self) -> Iterator[tuple[str, str]]:
        """Text and role of each stretch of one role."""
        at = 0
        for role, cells in groupby(self.roles):
            length = len(list(cells))
            yield self.text[at : at + length], role
            at += length


EMPTY = Line("", "")


def span(text: str, role: str = " ") -> Line:
    """All in one role."""
    return Line(text, role * len(text))


def joined(*parts: Line) -> Line:
    """One after the other."""
    return Line("".join(part.text for part in parts), "".join(part.roles for part in parts))


def beside(left: Line, right: Line, cells: int) -> Line:
    """The one at the left edge, the other at the right; the left one is cut where they would meet."""
    room = max(0, cells - len(right.text))
    return joined(left.fitted(room), right).fitted(cells)


def changed(before: Line, after: Line) -> tuple[int, int] | None:
    """First column that differs and how many from there to the last; None when the lines are alike."""
    if before == after:
        return None
    most = max(len(before.text), len(after.text))
    old, new = before.fitted(most), after.fitted(most)
    differs = [column for column in range(most) if old.text[column] != new.text[column] or old.roles[column] != new.roles[column]]
    return (differs[0], differs[-1] - differs[0] + 1) if differs else None
