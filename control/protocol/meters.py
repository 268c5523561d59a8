"""What a daemon sends on `meters`, newest wins."""

from __future__ import annotations

import msgspec

METERS_TOPIC = b"meters"
SILENCE_DB = -200.0
"""What every level and loudness says when there is nothing to measure; never NaN or infinity."""


class PointMeters(msgspec.Struct):
    """Levels at one point: per channel the highest since the message before, loudness by BS.1770-5 and EBU Tech 3341/3342.

    Fields with a default came later: a daemon that does not send them leaves them there.
    """

    sample_peak_dbfs: tuple[float, float]
    true_peak_dbtp: tuple[float, float]
    rms_dbfs: tuple[float, float]
    momentary_lufs: float
    short_term_lufs: float
    integrated_lufs: float
    loudness_range_lu: float
    momentary_max_lufs: float
    short_term_max_lufs: float
    true_peak_max_dbtp: float
    correlation: float = 0.0
    balance_db: float = 0.0
    width_db: float = SILENCE_DB
    dc_percent: tuple[float, float] = (0.0, 0.0)
    crest_db: tuple[float, float] = (SILENCE_DB, SILENCE_DB)
    psr_db: float = SILENCE_DB
    psr_min_db: float = SILENCE_DB
    plr_db: float = SILENCE_DB
    dr_db: float = SILENCE_DB


class Meters(msgspec.Struct):
    """One meter frame. Reductions are the largest since the message before, in dB, 0 and above."""

    seq: int
    boot_id: str
    time: float
    frames: int
    blocks: int
    late_blocks: int
    xruns: int
    load_percent: float
    input: PointMeters
    output: PointMeters
    compressor_reduction_db: tuple[float, float]
    limiter_reduction_db: float
    agc_gain_db: tuple[float, float] = (0.0, 0.0)
    agc_frozen: bool = False
    multiband_reduction_db: tuple[tuple[float, float], ...] = ()
    clipper_reduction_db: float = 0.0
    eq_offset_db: tuple[float, ...] = ()
