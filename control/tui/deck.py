"""Everything about one daemon: its meters and one of four pages, arranged by the room there is."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Offset

from masterd.control.tui.equaliser import Equaliser
from masterd.control.tui.event_log import EventLog
from masterd.control.tui.head import Head
from masterd.control.tui.history_plot import HistoryPlot
from masterd.control.tui.levels import Levels
from masterd.control.tui.link import Link
from masterd.control.tui.loudness import Loudness
from masterd.control.tui.pane import Pane
from masterd.control.tui.parameters import Parameters
from masterd.control.tui.plan import Page, plan
from masterd.control.tui.presets import Presets
from masterd.control.tui.readout import Readout
from masterd.control.tui.reduction import Reduction


class Deck(Container):
    """One daemon on the screen."""

    BLANK = True  # its panes cover it

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link
        self.station = station = link.station
        self.page: Page = "air"
        self.head = Head(station)
        self.history, self.equaliser = HistoryPlot(station), Equaliser(station)
        self.parameters, self.presets, self.events = Parameters(station), Presets(station), EventLog(station)
        self.panes: dict[str, Pane] = {
            "head": self.head,
            "levels": Levels(station),
            "readout": Readout(station),
            "loudness": Loudness(station),
            "reduction": Reduction(station),
            "history": self.history,
            "equaliser": self.equaliser,
            "parameters": self.parameters,
            "presets": self.presets,
            "events": self.events,
        }
        self._shown: list[Pane] = []

    def compose(self) -> ComposeResult:
        """All of them; `arrange_panes` says which are shown."""
        yield from self.panes.values()

    def on_resize(self) -> None:
        """Another size, another plan."""
        self.arrange_panes()

    def turn_to(self, page: Page) -> None:
        """Shows a page."""
        if page == "presets" != self.page:
            self.presets.find_loaded()
        self.page = page
        self.arrange_panes()

    def focus_page(self) -> None:
        """Puts the keyboard into the list of the page."""
        if self.page == "air":
            self.screen.set_focus(None)
        else:
            self.panes[self.page].focus()

    def arrange_panes(self) -> None:
        """Puts every pane where the plan has it."""
        width, height = self.size
        places = plan(width, height, self.page) if width and height else {}
        self._shown = [pane for name, pane in self.panes.items() if name in places]
        for name, pane in self.panes.items():
            pane.display = name in places
            if name in places:
                x, y, pane.styles.width, pane.styles.height = places[name]
                pane.styles.offset = Offset(x, y)

    def tick(self, now_s: float) -> None:
        """Draws what is due."""
        self.station.settle(now_s)
        if self.equaliser in self._shown:
            self.link.redraw_eq(self.equaliser.points)
        for pane in self._shown:
            pane.tick(now_s)
