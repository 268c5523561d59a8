"""One meter frame as one line of text."""

from __future__ import annotations

import time

from masterd.control.protocol import Meters, PointMeters
from masterd.control.text import level_text


def point_text(point: PointMeters) -> str:
    """True peaks of both channels, then loudness."""
    peaks = "".join(map(level_text, point.true_peak_dbtp))
    loudness = f"M{level_text(point.momentary_lufs)} S{level_text(point.short_term_lufs)} I{level_text(point.integrated_lufs)}"
    return f"TP{peaks} {loudness} LRA{level_text(point.loudness_range_lu, 5)} r{point.correlation:6.2f}"


def line(frame: Meters) -> str:
    """For logs and pipes."""
    clock = time.strftime("%H:%M:%S", time.localtime(frame.time))
    bands = max((max(band) for band in frame.multiband_reduction_db), default=0.0)
    reduction = (
        f"agc{min(frame.agc_gain_db):+5.1f} mb{level_text(bands, 5)} comp{level_text(max(frame.compressor_reduction_db), 5)}"
    )
    reduction += f" clip{level_text(frame.clipper_reduction_db, 5)} lim{level_text(frame.limiter_reduction_db, 5)}"
    health = f"load {frame.load_percent:.0f} % late {frame.late_blocks} xruns {frame.xruns}"
    return f"{clock} in {point_text(frame.input)} | out {point_text(frame.output)} | {reduction} | {health}"
