"""Mains hum: lines at 50 or 60 Hz and their multiples that stand out of their neighbours all the time."""

from __future__ import annotations

import numpy as np

from masterd.daemon.analysis.features import Float64

MAINS_HZ = (50.0, 60.0)
HARMONICS = 6
WINDOW_S = 1.4
"""Lines 0.7 Hz apart: the mains wanders by 0.2 Hz at most."""
QUIET_SHARE = 0.25
"""Judged in the quietest quarter of the windows: music hides hum, and pauses show it."""
LEAST_WINDOWS = 8
STEADY = 0.2
"""A line must stand out in four fifths of these windows: notes come and go."""
NEIGHBOURS_HZ = (4.0, 12.0)
WINDOWS = 400


class HumMeter:
    """Takes (L+R)/2 block by block; keeps at most WINDOWS windows, thinned out evenly. Any one thread."""

    def __init__(self, sample_rate_hz: float) -> None:
        self._step = max(1, round(sample_rate_hz / 4000))
        self._rate_hz = sample_rate_hz / self._step
        self._length = round(WINDOW_S * self._rate_hz)
        self._rest: Float64 = np.zeros(0)
        self._lines: list[Float64] = []
        self._every, self._count = 1, 0

    def add(self, mono: Float64) -> None:
        """(frames,), finite."""
        joined = np.concatenate([self._rest, mono])
        usable = len(joined) // self._step * self._step
        self._take(joined[:usable].reshape(-1, self._step).mean(axis=1))
        self._rest = joined[usable:]

    _waiting: Float64 = np.zeros(0)

    def _take(self, low: Float64) -> None:
        low = np.concatenate([self._waiting, low])
        while len(low) >= self._length:
            if self._count % self._every == 0:
                self._lines.append(np.abs(np.fft.rfft(low[: self._length] * np.hanning(self._length))) ** 2)
            self._count += 1
            low = low[self._length :]
            if len(self._lines) > WINDOWS:
                self._lines, self._every = self._lines[::2], 2 * self._every
        self._waiting = low

    def read(self) -> tuple[float, float]:
        """The mains frequency that stands out most, and by how many dB its harmonics do together; (0, 0) when the programme is
        too short."""
        if len(self._lines) < LEAST_WINDOWS:
            return 0.0, 0.0
        lines = np.array(self._lines)
        quiet = lines[np.argsort(lines.sum(axis=1))[: max(LEAST_WINDOWS, int(QUIET_SHARE * len(lines)))]]
        stands_db = {mains: self._stands_db(quiet, mains) for mains in MAINS_HZ}
        mains = max(stands_db, key=stands_db.__getitem__)
        return mains, stands_db[mains]

    def _stands_db(self, quiet: Float64, mains_hz: float) -> float:
        hz = np.arange(quiet.shape[1]) * self._rate_hz / self._length
        over = []
        for harmonic in range(1, HARMONICS + 1):
            away = np.abs(hz - harmonic * mains_hz)
            line = quiet[:, away < 0.8].max(axis=1)
            beside = np.median(quiet[:, (away > NEIGHBOURS_HZ[0]) & (away < NEIGHBOURS_HZ[1])], axis=1)
            ratio_db = 10 * np.log10(np.maximum(line, 1e-12) / np.maximum(beside, 1e-12))
            over.append(np.quantile(ratio_db, STEADY))
        return float(np.mean(sorted(over)[-3:]))  # three strong harmonics make a hum
