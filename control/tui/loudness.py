"""Loudness and dynamics as numbers, at input and output: what is out of its corridor says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from masterd.control.protocol import PointMeters
from masterd.control.scales import SQUEEZED_PSR_DB
from masterd.control.text import level_text
from masterd.control.tui.cells import EMPTY, Line, joined, span
from masterd.control.tui.gauges import is_silent
from masterd.control.tui.levels import CEILING
from masterd.control.tui.pane import Pane

MARGIN = 6
ROOMY = 8
"""Cells of a column in which its unit fits."""


class Column(NamedTuple):
    """A reading of both points."""

    name: str
    unit: str
    of: Callable[[PointMeters], float]


COLUMNS = (
    Column("M", "LUFS", lambda point: point.momentary_lufs),
    Column("S", "LUFS", lambda point: point.short_term_lufs),
    Column("I", "LUFS", lambda point: point.integrated_lufs),
    Column("LRA", "LU", lambda point: point.loudness_range_lu),
    Column("TP", "dBTP", lambda point: point.true_peak_max_dbtp),
    Column("PSR", "dB", lambda point: point.psr_db),
    Column("PLR", "dB", lambda point: point.plr_db),
    Column("DR", "dB", lambda point: point.dr_db),
)


class Loudness(Pane):
    """Four times a second: numbers that change faster cannot be read."""

    TITLE = "LOUDNESS"
    PERIOD_S = 0.25

    def note(self, width: int) -> Line:  # noqa: D102
        target = self.station.target
        told = span(f"target {target}", "t") if target else EMPTY
        return told if width >= MARGIN + ROOMY * len(COLUMNS) else joined(told, span("  LUFS LU dBTP dB", "d"))

    def body(self, width: int, height: int, now_s: float) -> list[Line]:  # noqa: D102
        cells = max(6, (width - MARGIN) // len(COLUMNS))
        names = [f"{it.name} {it.unit}" if cells >= ROOMY else it.name for it in COLUMNS]
        lines = [span(" " * MARGIN + "".join(name.rjust(cells) for name in names), "d")]
        frame = self.station.frame
        for name, point in (("in", frame.input if frame else None), ("out", frame.output if frame else None)):
            parts = [span(f"{name:<{MARGIN}}", "d")]
            parts += [self._reading(column, point, cells, name == "out") for column in COLUMNS]
            lines.append(joined(*parts))
        return lines

    def _reading(self, column: Column, point: PointMeters | None, cells: int, is_output: bool) -> Line:
        if point is None:
            return span("--".rjust(cells), "d")
        value = column.of(point)
        role = self._role(column.name, value) if is_output and not is_silent(value) else "v" if is_output else " "
        mark = {"r": "▲", "y": "▼"}.get(role, "")
        return span((mark + level_text(value, 0)).rjust(cells), role)

    def _role(self, name: str, value: float) -> str:
        ceiling_db, target = self.station.number(CEILING), self.station.target
        if name in ("S", "I") and target and (off_lu := target.off_lu(value)):
            return "r" if off_lu > 0 else "y"
        if name == "TP" and ceiling_db is not None and value > ceiling_db + 0.05:
            return "r"
        if name == "PSR" and value < SQUEEZED_PSR_DB:
            return "y"
        return "v"
