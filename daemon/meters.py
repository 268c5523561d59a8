"""From the engine's linear numbers to the meter message: decibels with a floor, never NaN, never infinite."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Protocol

from masterd.control.protocol import METERS_TOPIC, SILENCE_DB, Meters, PointMeters, encode_msgpack
from masterd.daemon import engine
from masterd.daemon.levels import LevelsReading
from masterd.native import lib


class Loudness(Protocol):
    """Loudness at one point by BS.1770-5 and EBU Tech 3341/3342; silence may be -inf."""

    @property
    def momentary_lufs(self) -> float: ...  # noqa: D102
    @property
    def short_term_lufs(self) -> float: ...  # noqa: D102
    @property
    def integrated_lufs(self) -> float: ...  # noqa: D102
    @property
    def loudness_range_lu(self) -> float: ...  # noqa: D102
    @property
    def momentary_max_lufs(self) -> float: ...  # noqa: D102
    @property
    def short_term_max_lufs(self) -> float: ...  # noqa: D102


NOTHING = engine.PointMeters((0.0, 0.0), (0.0, 0.0), (0.0, 0.0))
CEILING_DB = 200.0
NO_BAND_REDUCED = ((0.0, 0.0),) * int(lib.MULTIBAND_BANDS)
NO_BAND_MOVED = (0.0,) * int(lib.EQ_BANDS)


def held(value: float, floor: float = SILENCE_DB) -> float:
    """`value` when it can be sent, else the nearest that can."""
    return floor if math.isnan(value) else min(max(value, floor), CEILING_DB)


def within(value: float, most: float) -> float:
    """`value` held between -most and most; 0 for NaN."""
    return 0.0 if math.isnan(value) else min(max(value, -most), most)


def level_db(amplitude: float) -> float:
    """20 log10, from SILENCE_DB up."""
    return held(20 * math.log10(amplitude)) if amplitude > 0 else SILENCE_DB


def power_db(power: float) -> float:
    """10 log10, from SILENCE_DB up."""
    return held(10 * math.log10(power)) if power > 0 else SILENCE_DB


def pair(values: Sequence[float]) -> tuple[float, float]:
    """Left and right."""
    left, right = values
    return left, right


def reduction(values: Sequence[float]) -> tuple[float, float]:
    """Left and right, 0 and above."""
    return pair([held(it, 0.0) for it in values])


def point(measured: engine.PointMeters, loudness: Loudness, levels: LevelsReading, true_peak_max: float) -> PointMeters:
    """One point's part of the message; `true_peak_max` is linear."""
    return PointMeters(
        sample_peak_dbfs=pair([level_db(it) for it in measured.sample_peak]),
        true_peak_dbtp=pair([level_db(it) for it in measured.true_peak]),
        rms_dbfs=pair([power_db(it) for it in measured.mean_square]),
        momentary_lufs=held(loudness.momentary_lufs),
        short_term_lufs=held(loudness.short_term_lufs),
        integrated_lufs=held(loudness.integrated_lufs),
        loudness_range_lu=held(loudness.loudness_range_lu, 0.0),
        momentary_max_lufs=held(loudness.momentary_max_lufs),
        short_term_max_lufs=held(loudness.short_term_max_lufs),
        true_peak_max_dbtp=level_db(true_peak_max),
        correlation=within(levels.correlation, 1),
        balance_db=held(levels.balance_db),
        width_db=held(levels.width_db),
        dc_percent=pair([within(100 * it, CEILING_DB) for it in levels.dc]),
        crest_db=pair([held(it) for it in levels.crest_db]),
        psr_db=held(levels.psr_db),
        psr_min_db=held(levels.psr_min_db),
        plr_db=held(levels.plr_db),
        dr_db=held(levels.dr_db),
    )


class MeterDesk:
    """Collects from the engine, keeps what must outlive a collection, and makes the messages. Control thread."""

    def __init__(self, boot_id: str) -> None:
        self.boot_id = boot_id
        self.seq = 0
        self.latest: engine.EngineMeters | None = None
        """The newest counters; None before the first block."""
        self.true_peak_max = [0.0, 0.0]

    def take(self, now: engine.EngineMeters) -> None:
        """Accounts for a collection."""
        self.latest = now
        for at, measured in enumerate((now.input, now.output)):
            self.true_peak_max[at] = max(self.true_peak_max[at], *measured.true_peak)

    def reset(self) -> None:
        """Starts the maxima anew."""
        self.true_peak_max = [0.0, 0.0]

    def message(
        self,
        now: engine.EngineMeters | None,
        loudness: Sequence[Loudness],
        levels: Sequence[LevelsReading],
        load_percent: float,
    ) -> Meters:
        """The next message; `now` None means that nothing was processed since the one before."""
        self.seq += 1
        count = self.latest
        return Meters(
            seq=self.seq,
            boot_id=self.boot_id,
            time=time.time(),
            frames=count.frames if count else 0,
            blocks=count.blocks if count else 0,
            late_blocks=count.late_blocks if count else 0,
            xruns=count.xruns if count else 0,
            load_percent=held(load_percent, 0.0),
            input=point(now.input if now else NOTHING, loudness[0], levels[0], self.true_peak_max[0]),
            output=point(now.output if now else NOTHING, loudness[1], levels[1], self.true_peak_max[1]),
            compressor_reduction_db=reduction(now.compressor_reduction_db) if now else (0.0, 0.0),
            limiter_reduction_db=held(now.limiter_reduction_db, 0.0) if now else 0.0,
            agc_gain_db=pair([within(it, CEILING_DB) for it in count.agc_gain_db]) if count else (0.0, 0.0),
            agc_frozen=bool(count and count.agc_frozen),
            multiband_reduction_db=tuple(map(reduction, now.multiband_reduction_db)) if now else NO_BAND_REDUCED,
            clipper_reduction_db=held(now.clipper_reduction_db, 0.0) if now else 0.0,
            eq_offset_db=tuple(within(it, CEILING_DB) for it in count.eq_offset_db) if count else NO_BAND_MOVED,
        )


def frame(meters: Meters) -> bytes:
    """The one frame that goes out."""
    return METERS_TOPIC + encode_msgpack(meters)
