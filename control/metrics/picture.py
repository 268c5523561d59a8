"""What is known of a daemon: its last status and meters, the last minute of peaks and reductions, and how old that is. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TypeAlias

from masterd.control.metrics.seconds import Seconds
from masterd.control.protocol import DaemonStatus, Meters, PointMeters

SILENT_DBFS = -60.0
"""A channel whose RMS stays at or below is silent: hum and noise of a dead feed are lower, the quietest music is not for long."""
CHANNELS = ("left", "right")

Reduction: TypeAlias = tuple[str, str]
"""Stage and band; `all` where a stage has no bands."""


def points(meters: Meters) -> dict[str, PointMeters]:
    """Both points by name."""
    return {"input": meters.input, "output": meters.output}


def reductions_db(meters: Meters) -> dict[Reduction, float]:
    """By stage and band, the larger of both channels."""
    bands = {("multiband", str(band)): max(pair) for band, pair in enumerate(meters.multiband_reduction_db, 1)}
    return {
        **bands,
        ("compressor", "all"): max(meters.compressor_reduction_db),
        ("clipper", "all"): meters.clipper_reduction_db,
        ("limiter", "all"): meters.limiter_reduction_db,
    }


class Picture:
    """Time comes from outside, in seconds from anywhere, forward. One thread, or a lock around it."""

    def __init__(self, now_s: float) -> None:
        self.status: DaemonStatus | None = None
        """None while the daemon does not answer."""
        self.meters: Meters | None = None
        self.ceiling_dbtp: float | None = None
        self.alarms_seen: set[str] = set()
        self.true_peaks_dbtp: dict[str, Seconds] = defaultdict(Seconds)
        self.reductions_db: dict[Reduction, Seconds] = defaultdict(Seconds)
        self._heard_s = now_s
        self._sounded_s: dict[tuple[str, str], float] = {}

    def answered(self, status: DaemonStatus, now_s: float) -> None:
        """The daemon said how it is."""
        self.status, self._heard_s = status, now_s
        self.alarms_seen.update(status.alarms)

    def silent(self) -> None:
        """The daemon does not answer."""
        self.status = self.meters = None
        self._sounded_s.clear()

    def metered(self, meters: Meters, now_s: float) -> None:
        """A meter frame came."""
        self.meters, self._heard_s = meters, now_s
        for name, point in points(meters).items():
            self.true_peaks_dbtp[name].add(max(point.true_peak_dbtp), now_s)
            for channel, rms_dbfs in zip(CHANNELS, point.rms_dbfs, strict=True):
                sounded_s = self._sounded_s.setdefault((name, channel), now_s)
                self._sounded_s[name, channel] = now_s if rms_dbfs > SILENT_DBFS else sounded_s
        for at, reduction_db in reductions_db(meters).items():
            self.reductions_db[at].add(reduction_db, now_s)

    def age_s(self, now_s: float) -> float:
        """Since the daemon was heard last, or since the watch began."""
        return now_s - self._heard_s

    def silence_s(self, now_s: float) -> dict[tuple[str, str], float]:
        """By point and channel, for how long it has been silent; 0 when it is not."""
        heard_s = self._heard_s if self.meters else now_s
        return {at: max(0.0, heard_s - sounded_s) for at, sounded_s in self._sounded_s.items()}
