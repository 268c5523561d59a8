"""The meters as a page of plain ANSI text, and the terminal they are shown on."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from types import FrameType

from masterd.control.cli.meter_details import DYNAMICS_HEADS, detail_rows, dynamics
from masterd.control.levels import Bar
from masterd.control.parameters import Value
from masterd.control.protocol import Meters, PointMeters
from masterd.control.scales import LOW_DB, NEAR_CEILING_DB, REDUCTION_FULL_DB, filled, position, scale
from masterd.control.text import level_text

GREEN, YELLOW, RED, BLUE, DIM, BOLD, PLAIN = (f"\x1b[{code}m" for code in (32, 33, 31, 36, 2, 1, 0))
MARGIN, NUMBERS = 10, 19  # left of a bar, right of it
NARROWEST = 46
DETAILED = 60  # columns that the rows of the stages need
LOUDNESS_HEADS = ("M", "S", "I", "LRA", "TPmax")
CEILING = "limiter.ceiling_dbtp"


class Screen:
    """What is shown: feed it frames and state, ask it for lines."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.trouble = ""
        self._preset = ""
        self._ceiling_db: float | None = None
        self.lost("")

    def lost(self, trouble: str) -> None:
        """No frames come: old levels would be taken for the programme's."""
        self.trouble = trouble
        self._frame: Meters | None = None
        self._peaks = {point: (Bar(), Bar()) for point in ("input", "output")}
        self._reductions = {row: Bar(0.0) for row in ("comp L", "comp R", "limit")}

    def told(self, preset: str, dirty: bool, values: Mapping[str, Value]) -> None:
        """The daemon's preset, and the values that are new."""
        self._preset = f"{preset or '(none)'}{' *' if dirty else ''}"
        if CEILING in values:
            self._ceiling_db = float(values[CEILING])

    def take(self, frame: Meters, now_s: float) -> None:
        """A new frame, at `now_s` of a clock that only goes forward."""
        self._frame, self.trouble = frame, ""
        for bars, point in ((self._peaks["input"], frame.input), (self._peaks["output"], frame.output)):
            for bar, peak_db in zip(bars, point.true_peak_dbtp, strict=True):
                bar.take(peak_db, now_s)
        reductions = (*frame.compressor_reduction_db, frame.limiter_reduction_db)
        for bar, reduction_db in zip(self._reductions.values(), reductions, strict=True):
            bar.take(reduction_db, now_s)

    def lines(self, width: int, height: int) -> list[str]:
        """The page for a terminal of that size; what does not fit below is left out."""
        if width < NARROWEST:
            return [f"too narrow: {NARROWEST} columns"[:width]][:height]
        cells = width - MARGIN - NUMBERS
        page = [self._head(width), f"{' ' * MARGIN}{DIM}{scale(cells)}{PLAIN}"]
        page += self._peak_rows("input", cells, None) + self._peak_rows("output", cells, self._ceiling_db)
        page += ["", *self._loudness_rows(width)]
        page += ["", *(reduction_row(name, bar, cells) for name, bar in self._reductions.items())]
        details = detail_rows(self._frame, cells) if self._frame else []
        if width >= DETAILED and len(page) + len(details) + 2 <= height:
            page += details
        page += ["", self._foot(width)]
        return page[:height]

    def _head(self, width: int) -> str:
        ceiling = "" if self._ceiling_db is None else f"   ceiling {self._ceiling_db:.1f} dBTP"
        return f"{BOLD}{f'masterd {self.name}   {self._preset}{ceiling}'[:width]}{PLAIN}"

    def _foot(self, width: int) -> str:
        if self.trouble:
            return f"{RED}{self.trouble[:width]}{PLAIN}"
        if self._frame is None:
            return f"{DIM}waiting for meters{PLAIN}"
        frame = self._frame
        colour = RED if frame.late_blocks or frame.xruns else DIM
        health = (
            f"load {frame.load_percent:.0f} %   late blocks {frame.late_blocks}   xruns {frame.xruns}   blocks {frame.blocks}"
        )
        return f"{colour}{health[:width]}{PLAIN}"

    def _peak_rows(self, point: str, cells: int, ceiling_db: float | None) -> list[str]:
        return [
            f"{f'{point} {side}':<{MARGIN}}{level_bar(bar, cells, ceiling_db)} "
            f"{level_text(bar.level_db)} {DIM}hold{PLAIN}{level_text(bar.held_db)}"
            for side, bar in zip("LR", self._peaks[point], strict=True)
        ]

    def _loudness_rows(self, width: int) -> list[str]:
        wide = width >= MARGIN + 7 * (len(LOUDNESS_HEADS) + len(DYNAMICS_HEADS))
        heads = "".join(name.rjust(7) for name in (LOUDNESS_HEADS + DYNAMICS_HEADS if wide else LOUDNESS_HEADS))
        rows = [f"{DIM}{'LUFS':<{MARGIN}}{heads}{PLAIN}"]
        if self._frame:
            for name, point in (("input", self._frame.input), ("output", self._frame.output)):
                rows.append(loudness_row(name, point) + ("".join(dynamics(point)) if wide else ""))
        return rows if self._frame else [*rows, "", ""]


def level_bar(bar: Bar, cells: int, ceiling_db: float | None) -> str:
    """A peak bar, green to yellow to red, with held peak and ceiling."""
    bar_cells = filled(position(bar.level_db, cells), cells)
    top_db = 0.0 if ceiling_db is None else ceiling_db
    yellow_from, red_from = round(position(top_db - NEAR_CEILING_DB, cells)), math.ceil(position(top_db + 0.05, cells))
    colours = [RED if cell >= red_from else YELLOW if cell >= yellow_from else GREEN for cell in range(cells)]
    if bar.held_db > LOW_DB:
        put(bar_cells, position(bar.held_db, cells), "▎")
    if ceiling_db is not None:
        at = put(bar_cells, position(ceiling_db, cells), "┃")
        colours[at] = PLAIN + BOLD
    return painted(bar_cells, colours)


def put(bar_cells: list[str], at: float, mark: str) -> int:
    """Writes `mark` over the cell at `at`; which one that was."""
    cell = min(int(at), len(bar_cells) - 1)
    bar_cells[cell] = mark
    return cell


def painted(bar_cells: list[str], colours: list[str]) -> str:
    """Characters with their colours, each colour switched on once."""
    text, colour = "", ""
    for character, wanted in zip(bar_cells, colours, strict=True):
        text += (PLAIN + wanted if wanted != colour else "") + character
        colour = wanted
    return text + PLAIN


def reduction_row(name: str, bar: Bar, cells: int) -> str:
    """A reduction grows from the left, 0 to REDUCTION_FULL_DB."""
    text = "".join(filled(position(bar.level_db, cells, 0.0, REDUCTION_FULL_DB), cells))
    return f"{name:<{MARGIN}}{BLUE}{text}{PLAIN} {level_text(bar.level_db)} {DIM}hold{PLAIN}{level_text(bar.held_db)}"


def loudness_row(name: str, point: PointMeters) -> str:
    """Momentary, short-term, integrated, range, and the highest true peak since the reset."""
    numbers = (point.momentary_lufs, point.short_term_lufs, point.integrated_lufs, point.loudness_range_lu)
    return f"{name:<{MARGIN}}" + "".join(level_text(number, 7) for number in (*numbers, point.true_peak_max_dbtp))


@contextlib.contextmanager
def terminal() -> Iterator[Callable[[list[str]], None]]:
    """The terminal's second page, without cursor, until the end of the block: then as it was, also after SIGTERM."""

    def show(lines: list[str]) -> None:
        sys.stdout.write("\x1b[H" + "\x1b[K\r\n".join(lines) + "\x1b[K\x1b[J")
        sys.stdout.flush()

    def terminate(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    former = signal.signal(signal.SIGTERM, terminate)
    sys.stdout.write("\x1b[?1049h\x1b[?25l\x1b[2J")
    try:
        yield show
    finally:
        signal.signal(signal.SIGTERM, former)
        with contextlib.suppress(OSError):
            os.write(sys.stdout.fileno(), b"\x1b[0m\x1b[?25h\x1b[?1049l")
