"""How much loudness a programme loses when its channels are summed to mono, as a kitchen radio does."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from masterd.native import ffi, lib

ALL_LU = 200.0
"""Stands for "nothing is left"; anything lost beyond is held there."""
NONE_LUFS = float(lib.LOUDNESS_NONE)

Float64 = npt.NDArray[np.float64]


class MonoSum:
    """Takes a programme block by block. Any one thread."""

    def __init__(self, sample_rate_hz: float) -> None:
        self._state, self._coefs, self._book = ffi.new("loudness *"), ffi.new("loudness_coefs *"), ffi.new("loudness_book *")
        self._at, self._lost = ffi.new("uint64_t *"), ffi.new("uint64_t *")
        self._bins = np.empty(int(lib.LOUDNESS_JOURNAL_BINS))
        lib.loudness_design(self._coefs, ffi.new("stream_format *", {"sample_rate_hz": sample_rate_hz}))
        lib.loudness_reset(self._state)
        lib.loudness_book_reset(self._book)

    def add(self, channels: Float64) -> None:
        """(2, frames), finite, at most 80 s."""
        both = ffi.from_buffer("double[]", 0.5 * (channels[0] + channels[1]))
        lib.loudness_process(self._state, self._coefs, both, both, channels.shape[1])
        bins = ffi.from_buffer("double[]", self._bins)
        lib.loudness_book_add(self._book, bins, lib.loudness_collect(self._state, self._at, bins, len(self._bins), self._lost))

    def loss_lu(self, stereo_lufs: float) -> float:
        """Integrated loudness of the programme less that of its mono sum: 0 when both sides are alike, 3 when they are
        strangers, ALL_LU when they cancel; 0 in silence."""
        reading = ffi.new("loudness_reading *")
        lib.loudness_book_read(self._book, reading)
        if stereo_lufs <= NONE_LUFS:
            return 0.0
        if reading.integrated_lufs <= NONE_LUFS:
            return ALL_LU
        return min(stereo_lufs - float(reading.integrated_lufs), ALL_LU)
