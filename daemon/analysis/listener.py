"""Everything that Features hold, gathered from a programme block by block: a file's, a rendering's, or what is on air."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from masterd.daemon.analysis.features import Features
from masterd.daemon.analysis.hum import HumMeter
from masterd.daemon.analysis.image import ImageMeter
from masterd.daemon.measuring.clipping import ClipFinder
from masterd.daemon.measuring.meter import ProgrammeMeter
from masterd.daemon.reading.reader import Block

KEPT = ("integrated_lufs", "loudness_range_lu", "true_peak_dbtp", "plr_db", "psr_min_db", "dr_db", "correlation", "mono_loss_lu",
        "balance_db", "dc_percent")  # fmt: skip


class Listener:
    """One programme at one of the engine's rates. Any one thread; some 0.6 us per frame."""

    def __init__(self, sample_rate_hz: float, channels: int = 2) -> None:
        self.sample_rate_hz, self.frames = sample_rate_hz, 0
        self._meter, self._image = ProgrammeMeter(sample_rate_hz, channels), ImageMeter(sample_rate_hz)
        self._hum, self._clips, self._channels = HumMeter(sample_rate_hz), ClipFinder(), channels

    def add(self, block: Block) -> None:
        """(frames, 2); what is not finite counts as silence."""
        self.frames += len(block)
        self._meter.add(block)
        clean = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
        self._image.add(clean)
        self._hum.add(clean.mean(axis=1))
        self._clips.add(clean[:, : self._channels].T)

    def features(self, name: str, clipped_runs: int | None = None) -> Features:
        """The programme is over. Once. `clipped_runs`: counted before a conversion of the rate, if there was one."""
        self._clips.end()
        readings: Mapping[str, Any] = self._meter.readings()
        middle, side = self._image.levels_dbfs()
        hum_hz, hum_db = self._hum.read()
        return Features(
            name=name,
            seconds=self.frames / self.sample_rate_hz,
            clipped_runs=self._clips.count if clipped_runs is None else clipped_runs,
            mid_dbfs=middle,
            side_dbfs=side,
            hum_hz=hum_hz,
            hum_db=hum_db,
            **{key: readings[key] for key in KEPT},
        )
