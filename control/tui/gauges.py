"""The needles of one daemon: fed with every meter frame, so that no peak is lost, and read when they are drawn."""

from __future__ import annotations

import math

from masterd.control.levels import Bar, Mean
from masterd.control.protocol import SILENCE_DB, Meters, PointMeters

BANDS = 6


class Point:
    """Both channels of one measuring point."""

    def __init__(self) -> None:
        self.peaks = (Bar(), Bar())
        self.means = (Mean(), Mean())

    def take(self, point: PointMeters | None, now_s: float) -> None:
        """None lets everything fall."""
        silence = (SILENCE_DB, SILENCE_DB)
        peaks, means = (point.true_peak_dbtp, point.rms_dbfs) if point else (silence, silence)
        for bar, level_db in zip(self.peaks, peaks, strict=True):
            bar.take(level_db, now_s)
        for mean, level_db in zip(self.means, means, strict=True):
            mean.take(level_db, now_s)


class Gauges:
    """Peak and RMS at both points, and the reduction of every stage."""

    def __init__(self) -> None:
        self.input, self.output = Point(), Point()
        self.compressor = (Bar(0.0), Bar(0.0))
        self.clipper, self.limiter = Bar(0.0), Bar(0.0)
        self.bands = tuple(Bar(0.0) for _ in range(BANDS))

    def take(self, frame: Meters | None, now_s: float) -> None:
        """A frame, at `now_s` of a clock that only goes forward. None when no frames come: everything falls to rest."""
        self.input.take(frame.input if frame else None, now_s)
        self.output.take(frame.output if frame else None, now_s)
        reduced = frame.compressor_reduction_db if frame else (0.0, 0.0)
        for bar, reduction_db in zip(self.compressor, reduced, strict=True):
            bar.take(reduction_db, now_s)
        self.clipper.take(frame.clipper_reduction_db if frame else 0.0, now_s)
        self.limiter.take(frame.limiter_reduction_db if frame else 0.0, now_s)
        bands = frame.multiband_reduction_db if frame else ()
        for at, bar in enumerate(self.bands):
            bar.take(max(bands[at]) if at < len(bands) else 0.0, now_s)


def is_silent(level_db: float) -> bool:
    """Whether there is nothing to show."""
    return level_db <= SILENCE_DB + 1 or math.isinf(level_db)
