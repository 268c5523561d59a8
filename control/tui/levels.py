"""Levels: true peak and RMS of both channels at input and output, peak hold, the ceiling, correlation and balance."""

from __future__ import annotations

import math

from masterd.control.levels import Bar
from masterd.control.protocol import SILENCE_DB, PointMeters
from masterd.control.scales import HIGH_DB, LOW_CORRELATION, LOW_DB, NEAR_CEILING_DB, filled, position, scale
from masterd.control.text import level_text
from masterd.control.tui.cells import EMPTY, Line, joined, span
from masterd.control.tui.gauges import Point
from masterd.control.tui.pane import Pane

CEILING = "limiter.ceiling_dbtp"
MARGIN, NUMBERS = 6, 14


class Levels(Pane):
    """Thick is RMS, the line before it the true peak, the stroke its highest of two seconds."""

    TITLE = "LEVELS"

    def note(self, width: int) -> Line:  # noqa: D102
        ceiling_db = self.station.number(CEILING)
        told = EMPTY if ceiling_db is None else joined(span("│", "c"), span(f" ceiling {ceiling_db:.1f} dBTP  ", "d"))
        return joined(told, span("┃ hold dBTP  █ RMS dBFS", "d"))

    def body(self, width: int, height: int, now_s: float) -> list[Line]:  # noqa: D102
        cells = max(4, width - MARGIN - NUMBERS)
        gauges, frame = self.station.gauges, self.station.frame
        ceiling_db = self.station.number(CEILING)
        lines = [joined(span(" " * MARGIN), span(scale(cells).ljust(cells)[:cells], "d"), span("   hold    RMS", "d"))]
        lines += peak_lines("in", gauges.input, cells, None)
        lines += peak_lines("out", gauges.output, cells, 0.0 if ceiling_db is None else ceiling_db)
        for name, point in (("in", frame.input if frame else None), ("out", frame.output if frame else None)):
            lines.append(correlation_line(name, point, cells))
        return lines


def peak_lines(name: str, point: Point, cells: int, ceiling_db: float | None) -> list[Line]:
    """Left and right of one point."""
    lines = []
    for side, peak, mean in zip("LR", point.peaks, point.means, strict=True):
        bar = peak_bar(peak, mean.level_db, cells, ceiling_db)
        is_over = ceiling_db is not None and peak.held_db > ceiling_db + 0.05
        held = span(("▲" if is_over else "") + level_text(peak.held_db, 6 if is_over else 7), "r" if is_over else "v")
        lines.append(joined(span(f"{name:<4}{side} ", "d"), bar, held, span(level_text(mean.level_db, 7), "d")))
    return lines


def peak_bar(peak: Bar, mean_db: float, cells: int, ceiling_db: float | None) -> Line:
    """RMS as blocks, from there to the peak a line; near the ceiling, and over it, in other colours."""
    at = position(peak.level_db, cells)
    text, blocks = strokes(min(position(mean_db, cells), at), at, cells)
    roles = zones("q" * blocks + "g" * (cells - blocks), cells, ceiling_db)
    if peak.held_db > max(LOW_DB, peak.level_db):  # a bar that still falls from an older peak hides it
        put(text, roles, position(peak.held_db, cells), "┃", "h")
    if ceiling_db is not None and (cell := min(int(position(ceiling_db, cells)), cells - 1)) >= 0 and text[cell] == " ":
        text[cell], roles[cell] = "│", "c"
    return Line("".join(text), "".join(roles))


def strokes(mean_at: float, peak_at: float, cells: int) -> tuple[list[str], int]:
    """The cells of a bar, and how many of them are blocks: to an eighth for the mean, to half a cell for the peak."""
    text = filled(mean_at, cells)
    blocks = cells - text.count(" ")
    half_cells = round(2 * peak_at)
    for cell in range(blocks, min(half_cells // 2, cells)):
        text[cell] = "━"
    if half_cells % 2 and blocks <= half_cells // 2 < cells:
        text[half_cells // 2] = "╸"
    return text, blocks


def zones(roles: str, cells: int, ceiling_db: float | None) -> list[str]:
    """Above NEAR_CEILING_DB under the ceiling a bar stands out, above the ceiling it warns."""
    top_db = 0.0 if ceiling_db is None else ceiling_db
    near, over = round(position(top_db - NEAR_CEILING_DB, cells)), math.ceil(position(top_db + 0.05, cells))
    return list(roles[:near] + "y" * (over - near) + "r" * (cells - over))[:cells]


def put(text: list[str], roles: list[str], at: float, mark: str, role: str) -> None:
    """A mark over the cell at `at`."""
    cell = min(int(at), len(text) - 1)
    text[cell], roles[cell] = mark, role


def correlation_line(name: str, point: PointMeters | None, cells: int) -> Line:
    """A mark from -1 on the left to +1 on the right; it warns where mono would lose."""
    text, roles = list("·" * cells), ["d"] * cells
    for at, mark in ((0, "-"), (cells // 2, "┼"), (cells - 1, "+")):
        text[at] = mark
    if point is None or point.sample_peak_dbfs == (SILENCE_DB, SILENCE_DB):
        return joined(span(f"{name:<4}r ", "d"), Line("".join(text), "".join(roles)), span("     --     --", "d"))
    role = "r" if point.correlation < 0 else "y" if point.correlation < LOW_CORRELATION else "g"
    put(text, roles, (point.correlation + 1) / 2 * (cells - 1) + 0.5, "◆", role)
    numbers = joined(
        span(f"{point.correlation:+7.2f}", role if role != "g" else "v"), span(f"{balance_text(point.balance_db):>7}", "d")
    )
    return joined(span(f"{name:<4}r ", "d"), Line("".join(text), "".join(roles)), numbers)


def balance_text(balance_db: float) -> str:
    """`R 0.4`: which side is louder, and by how much."""
    if abs(balance_db) > HIGH_DB * 20:
        return "--"
    return f"{'R' if balance_db > 0 else 'L'} {abs(balance_db):.1f}" if abs(balance_db) >= 0.05 else "C 0.0"
