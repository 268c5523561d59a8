"""Who changed what, alarms, and what the sound card did; the newest last."""

from __future__ import annotations

import textwrap
from typing import ClassVar

from textual.binding import Binding, BindingType

from masterd.control.tui.cells import Line, joined, span
from masterd.control.tui.list_pane import ListPane
from masterd.control.tui.log_book import Entry
from masterd.control.tui.station import Station

MARKS = {
    "change": (" ", " "),
    "guard": ("◆", "y"),
    "alarm": ("▲", "r"),
    "over": ("✓", "o"),
    "host": ("♪", " "),
    "link": ("·", "d"),
}
FILTERS = ("all", "changes", "alarms")
KINDS = {"changes": {"change", "guard"}, "alarms": {"alarm", "over", "host", "link"}}
WHO, ROOMY = 22, 90
DETAIL_ROWS = 3


class EventLog(ListPane):
    """Follows the newest entry unless the operator has gone back."""

    TITLE = "EVENTS"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f", "filter", "filter", show=False)]

    def __init__(self, station: Station, id: str | None = None) -> None:
        super().__init__(station, id)
        self.filter = FILTERS[0]
        self._key: tuple[object, ...] = ()
        self._entries: list[Entry] = []

    @property
    def entries(self) -> list[Entry]:
        """Those that the filter lets through."""
        key = (self.filter, self.station.log.version)
        if key != self._key:
            was_at_end = self.cursor >= len(self._entries) - 1
            wanted = KINDS.get(self.filter)
            self._key = key
            self._entries = [it for it in self.station.log.entries if wanted is None or it.kind in wanted]
            if was_at_end:
                self.cursor = max(0, len(self._entries) - 1)
        return self._entries

    @property
    def count(self) -> int:  # noqa: D102
        return len(self.entries)

    def nothing(self) -> str:  # noqa: D102
        return "nothing yet"

    def note(self, width: int) -> Line:  # noqa: D102
        behind = self.count - 1 - self.cursor
        told = span(f"{behind} newer below  ", "y") if behind > 0 else span("")
        return joined(told, span("" if self.filter == "all" else f"{self.filter}  ", "y"))

    def body(self, width: int, height: int, now_s: float) -> list[Line]:
        """Under the rows, in full, the chosen one when it does not fit."""
        rows = super().body(width, height, now_s)
        if not (self.has_focus and self.count and height > 2 * DETAIL_ROWS):
            return rows
        entry = self.entries[self.cursor]
        if self._text_at(width) + len(entry.text) <= width:
            return rows
        detail = textwrap.wrap(entry.text, width - 2)[:DETAIL_ROWS]
        rows = super().body(width, height - len(detail), now_s)
        return rows + [span(f"  {part}", "v") for part in detail]

    def _text_at(self, width: int) -> int:
        return len(self.row(self.cursor, width, True).text) - len(self.entries[self.cursor].text)

    def row(self, index: int, width: int, is_cursor: bool) -> Line:  # noqa: D102
        entry = self.entries[index]
        mark, role = MARKS[entry.kind]
        who = f"{entry.who[: WHO - 1]:<{WHO}}" if width >= ROOMY else f"{entry.who} " if entry.who else ""
        pointer = span("▸" if is_cursor and self.has_focus else " ", "w")
        return joined(pointer, span(f"{entry.clock} ", "d"), span(f"{mark} ", role), span(who, "n"), span(entry.text, role))

    def action_filter(self) -> None:
        """All, changes, alarms."""
        self.filter = FILTERS[(FILTERS.index(self.filter) + 1) % len(FILTERS)]
        self.redraw()
