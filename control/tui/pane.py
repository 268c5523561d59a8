"""A pane: some lines about one daemon, drawn anew when they are due, of which only the columns that differ are painted."""

from __future__ import annotations

from typing import ClassVar, Self

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from masterd.control.tui.cells import EMPTY, ROLES, Line, beside, changed, joined, span
from masterd.control.tui.station import METERS_OLD_S, Station

STALE_ROLES = dict.fromkeys(ROLES, "d")

STALE = str.maketrans(dict.fromkeys(ROLES, "d"))
"""What is old is grey."""


class Pane(Widget):
    """Fill in `TITLE` and `body`; the deck calls `tick`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"pane--{name}" for name in ROLES.values()}
    PERIOD_S: ClassVar[float] = 0.05
    """How often it is drawn at most."""
    TITLE: ClassVar[str] = ""
    OLD_S: ClassVar[float] = METERS_OLD_S

    def __init__(self, station: Station, id: str | None = None) -> None:
        super().__init__(id=id)
        self.station = station
        self._lines: list[Line] = []
        self._styles_by_role: dict[str, Style] = {}
        self._due_s = 0.0
        self._strips: list[Strip | None] = []
        self._is_painted = False
        self._cells = Size(0, 0)
        self._title_of: tuple[int, Line, Line] = 0, EMPTY, EMPTY

    def body(self, width: int, height: int, now_s: float) -> list[Line]:
        """The lines under the title."""
        raise NotImplementedError

    def note(self, width: int) -> Line:
        """What stands at the right end of the title."""
        return EMPTY

    def age_s(self, now_s: float) -> float:
        """How old what is shown is."""
        return self.station.meters_age_s(now_s)

    def age_note(self, age_s: float) -> str:
        """How old what is shown is, or for how long there has been nothing to show."""
        known = self.station.frame or self.station.values
        return age_text(age_s) if known else f"nothing yet, {age_s:.0f} s"

    def tick(self, now_s: float, is_forced: bool = False) -> None:
        """Draws what is different now."""
        if now_s < self._due_s and not is_forced:
            return
        width, height = self._cells
        if not width or not height:
            return
        self._due_s = now_s + self.PERIOD_S - 0.005  # ticks come a little early and late
        lines = self._drawn(width, height, now_s)
        if len(lines) != len(self._lines):
            self._lines = lines
            self.refresh()
            return
        before, self._lines = self._lines, lines
        parts = [(y, part) for y in range(height) if (part := changed(before[y], lines[y]))]
        if parts and self._strips:
            self._is_painted = False
            for y, _ in parts:
                self._strips[y] = None
        if parts:
            super().refresh(*(Region(x, y, cells, 1) for y, (x, cells) in parts))

    def _drawn(self, width: int, height: int, now_s: float) -> list[Line]:
        age_s = self.age_s(now_s)
        is_old = age_s > self.OLD_S
        head = [self._title(width, age_s if is_old else None)] if self.TITLE else []
        body = self.body(width, height - len(head), now_s)[: height - len(head)]
        if is_old:
            body = [Line(line.text, line.roles.translate(STALE)) for line in body]
        lines = [line.fitted(width) for line in (*head, *body)]
        return lines + [span(" " * width)] * (height - len(lines))

    def _title(self, width: int, age_s: float | None) -> Line:
        note = self.note(width) if age_s is None else span(f" {self.age_note(age_s)} ", "i")
        if (width, note) != self._title_of[:2]:
            left = joined(span("─ ", "d"), span(self.TITLE, "n"), span(" ", "d"))
            rule = span("─" * max(0, width - len(left.text) - len(note.text) - 2) + " ", "d")
            self._title_of = width, note, beside(joined(left, rule), joined(note, span(" ", "d")), width)
        return self._title_of[2]

    def on_resize(self, event: events.Resize) -> None:
        """The old lines do not fit any more."""
        self._lines, self._due_s, self._cells = [], 0.0, event.size
        self.refresh()

    def notify_style_update(self) -> None:
        """Another theme."""
        self._styles_by_role, self._strips, self._is_painted = {}, [], False
        super().notify_style_update()

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Nothing that was painted holds any more."""
        self._strips, self._is_painted = [], False
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paints the lines that are new. Whenever one pane changes, textual asks all of them for all their lines, and its own
        cache looks at each; a pane has no border and no padding, and can hand out what it has."""
        if not self._is_painted:
            old = self._strips if len(self._strips) == self.size.height else [None] * self.size.height
            self._strips = [self.render_line(y) if strip is None else strip for y, strip in enumerate(old)]
            self._is_painted = True
        strips = self._strips[crop.y : crop.bottom]
        whole = crop.x == 0 and crop.width == self._cells.width
        return [strip if whole else strip.crop(crop.x, crop.right) for strip in strips if strip is not None]

    def render_line(self, y: int) -> Strip:
        """One line, painted."""
        line = self._lines[y] if y < len(self._lines) else span(" " * self.size.width)
        return Strip([Segment(text, self._style(role)) for text, role in line.runs()], len(line.text))

    def _style(self, role: str) -> Style:
        style = self._styles_by_role.get(role)
        if style is None:
            style = self._styles_by_role[role] = self._filtered(self.get_component_rich_style(f"pane--{ROLES[role]}"))
        return style

    def _filtered(self, style: Style) -> Style:
        """As the terminal is to have it: without colours where NO_COLOR wants none. Filters look at nothing but the style."""
        strip = Strip([Segment(" ", style)], 1)
        for line_filter in self.get_line_filters():
            strip = strip.apply_filter(line_filter, self.background_colors[1])
        return next(iter(strip)).style or style


def age_text(age_s: float) -> str:
    """`3 s old`, `12 min old`."""
    if age_s < 10:
        return f"{age_s:.1f} s old"
    return f"{age_s:.0f} s old" if age_s < 120 else f"{age_s / 60:.0f} min old"
