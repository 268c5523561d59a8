"""Loudness to be read from across the room: short-term, integrated, and the highest true peak of the output."""

from __future__ import annotations

from masterd.control.text import level_text
from masterd.control.tui.cells import Line, joined, span
from masterd.control.tui.gauges import is_silent
from masterd.control.tui.levels import CEILING
from masterd.control.tui.pane import Pane

GLYPHS = {
    "0": "┏━┓┃ ┃┗━┛", "1": " ╻  ┃  ╹ ", "2": "╺━┓┏━┛┗━╸", "3": "╺━┓╺━┫╺━┛", "4": "╻ ╻┗━┫  ╹", "5": "┏━╸┗━┓╺━┛", "6": "┏━╸┣━┓┗━┛",
    "7": "╺━┓  ┃  ╹", "8": "┏━┓┣━┫┗━┛", "9": "┏━┓┗━┫╺━┛", "-": "   ╺━╸   ", "+": " ╷ ╺╋╸ ╵ ",
}  # fmt: skip
HEIGHT = 3


class Readout(Pane):
    """Three figures, three rows high."""

    PERIOD_S = 0.5

    def body(self, width: int, height: int, now_s: float) -> list[Line]:  # noqa: D102
        frame = self.station.frame
        point = frame.output if frame else None
        figures = (
            ("S", "LUFS", point.short_term_lufs if point else None),
            ("I", "LUFS", point.integrated_lufs if point else None),
            ("TP max", "dBTP", point.true_peak_max_dbtp if point else None),
        )
        cells = width // len(figures)
        blocks = [self._figure(name, unit, value, cells) for name, unit, value in figures]
        return [joined(*rows) for rows in zip(*blocks, strict=True)]

    def _figure(self, name: str, unit: str, value: float | None, cells: int) -> list[Line]:
        text = "--" if value is None or is_silent(value) else level_text(value, 0)
        verdict, role = self._verdict(name, value)
        sides = (span(f"  {name}", "d"), span(f"  {verdict}", role), span(f"  {unit}", "d"))
        rows = large(text)
        margin = max(0, cells - len(rows[0]) - 12)
        return [
            joined(span(" " * min(margin, 4)), span(row, role if role != " " else "v"), side).fitted(cells)
            for row, side in zip(rows, sides, strict=True)
        ]

    def _verdict(self, name: str, value: float | None) -> tuple[str, str]:
        target, ceiling_db = self.station.target, self.station.number(CEILING)
        if value is None or is_silent(value):
            return "", "d"
        if name == "TP max":
            return ("over", "r") if ceiling_db is not None and value > ceiling_db + 0.05 else ("", " ")
        if target is None:
            return "", " "
        off_lu = target.off_lu(value)
        return (f"▲{off_lu:.1f} LU", "r") if off_lu > 0 else (f"▼{-off_lu:.1f} LU", "y") if off_lu < 0 else ("ok", "o")


def large(text: str) -> list[str]:
    """Digits three cells wide and high, with the point beside the last row."""
    rows = ["", "", ""]
    for character in text:
        glyph = GLYPHS.get(character)
        for row in range(HEIGHT):
            rows[row] += glyph[3 * row : 3 * row + 3] if glyph else ("." if row == HEIGHT - 1 else " ")
    return rows
