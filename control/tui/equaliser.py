"""The equaliser's curve, as the daemon's own coefficients have it, and where its bands are."""

from __future__ import annotations

import math
from collections.abc import Sequence

from masterd.control.protocol import EqResponse
from masterd.control.tui import plot
from masterd.control.tui.canvas import Canvas
from masterd.control.tui.cells import Line, joined, span
from masterd.control.tui.pane import Pane
from masterd.control.tui.station import STATE_OLD_S, Station

LOW_HZ, HIGH_HZ = 20.0, 20000.0
MARKS_HZ = {
    20: "20",
    50: "50",
    100: "100",
    200: "200",
    500: "500",
    1000: "1k",
    2000: "2k",
    5000: "5k",
    10000: "10k",
    20000: "20k",
}
RANGES_DB = (6.0, 12.0, 24.0, 48.0)
BANDS = 16
BAND_MARKS = "123456789ABCDEFG"
ALIKE_DB = 0.005


class Equaliser(Pane):
    """One curve, or two where left and right, or mid and side, are not alike."""

    TITLE = "EQUALISER"
    PERIOD_S = 0.1
    OLD_S = STATE_OLD_S

    def __init__(self, station: Station, id: str | None = None) -> None:
        super().__init__(station, id)
        self._key: tuple[object, ...] = ()
        self._body: list[Line] = []

    def age_s(self, now_s: float) -> float:  # noqa: D102
        return self.station.state_age_s(now_s)

    @property
    def points(self) -> int:
        """How many it wants: one for each dot."""
        return min(max(2 * (self._cells.width - plot.AXIS), 2), 1024)

    def note(self, width: int) -> Line:  # noqa: D102
        if self.station.values.get("bypass.on"):
            return span("bypassed", "y")
        if not self.station.values.get("eq.on", True):
            return span("off", "y")
        curves = drawn_curves(self.station.response) if self.station.response else []
        legend = joined(*(span(f"─ {name}  ", role) for name, role, _ in curves)) if len(curves) > 1 else span("")
        return joined(legend, span("as designed, dB" if width >= 40 else "dB", "d"))

    def body(self, width: int, height: int, now_s: float) -> list[Line]:  # noqa: D102
        columns, rows = width - plot.AXIS, height - 1
        if columns < 8 or rows < 2:
            return []
        key = (width, height, self.station.version)
        if key != self._key:
            self._key, self._body = key, self._draw(columns, rows)
        return self._body

    def _draw(self, columns: int, rows: int) -> list[Line]:
        response = self.station.response
        curves = drawn_curves(response) if response else []
        most_db = max((abs(level) for _, _, levels in curves for level in levels if level > -60), default=0.0)
        range_db = next((it for it in RANGES_DB if most_db <= it - 0.5), RANGES_DB[-1])
        scale = plot.Scale(-range_db, range_db, rows)
        canvas = Canvas(columns, rows)
        for _, role, levels_db in reversed(curves):
            canvas.curve([scale.dots(level) for level in stretched(levels_db, 2 * columns)], role)
        if curves:
            self._mark_bands(canvas, scale, curves[0][2])
        canvas.under(scale.row(0.0), "z")
        marks = [mark for mark in scale.marks((2, 3, 6, 12, 24)) if abs(mark) < range_db] or [0.0]
        return [*plot.lines(canvas, scale, marks, signed=True), frequencies_line(columns)]

    def _mark_bands(self, canvas: Canvas, scale: plot.Scale, levels_db: Sequence[float]) -> None:
        for band in range(1, BANDS + 1):
            frequency_hz = self.station.number(f"eq.{band}.frequency_hz")
            if not self.station.values.get(f"eq.{band}.on") or not frequency_hz:
                continue
            share = share_of(frequency_hz)
            level_db = levels_db[min(round(share * (len(levels_db) - 1)), len(levels_db) - 1)]
            row = scale.row(level_db) + (-1 if level_db >= 0 else 1)
            canvas.text(
                min(round(share * (canvas.columns - 1)), canvas.columns - 1),
                min(max(row, 0), scale.rows - 1),
                BAND_MARKS[band - 1],
                "p",
            )


def drawn_curves(response: EqResponse) -> list[tuple[str, str, list[float]]]:
    """Name, role and levels of the curves that differ."""
    if not alike(response.left_db, response.right_db):
        return [("left", "l", response.left_db), ("right", "k", response.right_db)]
    if not alike(response.mid_db, response.side_db):
        return [("mid", "l", response.mid_db), ("side", "k", response.side_db)]
    return [("", "l", response.left_db)]


def alike(one: Sequence[float], other: Sequence[float]) -> bool:
    """As far as can be seen."""
    return all(abs(a - b) < ALIKE_DB for a, b in zip(one, other, strict=True))


def stretched(levels: Sequence[float], count: int) -> list[float]:
    """As many as there are dots, when the daemon has not answered to the new width yet."""
    if len(levels) == count:
        return list(levels)
    return [levels[round(at * (len(levels) - 1) / (count - 1))] for at in range(count)]


def share_of(frequency_hz: float) -> float:
    """0 at LOW_HZ, 1 at HIGH_HZ."""
    share = math.log(frequency_hz / LOW_HZ) / math.log(HIGH_HZ / LOW_HZ)
    return min(max(share, 0.0), 1.0)


def frequencies_line(columns: int) -> Line:
    """The frequencies under the plot, as many as have room."""
    text, free_from = [" "] * columns, 0
    for frequency_hz, label in MARKS_HZ.items():
        at = min(max(round(share_of(frequency_hz) * (columns - 1)) - len(label) // 2, 0), columns - len(label))
        if at >= free_from and at + len(label) <= columns:
            text[at : at + len(label)] = label
            free_from = at + len(label) + 1
    return joined(span("Hz".rjust(plot.AXIS - 1) + " ", "d"), span("".join(text), "d"))
