"""The equaliser without its phase, for rendering: the FIR that native/kernels/linear_phase.h designs, run over blocks.

The design is native; here are the Fourier transforms, which numpy does. A bell keeps its magnitude and rings on both sides of
what it works on, evenly; nothing is later than it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import numpy as np
import numpy.typing as npt

from masterd.control.parameters import Value
from masterd.control.table import EQ_BANDS
from masterd.daemon.params import fill
from masterd.native import ffi, lib

Float64 = npt.NDArray[np.float64]

RESOLVED_S = 2.7
"""What rings longer than half of this makes the design look closer, up to CLOSER times."""
CLOSER = 16
DYNAMIC_TYPES = ("bell", "low_shelf", "high_shelf")


def refusals(values: Mapping[str, Value]) -> list[str]:
    """Why these values have no linear-phase twin, a line each."""
    if values["bypass.on"]:
        return ["bypass.on: a bypassed chain has no equaliser that could be linear in phase"]
    if not values["eq.on"]:
        return []
    bands = [f"eq.{band}" for band in range(1, EQ_BANDS + 1)]
    moving = [at for at in bands if values[f"{at}.on"] and values[f"{at}.dynamic"] and values[f"{at}.type"] in DYNAMIC_TYPES]
    return [f"{at}.dynamic: a band that moves with the level cannot be linear in phase; set {at}.dynamic=false" for at in moving]


class LinearPhase:
    """Stereo through a 2 x 2 matrix of symmetric FIRs with the equaliser's magnitudes, aligned with its input.

    >>> twin = LinearPhase(48000, values)
    >>> out = list(twin.filtered(blocks))   # as many frames as went in
    """

    def __init__(self, sample_rate_hz: float, values: Mapping[str, Value]) -> None:
        params, self._coefs = ffi.new("chain_params *"), ffi.new("eq_coefs *")
        fill(params, values)
        lib.eq_design(self._coefs, ffi.addressof(params, "eq"), ffi.new("stream_format *", {"sample_rate_hz": sample_rate_hz}))
        self.taps = _taps(self._coefs, sample_rate_hz)
        """[to, from, tap]: left and right from left and right."""
        self.half_frames = self.taps.shape[2] // 2

    def filtered(self, blocks: Iterable[Float64]) -> Iterator[Float64]:
        """(frames, 2) blocks of any length; as many frames come out as go in, and at the same time."""
        half = self.half_frames
        size = 1 << (4 * half).bit_length()
        hop = size - 2 * half
        spectrum = np.fft.rfft(self.taps, size)
        past, early = np.zeros((2 * half, 2)), half
        for chunk in _chunks(blocks, np.zeros((half, 2)), hop):
            window = np.concatenate([past, chunk])
            heard = np.einsum("oif,if->of", spectrum, np.fft.rfft(window.T, size))
            out = np.fft.irfft(heard, size)[:, 2 * half : len(window)].T
            past = window[len(chunk) :]
            yield np.ascontiguousarray(out[early:])
            early -= min(early, len(out))


def _taps(coefs: object, sample_rate_hz: float) -> Float64:
    """As fine as the longest ringing needs."""
    points = 1 << int(np.ceil(np.log2(RESOLVED_S * sample_rate_hz)))
    most = points * CLOSER
    while True:
        impulses = np.fft.irfft(_matrix(coefs, points))
        half = max(lib.linear_phase_half_frames(_doubles(impulse), points, sample_rate_hz) for impulse in impulses)
        if half < points // 2 or points >= most:
            break
        points *= 2
    taps = np.empty((lib.LINEAR_PHASE_ENTRIES, 2 * half + 1))
    for row, impulse in zip(taps, impulses, strict=True):
        lib.linear_phase_taps(_doubles(row), _doubles(impulse), points, half)
    return taps.reshape(2, 2, -1)


def _matrix(coefs: object, points: int) -> Float64:
    rows = np.empty((lib.LINEAR_PHASE_ENTRIES, points + 1))
    lib.linear_phase_matrix(coefs, _doubles(rows), points)
    return rows


def _doubles(array: Float64) -> object:
    return ffi.from_buffer("double[]", array, require_writable=True)


def _chunks(blocks: Iterable[Float64], end: Float64, frames: int) -> Iterator[Float64]:
    """The blocks and then `end`, cut anew; the last chunk is shorter."""
    waiting: list[Float64] = []
    have = 0
    for block in chain(blocks, [end]):
        waiting.append(block)
        have += len(block)
        while have >= frames:
            all = np.concatenate(waiting)
            yield all[:frames]
            waiting, have = [all[frames:]], have - frames
    if have:
        yield np.concatenate(waiting)
