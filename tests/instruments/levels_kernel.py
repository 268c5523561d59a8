"""Drives a measuring point and its books, the 1/3-octave bank and the printed true-peak filter from a test."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from instruments.loudness_kernel import doubles
from masterd.native import ffi, lib

BIN_FIELDS = 8


class Point:
    """The measuring kernels and a levels_book."""

    def __init__(self, sample_rate_hz: float = 48000):
        self.state, self.coefs = ffi.new("measuring *"), ffi.new("measuring_coefs *")
        lib.measuring_design(self.coefs, ffi.new("stream_format *", {"sample_rate_hz": sample_rate_hz}))
        lib.measuring_reset(self.state)
        self.book = ffi.new("levels_book *")
        lib.levels_book_reset(self.book)
        self.at = {name: ffi.new("uint64_t *") for name in ("bins", "blocks", "lost")}

    def feed(self, stereo: np.ndarray, blocks: Iterable[int] = ()) -> Point:
        left, right = (np.ascontiguousarray(stereo[:, channel], dtype=np.float64) for channel in (0, 1))
        sizes, at = iter(blocks), 0
        while at < len(left):
            frames = min(next(sizes, 48000), len(left) - at)
            lib.measuring_process(self.state, self.coefs, doubles(left[at:]), doubles(right[at:]), frames)
            at += frames
            if frames == 48000:
                self.gather()
        return self.gather()

    def gather(self) -> Point:
        levels = ffi.addressof(self.state, "levels")
        bins, blocks = ffi.new("levels_bin[]", 8192), ffi.new("levels_block[]", 64)
        lib.levels_book_add_bins(self.book, bins, lib.levels_collect_bins(levels, self.at["bins"], bins, 8192, self.at["lost"]))
        lib.levels_book_add_blocks(
            self.book, blocks, lib.levels_collect_blocks(levels, self.at["blocks"], blocks, 64, self.at["lost"])
        )
        return self

    def journal(self) -> np.ndarray:
        """(bins, fields), from the beginning."""
        out, at, lost = np.empty((8192, BIN_FIELDS)), ffi.new("uint64_t *"), ffi.new("uint64_t *")
        bins = ffi.cast("levels_bin *", out.ctypes.data)
        return out[: lib.levels_collect_bins(ffi.addressof(self.state, "levels"), at, bins, 8192, lost)].copy()

    def read(self, integrated_lufs: float = -200):
        reading = ffi.new("levels_reading *")
        lib.levels_book_read(self.book, integrated_lufs, reading)
        return reading


class Bank:
    """The 1/3-octave bank."""

    def __init__(self, sample_rate_hz: float = 48000, averaging_s: float = 1.0):
        self.state, self.coefs = ffi.new("third_octave *"), ffi.new("third_octave_coefs *")
        lib.third_octave_design(self.coefs, sample_rate_hz, averaging_s)
        lib.third_octave_reset(self.state)

    def feed(self, stereo: np.ndarray, blocks: Iterable[int] = ()) -> Bank:
        pairs = np.ascontiguousarray(stereo, dtype=np.float32)
        sizes, at = iter(blocks), 0
        while at < len(pairs):
            frames = min(next(sizes, len(pairs)), len(pairs) - at)
            lib.third_octave_process(self.state, self.coefs, ffi.cast("float *", pairs[at:].ctypes.data), frames)
            at += frames
        return self

    def read(self) -> np.ndarray:
        """(2, bands) in dBFS."""
        levels = np.empty((2, 30))
        lib.third_octave_read(self.state, doubles(levels[0]), doubles(levels[1]))
        return levels


def printed_true_peak_dbtp(mono: np.ndarray) -> float:
    """By the filter of BS.1770-5 Annex 2."""
    state, coefs = ffi.new("truepeak_fir *"), ffi.new("truepeak_fir_coefs *")
    lib.truepeak_fir_design(coefs, ffi.NULL)
    lib.truepeak_fir_reset(state)
    channel = np.concatenate([mono, np.zeros(12)])
    lib.truepeak_fir_process(state, coefs, doubles(channel), doubles(channel), len(channel))
    assert state.peak[0] == state.peak[1]
    return 20 * np.log10(state.peak[0])
