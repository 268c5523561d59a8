"""What every meter display shares: joining frames, and how a bar falls."""

from __future__ import annotations

import math

import msgspec

from masterd.control.protocol import SILENCE_DB, Meters, PointMeters

FALL_DB_PER_S = 20 / 1.7  # IEC 60268-18: 20 dB in 1.7 s
HOLD_S = 2.0
MEAN_S = 0.3
LEAST_POWER = 1e-12


def merged(older: Meters, newer: Meters) -> Meters:
    """Two frames as one: the higher peaks and reductions of both, everything else from the newer."""
    return msgspec.structs.replace(
        newer,
        input=_merged_point(older.input, newer.input),
        output=_merged_point(older.output, newer.output),
        compressor_reduction_db=_higher(older.compressor_reduction_db, newer.compressor_reduction_db),
        limiter_reduction_db=max(older.limiter_reduction_db, newer.limiter_reduction_db),
        multiband_reduction_db=tuple(map(_higher, older.multiband_reduction_db, newer.multiband_reduction_db)),
        clipper_reduction_db=max(older.clipper_reduction_db, newer.clipper_reduction_db),
    )


def _merged_point(older: PointMeters, newer: PointMeters) -> PointMeters:
    return msgspec.structs.replace(
        newer,
        sample_peak_dbfs=_higher(older.sample_peak_dbfs, newer.sample_peak_dbfs),
        true_peak_dbtp=_higher(older.true_peak_dbtp, newer.true_peak_dbtp),
    )


def _higher(first: tuple[float, float], second: tuple[float, float]) -> tuple[float, float]:
    return max(first[0], second[0]), max(first[1], second[1])


class Bar:
    """One bar: rises at once, falls at `fall_db_per_s`, remembers its highest for HOLD_S."""

    def __init__(self, rest_db: float = SILENCE_DB, fall_db_per_s: float = FALL_DB_PER_S) -> None:
        self.level_db = rest_db
        self.held_db = rest_db
        self._fall_db_per_s = fall_db_per_s
        self._held_s = self._taken_s = 0.0

    def take(self, level_db: float, now_s: float) -> None:
        """`now_s` counts from anywhere, forward."""
        fallen_db = self.level_db - self._fall_db_per_s * max(0.0, now_s - self._taken_s)
        self._taken_s = now_s
        self.level_db = max(level_db, fallen_db)
        if level_db >= self.held_db or now_s - self._held_s > HOLD_S:
            self.held_db, self._held_s = level_db, now_s


class Mean:
    """RMS as an eye follows it: the mean power with a time constant of MEAN_S."""

    def __init__(self) -> None:
        self._power = 0.0
        self._taken_s = 0.0

    @property
    def level_db(self) -> float:
        """SILENCE_DB when there is nothing, or next to nothing: a mean that fades never ends."""
        return 10 * math.log10(self._power) if self._power > LEAST_POWER else SILENCE_DB

    def take(self, level_db: float, now_s: float) -> None:
        """`now_s` counts from anywhere, forward."""
        share = 1 - math.exp(-max(0.0, now_s - self._taken_s) / MEAN_S)
        self._taken_s = now_s
        self._power += share * (10 ** (level_db / 10) - self._power)
