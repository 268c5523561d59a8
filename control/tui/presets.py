"""The presets of the daemon: load with a glide, save, delete, compare."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.binding import Binding, BindingType
from textual.message import Message

from masterd.control.tui.cells import Line, joined, span
from masterd.control.tui.list_pane import ListPane
from masterd.control.tui.station import Station

GLIDES_MS = (20.0, 500.0, 2000.0, 5000.0, 10000.0, 30000.0)
Wish = Literal["load", "save", "delete"]


class Presets(ListPane):
    """The one that is loaded is marked, and whether it was left."""

    TITLE = "PRESETS"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "wish('load')", "load", show=False),
        Binding("s", "wish('save')", "save as", show=False),
        Binding("delete,x", "wish('delete')", "delete", show=False),
        Binding("g", "glide", "glide", show=False),
    ]

    class Wished(Message):
        """The operator wants something done with the preset under the cursor."""

        def __init__(self, pane: Presets, wish: Wish, name: str) -> None:
            super().__init__()
            self.pane, self.wish, self.name = pane, wish, name

    def __init__(self, station: Station, id: str | None = None) -> None:
        super().__init__(station, id)
        self.glide_ms = GLIDES_MS[2]

    @property
    def count(self) -> int:  # noqa: D102
        return len(self.station.presets)

    def find_loaded(self) -> None:
        """Puts the cursor on the preset that is on air."""
        if self.station.preset in self.station.presets:
            self.cursor = self.station.presets.index(self.station.preset)

    def nothing(self) -> str:  # noqa: D102
        return self.station.trouble

    def note(self, width: int) -> Line:  # noqa: D102
        return joined(span("enter loads in ", "d"), span(f"{self.glide_ms / 1000:g} s", "v"), span("  g glide", "d"))

    def row(self, index: int, width: int, is_cursor: bool) -> Line:  # noqa: D102
        station, name = self.station, self.station.presets[index]
        is_loaded = name == station.preset
        parts = [span("▸ " if is_cursor else "  ", "w"), span("● " if is_loaded else "  ", "o")]
        parts.append(span(name, "w" if is_cursor else "v" if is_loaded else " "))
        if is_loaded:
            parts.append(span("  changed since" if station.dirty else "  as saved", "y" if station.dirty else "d"))
        return joined(*parts)

    def action_wish(self, wish: Wish) -> None:  # noqa: D102
        if self.count:
            self.post_message(self.Wished(self, wish, self.station.presets[min(self.cursor, self.count - 1)]))

    def action_glide(self) -> None:
        """The next longer glide, or the shortest."""
        self.glide_ms = GLIDES_MS[(GLIDES_MS.index(self.glide_ms) + 1) % len(GLIDES_MS)]
        self.redraw()
