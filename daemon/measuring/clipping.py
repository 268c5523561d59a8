"""Clipped runs: three or more equal samples in a row at full scale, which no converter delivers and every overload leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FULL_SCALE = 1 - 2.0**-15
"""The highest value of 16 bits, so of any word length; beyond it a float file is clipped as well."""
SHORTEST = 3
LISTED = 100

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Run:
    """One of them; channel 0 is left."""

    start_frames: int
    frames: int
    channel: int


class ClipFinder:
    """Takes a programme block by block; a run may go on from one to the next. One thread."""

    def __init__(self) -> None:
        self.count = 0
        self.longest: Run | None = None
        self.first: list[Run] = []
        """The first LISTED, as they ended."""
        self._frames = 0
        self._open: list[tuple[float, int]] = []  # value and length of the run that each channel ends in

    def add(self, channels: Float64) -> None:
        """(channels, frames)."""
        if not channels.shape[1]:
            return
        self._open = self._open or [(0.0, 0)] * len(channels)
        for channel, samples in enumerate(channels):
            self._add(channel, samples)
        self._frames += channels.shape[1]

    def _add(self, channel: int, samples: Float64) -> None:
        value, length = self._open[channel]
        full = np.abs(samples) >= FULL_SCALE
        if length and samples[0] != value:
            self._keep(channel, self._frames - length, length)
            length = 0
        if not full.any():
            self._open[channel] = (0.0, 0)
            return
        begins = full & (samples != np.concatenate([[value if length else np.nan], samples[:-1]]))
        of_run = np.cumsum(begins)[full]  # 0: the run that was open
        frames = np.bincount(of_run)
        starts = np.concatenate([[-length], np.flatnonzero(begins)])
        frames[0] += length
        last = len(frames) - 1 if full[-1] else None  # goes on in the next block, perhaps
        for run in np.flatnonzero(frames >= SHORTEST):
            if run != last:
                self._keep(channel, self._frames + int(starts[run]), int(frames[run]))
        self._open[channel] = (float(samples[-1]), int(frames[last])) if last is not None else (0.0, 0)

    def _keep(self, channel: int, start_frames: int, frames: int) -> None:
        if frames < SHORTEST:
            return
        run = Run(start_frames, frames, channel)
        self.count += 1
        if self.longest is None or frames > self.longest.frames:
            self.longest = run
        if len(self.first) < LISTED:
            self.first.append(run)

    def end(self) -> None:
        """The programme is over: runs that reach its end count."""
        for channel, (_, length) in enumerate(self._open):
            self._keep(channel, self._frames - length, length)
        self._open = []
