"""What every meter is drawn on: the range of levels, where a level stands on a bar, and the thresholds that stand out."""

from __future__ import annotations

import functools

LOW_DB, HIGH_DB = -60.0, 3.0
MARKS_DB = (-60, -50, -40, -30, -20, -10, -6, -3, 0)
REDUCTION_FULL_DB = 24.0
NEAR_CEILING_DB = 9.0
"""So close under the ceiling a peak begins to stand out."""
LOW_CORRELATION = 0.3
SQUEEZED_PSR_DB = 8.0
EIGHTHS = " ▏▎▍▌▋▊▉█"


def position(level_db: float, cells: int, low_db: float = LOW_DB, high_db: float = HIGH_DB) -> float:
    """Where a level is on a bar of `cells`, held at its ends."""
    return min(max((level_db - low_db) / (high_db - low_db), 0.0), 1.0) * cells


@functools.lru_cache(16)
def scale(cells: int) -> str:
    """The decibel numbers above the bars, as many as have room."""
    text = [" "] * (cells + 3)
    free_from = 0
    for mark in MARKS_DB:
        at = round(position(mark, cells))
        if at >= free_from:
            text[at : at + len(str(mark))] = str(mark)
            free_from = at + len(str(mark)) + 1
    return "".join(text)[: cells + 3]


def filled(at: float, cells: int) -> list[str]:
    """`cells` characters, full up to `at`, with an eighth of a cell of resolution."""
    whole = min(int(at), cells)
    part = EIGHTHS[int((at - whole) * 8)] if whole < cells else ""
    return list("█" * whole + part)[:cells] + [" "] * (cells - whole - len(part))
