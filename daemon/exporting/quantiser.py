"""Float to whole steps of a word: with triangular dither, flat or moved to where the ear is deaf, or bare."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from masterd.native import ffi, lib

DITHERS = ("flat", "weighted", "none")
"""Flat is dither.h, weighted the shaping of output.h, none rounds: only for what is quantised to that word already."""
SEED = 1

Float64 = npt.NDArray[np.float64]


class Quantiser:
    """The same bits in every run, whatever the block size. One thread."""

    def __init__(self, bits: int, sample_rate_hz: float, dither: str = "flat") -> None:
        self.steps, self.dither = float(2 ** (bits - 1)), dither
        format = ffi.new("stream_format *", {"sample_rate_hz": sample_rate_hz})
        if dither == "flat":
            self._coefs, self._state = ffi.new("dither_coefs *"), ffi.new("dither *")
            lib.dither_design(self._coefs, ffi.new("dither_params *", {"bits": bits}), format)
            lib.dither_reset(self._state, SEED)
            self._process = lib.dither_process
        elif dither == "weighted":
            word = {16: lib.WORD_16, 20: lib.WORD_20, 24: lib.WORD_24}[bits]
            self._coefs, self._state = ffi.new("output_coefs *"), ffi.new("output *")
            params = ffi.new("output_params *", {"word_bits": word, "noise_shaping": lib.SHAPING_WEIGHTED})
            lib.output_design(self._coefs, params, format)
            lib.output_reset(self._state)
            self._process = lib.output_process

    def __call__(self, block: npt.NDArray[Any]) -> Float64:
        """(frames, 2) as multiples of one step, within -1 and 1 less a step."""
        if self.dither == "none":
            rounded: Float64 = np.round(np.asarray(block, np.float64) * self.steps) / self.steps
            return np.clip(rounded, -1, 1 - 1 / self.steps)
        channels = np.array(block.T, np.float64, order="C")
        pointers = [ffi.from_buffer("double[]", channel, require_writable=True) for channel in channels]
        self._process(self._state, self._coefs, *pointers, len(block))
        return channels.T
