"""What the equaliser does to each frequency: magnitudes of the very coefficients that the kernel designs for the values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from masterd.control.parameters import Value
from masterd.daemon.params import fill
from masterd.native import ffi, lib

LOW_HZ, HIGH_HZ = 20.0, 20000.0
FLOOR_DB = -120.0
"""What a notch says at its bottom."""

Float64 = npt.NDArray[np.float64]


def frequencies_hz(points: int) -> Float64:
    """Equal ratios from LOW_HZ to HIGH_HZ, both of them included."""
    return np.geomspace(LOW_HZ, HIGH_HZ, points)


def response_db(values: Mapping[str, Value], sample_rate_hz: float, at_hz: Float64) -> Float64:
    """(4, points): left, right, mid, side of complete, checked `values`. Any thread; some ms, without the interpreter's lock."""
    params, coefs = ffi.new("chain_params *"), ffi.new("eq_coefs *")
    fill(params, values)
    lib.eq_design(coefs, ffi.addressof(params, "eq"), ffi.new("stream_format *", {"sample_rate_hz": sample_rate_hz}))
    rows = np.empty((lib.EQ_RESPONSES, len(at_hz)))
    memory = ffi.from_buffer("double[]", rows, require_writable=True)
    lib.eq_response(coefs, sample_rate_hz, ffi.from_buffer("double[]", at_hz), len(at_hz), memory)
    levels: Float64 = 20 * np.log10(np.maximum(rows, 10 ** (FLOOR_DB / 20)))
    return levels
