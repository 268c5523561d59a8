"""One line over all decks: every daemon in a few words, so that none is out of sight."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from masterd.control.text import level_text
from masterd.control.tui.cells import Line, joined, span
from masterd.control.tui.pane import Pane, age_text
from masterd.control.tui.station import METERS_OLD_S, STATE_OLD_S, Station


class Strips(Pane):
    """Shown where there is more than one daemon. A click chooses."""

    PERIOD_S = 0.25
    OLD_S = float("inf")

    class Chosen(Message):
        """A daemon was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, stations: Sequence[Station]) -> None:
        super().__init__(stations[0])
        self.stations = stations
        self.chosen = 0

    def body(self, width: int, height: int, now_s: float) -> list[Line]:  # noqa: D102
        cells = width // len(self.stations)
        parts = [
            self._in_short(station, index == self.chosen, now_s).fitted(cells) for index, station in enumerate(self.stations)
        ]
        return [joined(*parts)]

    def _in_short(self, station: Station, is_chosen: bool, now_s: float) -> Line:
        name = span(f" {station.name} ", "i" if is_chosen else "n")
        if station.trouble or station.state_age_s(now_s) > STATE_OLD_S:
            return joined(name, span(f" ▲ {age_text(station.state_age_s(now_s))}", "r"))
        if station.alarms:
            return joined(name, span(f" ▲ {', '.join(station.alarms)}", "r"))
        if station.frame is None or station.meters_age_s(now_s) > METERS_OLD_S:
            return joined(name, span(" ◌ no meters", "y"))
        out = station.frame.output
        return joined(
            name, span(" ● ", "o"), span(f"S{level_text(out.short_term_lufs)} LUFS  I{level_text(out.integrated_lufs)}", "d")
        )

    def on_click(self, event: events.Click) -> None:
        """Which daemon is under the mouse."""
        self.post_message(self.Chosen(min(event.x // max(1, self.size.width // len(self.stations)), len(self.stations) - 1)))
