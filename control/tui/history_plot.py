"""Loudness of the output over the last minutes, with the corridor it is to stay in."""

from __future__ import annotations

from masterd.control.tui import plot
from masterd.control.tui.canvas import Canvas
from masterd.control.tui.cells import EMPTY, Line, joined, span
from masterd.control.tui.history import SPANS_S, column_number
from masterd.control.tui.pane import Pane
from masterd.control.tui.station import Station

HIGH_LUFS, LOW_LUFS = -6.0, -36.0
ABOVE_LU, BELOW_LU = 9.0, 18.0
"""Of the plot around a target: the scale EBU +9."""
IN_CORRIDOR = {" ": "t", "s": "S", "m": "M", "z": "t"}


class HistoryPlot(Pane):
    """Short-term as a line, momentary as dots."""

    TITLE = "LOUDNESS HISTORY"

    def __init__(self, station: Station, id: str | None = None) -> None:
        super().__init__(station, id)
        self.span_s = SPANS_S[1]
        self._key: tuple[object, ...] = ()
        self._body: list[Line] = []

    def zoom(self) -> None:
        """The next longer span, or the shortest."""
        self.span_s = SPANS_S[(SPANS_S.index(self.span_s) + 1) % len(SPANS_S)]

    def note(self, width: int) -> Line:  # noqa: D102
        target = self.station.target
        told = joined(span("─ S", "s"), span("  "), span("⠒ M", "m"), span(" LUFS, output  ", "d"))
        return joined(told, span(f" {target} " if target else "", "t")) if width >= 60 else told if width >= 44 else EMPTY

    def body(self, width: int, height: int, now_s: float) -> list[Line]:  # noqa: D102
        columns, rows = width - plot.AXIS, height - 1
        if columns < 8 or rows < 2:
            return []
        key = (width, height, self.span_s, self.station.target, column_number(now_s, self.span_s, 2 * columns), int(now_s * 2))
        if key[:5] != self._key[:5] or (key != self._key and self.span_s / columns > 1):
            self._key, self._body = key, self._draw(columns, rows, now_s)
        return self._body

    def _draw(self, columns: int, rows: int, now_s: float) -> list[Line]:
        target = self.station.target
        high, low = (target.lufs + ABOVE_LU, target.lufs - BELOW_LU) if target else (HIGH_LUFS, LOW_LUFS)
        scale = plot.Scale(low, min(high, 0.0), rows)
        momentary, short_term = self.station.history.columns(now_s, self.span_s, 2 * columns)
        canvas = Canvas(columns, rows)
        canvas.points([None if level is None else scale.dots(level) for level in momentary], "m")
        canvas.curve([None if level is None else scale.dots(level) for level in short_term], "s")
        if target:
            for row in range(scale.row(target.high_lufs), scale.row(target.low_lufs) + 1):
                canvas.recast(row, IN_CORRIDOR)
        marks = [target.lufs + lu for lu in (-18, -12, -6, 0, 6)] if target and rows >= 8 else scale.marks((3, 6, 10, 12, 20))
        return [*plot.lines(canvas, scale, marks), self._times(columns)]

    def _times(self, columns: int) -> Line:
        text = [" "] * columns
        quarters = 4 if columns >= 48 else 2
        for quarter in range(quarters):
            back_s = self.span_s * (quarters - quarter) / quarters
            label = time_text(back_s)
            at = round(columns * quarter / quarters)
            text[at : at + len(label)] = label
        text[columns - 3 :] = "now"
        return joined(span(" " * plot.AXIS), span("".join(text)[:columns], "d"))


def time_text(back_s: float) -> str:
    """`-45 s`, `-5 min`."""
    return f"-{back_s:g} s" if back_s < 60 else f"-{back_s / 60:g} min"
