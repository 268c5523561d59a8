"""A source and a sink for a host: a tape that plays an array, a reel that keeps all it is given."""

from __future__ import annotations

import numpy as np


class Tape:
    """Plays an array once; `closed` counts how often it was closed."""

    def __init__(self, stereo: np.ndarray, sample_rate_hz: float = 48000, breaks_after: int | None = None) -> None:
        self.stereo, self.sample_rate_hz, self.breaks_after = stereo, sample_rate_hz, breaks_after
        self.at, self.closed = 0, 0

    def read(self, frames: int) -> np.ndarray:
        if self.breaks_after is not None and self.at >= self.breaks_after:
            raise OSError("the tape is torn")
        block = self.stereo[self.at : self.at + frames]
        self.at += len(block)
        return block

    def close(self) -> None:
        self.closed += 1


class Reel:
    """What came out, block by block; `closed` counts how often it was closed."""

    def __init__(self, sample_rate_hz: float | None = None) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.blocks: list[np.ndarray] = []
        self.closed = 0

    def write(self, block: np.ndarray) -> None:
        self.blocks.append(block.copy())

    def close(self) -> None:
        self.closed += 1

    @property
    def stereo(self) -> np.ndarray:
        return np.concatenate([np.zeros((0, 2), np.float32), *self.blocks])
