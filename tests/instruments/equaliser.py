"""Designs equaliser bands from a test and runs them, without the parameter table's ranges and steps in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from instruments.analog import ONE_BAND, db, designed_response, response
from masterd.native import ffi, lib

TYPES = ("bell", "low_shelf", "high_shelf", "tilt", "low_pass", "high_pass", "notch", "band_pass", "all_pass")
CHANNELS = ("stereo", "left", "right", "mid", "side")
SLOPES = (6, 12, 18, 24, 36, 48, 60, 72, 96)
Shape = tuple[str, float, float, float]
"""type, frequency in Hz, Q, gain in dB"""


def stream(rate: float):
    return ffi.new("stream_format *", {"sample_rate_hz": rate, "latency": lib.LATENCY_NORMAL})


def fill_band(band, shape: Shape, slope_db_per_oct: int = 12, channel: str = "stereo") -> None:
    kind, band.frequency_hz, band.q, band.gain_db = shape
    band.on, band.type, band.channel = 1, TYPES.index(kind), CHANNELS.index(channel)
    band.slope_db_per_oct = SLOPES.index(slope_db_per_oct)


def design(shapes: Iterable[Shape], rate: float, slope_db_per_oct: int = 12, channel: str = "stereo"):
    """An eq_coefs of up to sixteen bands."""
    params, coefs = ffi.new("eq_params *", {"on": 1}), ffi.new("eq_coefs *")
    for band, shape in zip(params.band, shapes, strict=False):
        fill_band(band, shape, slope_db_per_oct, channel)
    lib.eq_design(coefs, params, stream(rate))
    return coefs


def responses(
    shapes: Iterable[Shape], rate: float, hz: np.ndarray, slope_db_per_oct: int = 12
) -> Iterator[tuple[Shape, np.ndarray]]:
    """Each shape with the response of the sections designed for it."""
    rest = iter(shapes)
    while batch := list(islice(rest, lib.EQ_BANDS)):
        coefs = design(batch, rate, slope_db_per_oct)
        for shape, band in zip(batch, coefs.band, strict=False):
            yield shape, designed_response(band, hz, rate)


def worst_error_db(shapes: Iterable[Shape], rate: float, hz: np.ndarray) -> np.ndarray:
    """At each frequency the largest distance of any shape from its analog prototype."""
    found = np.zeros(len(hz))
    for (kind, f0, q, gain), got in responses(shapes, rate, hz):
        found = np.maximum(found, np.abs(db(got) - db(response(ONE_BAND[kind](gain, q), f0, hz))))
    return found


def process(coefs, signal: np.ndarray, state=None) -> np.ndarray:
    """(frames, 2) through the equaliser; a fresh one, if `state` is not given."""
    if state is None:
        state = ffi.new("eq *")
        lib.eq_reset(state)
    channels = [np.ascontiguousarray(signal[:, i]).copy() for i in (0, 1)]
    lib.eq_process(state, coefs, *(ffi.cast("double *", channel.ctypes.data) for channel in channels), len(signal))
    return np.stack(channels, axis=1)
