"""What was mastered, on its way into files: a lane for each sample rate, with a limiter of its own where that is not the
engine's, and in each lane pieces, which are cut at exact frames.

Resampling moves peaks. So a lane at another rate ends in the engine's own limiter at that rate, everything else flat: below the
ceiling it changes no bit, and nothing leaves above.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from masterd.control.parameters import Value, defaults
from masterd.daemon.exporting.cue_sheet import CD_RATE_HZ, padding_frames, sector_at
from masterd.daemon.exporting.writer import Writer
from masterd.daemon.measuring.meter import ProgrammeMeter
from masterd.daemon.reading.rates import Resampler, resampled_frames
from masterd.daemon.reading.reader import Block
from masterd.daemon.rendering.engine_pass import Aligned, Move, engine_for, through_float64
from masterd.daemon.rendering.programme import Programme

CEILING = "limiter.ceiling_dbtp"
NEVER = 1 << 62


class Piece:
    """A stretch of a lane that becomes one or several files. Its writers are made when it begins."""

    def __init__(self, sample_rate_hz: int, open_writers: Callable[[], Sequence[Writer]], mono: bool = False) -> None:
        self._open_writers = open_writers
        self.writers: Sequence[Writer] | None = None
        self.meter = ProgrammeMeter(sample_rate_hz, 1 if mono else 2)
        """Of what its first file holds."""

    def write(self, block: Block) -> npt.NDArray[Any]:
        """Appends; what the first file holds of it."""
        if self.writers is None:
            self.writers = self._open_writers()
        held = [writer.write(block) for writer in self.writers]
        return np.asarray(held[0], np.float64) if held else block

    def finish(self) -> None:
        """Completes the audio of its files, which are not published yet."""
        for writer in self.writers or ():
            writer.finish()


class Lane:
    """Everything at one sample rate."""

    def __init__(
        self,
        engine_hz: int,
        sample_rate_hz: int,
        ceiling_dbtp: float,
        moves: Sequence[Move],
        pieces: Sequence[Piece],
        programme: Programme,
        for_cd: bool = False,
        mono: bool = False,
    ) -> None:
        self.sample_rate_hz, self.pieces = sample_rate_hz, pieces
        self.whole = pieces[0].meter if len(pieces) == 1 else ProgrammeMeter(sample_rate_hz, 1 if mono else 2)
        self._engine_hz, self._programme, self._for_cd, self._mono = engine_hz, programme, for_cd, mono
        self._resampler = Resampler(engine_hz, sample_rate_hz)
        self._limiter = None if engine_hz == sample_rate_hz else self._last_limiter(ceiling_dbtp, moves)
        self._at, self._piece = 0, 0

    def _last_limiter(self, ceiling_dbtp: float, moves: Sequence[Move]) -> Aligned:
        follow = [Move(self._here(it.frame), only(it.values[CEILING]), self._here(it.ramp_frames)) for it in moves]
        return Aligned(engine_for(self.sample_rate_hz, only(ceiling_dbtp)), through_float64, follow)

    def _here(self, frames: int) -> int:
        return resampled_frames(frames, self._engine_hz, self.sample_rate_hz)

    @property
    def starts_frames(self) -> list[int]:
        """Where each source begins, as far as that is known."""
        return [0, *(self._cut(end) for end in self._programme.ends)][: len(self._programme.sources)]

    def add(self, block: Block) -> None:
        """(frames, 2) at the engine's rate."""
        block = self._resampler.add(block)
        self._give(self._limiter.add(block) if self._limiter else block)

    def end(self) -> None:
        """The programme is over: the rest, and for a CD the silence that completes the last sector."""
        rest = self._resampler.end()
        if self._limiter:
            rest = np.concatenate([self._limiter.add(rest), self._limiter.end()])
        self._give(rest)
        if self._for_cd and self.sample_rate_hz == CD_RATE_HZ:
            self._give(np.zeros((padding_frames(self._at), 2)))
        self.pieces[self._piece].finish()

    def _give(self, block: Block) -> None:
        if self._mono:  # half the sum of both is under the ceiling that each is under
            block = np.repeat(block.mean(axis=1)[None], 2, axis=0).T
        while len(block):
            piece = self.pieces[self._piece]
            part = block[: max(0, self._end_of_piece() - self._at)]
            self._hear(piece, piece.write(part))
            self._at, block = self._at + len(part), block[len(part) :]
            if len(block):
                piece.finish()
                self._piece += 1

    def _hear(self, piece: Piece, held: npt.NDArray[Any]) -> None:
        piece.meter.add(held)
        if piece.meter is not self.whole:
            self.whole.add(held)

    def _end_of_piece(self) -> int:
        ends = self._programme.ends
        last = self._piece >= len(self.pieces) - 1 or self._piece >= len(ends)
        return NEVER if last else self._cut(ends[self._piece])

    def _cut(self, frames: int) -> int:
        """Where a cut at `frames` of the engine comes to lie: for a CD on the sector before it, at any rate."""
        if not self._for_cd:
            return self._here(frames)
        sector = sector_at(resampled_frames(frames, self._engine_hz, CD_RATE_HZ))
        return resampled_frames(sector, CD_RATE_HZ, self.sample_rate_hz)


def only(ceiling: Value) -> dict[str, Value]:
    """The flat chain with that ceiling."""
    return defaults() | {CEILING: ceiling}
