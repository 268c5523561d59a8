"""How far work on files is, on a terminal: a line for each file that is being worked on, and one for all with the time left."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, TextIO

BAR = 24
DRAW_EVERY_S = 0.1
EXPECTED_PASSES = 4  # of a search for a loudness, and its writing


class Progress:
    """`tell` and `finished` are what daemon/crew.py calls. Draws nothing when `stream` is no terminal."""

    def __init__(self, names: Sequence[str], seconds: Sequence[float], passes: int = 1, stream: TextIO | None = None) -> None:
        self.names, self.seconds, self.passes = names, [max(it, 1e-3) for it in seconds], passes
        self.stream = stream or sys.stderr
        self.on = self.stream.isatty()
        self._shares: dict[int, float] = {}
        self._notes: dict[int, str] = {}
        self._done_s, self._began_s, self._drawn_s, self._lines = 0.0, time.monotonic(), 0.0, 0

    def tell(self, index: int, how_far: tuple[Any, ...]) -> None:
        """Frames done, frames in all, and the pass where there are several."""
        done, whole, number = (*how_far, 1)[:3]
        within = min(done / max(whole, 1), 1.0)
        self._shares[index] = min((number - 1 + within) / max(self.passes, number), 0.999)
        self._notes[index] = f"pass {number}" if self.passes > 1 else ""
        if self.on and time.monotonic() - self._drawn_s >= DRAW_EVERY_S:
            self._draw()

    def finished(self, index: int, outcome: object = None) -> None:
        """The file is done, well or not."""
        self._shares.pop(index, None)
        self._done_s += self.seconds[index]

    def _draw(self) -> None:
        self._drawn_s = time.monotonic()
        width = shutil.get_terminal_size().columns - 1
        lines = [self._line(self.names[index], share, self._notes[index]) for index, share in sorted(self._shares.items())]
        if len(self.names) > 1:
            lines.append(self._line(f"all {len(self.names)} files", self._share(), self._left(self._share())))
        elif lines:
            lines[0] += f"  {self._left(self._share())}"
        self._clear()
        self.stream.write("".join(f"{line[:width]}\n" for line in lines))
        self.stream.flush()
        self._lines = len(lines)

    def _share(self) -> float:
        under_way = sum(share * self.seconds[index] for index, share in self._shares.items())
        return (self._done_s + under_way) / sum(self.seconds)

    def _left(self, share: float) -> str:
        if share < 0.01:
            return ""
        left_s = (time.monotonic() - self._began_s) * (1 - share) / share
        minutes, seconds = divmod(round(left_s), 60)
        return f"{minutes}:{seconds:02d} left"

    def _line(self, name: str, share: float, note: str) -> str:
        filled = round(share * BAR)
        return f"{name[-36:]:36} {'█' * filled}{'░' * (BAR - filled)} {100 * share:3.0f} %  {note}"

    def _clear(self) -> None:
        if self._lines:
            self.stream.write(f"\x1b[{self._lines}A\x1b[J")
        self._lines = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leaves nothing on the screen."""
        if self.on:
            self._clear()
            self.stream.flush()
