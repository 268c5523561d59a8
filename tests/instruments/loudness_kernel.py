"""Drives the loudness kernel and its book from a test."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from masterd.native import ffi, lib


def doubles(array: np.ndarray):
    """The memory of a contiguous float64 array."""
    return ffi.cast("double *", array.ctypes.data)


class Weigher:
    """The loudness kernel with a reader."""

    def __init__(self, sample_rate_hz: float = 48000):
        self.coefs, self.state = ffi.new("loudness_coefs *"), ffi.new("loudness *")
        lib.loudness_design(self.coefs, ffi.new("stream_format *", {"sample_rate_hz": sample_rate_hz}))
        lib.loudness_reset(self.state)
        self.at, self.lost = ffi.new("uint64_t *"), ffi.new("uint64_t *")

    def feed(self, stereo: np.ndarray, blocks: Iterable[int] = ()) -> None:
        """`blocks` are block lengths, the rest goes in one block."""
        left, right = (np.ascontiguousarray(stereo[:, channel], dtype=np.float64) for channel in (0, 1))
        sizes, at = iter(blocks), 0
        while at < len(left):
            frames = min(next(sizes, len(left)), len(left) - at)
            lib.loudness_process(self.state, self.coefs, doubles(left[at:]), doubles(right[at:]), frames)
            at += frames

    def collect(self, most: int = 10000) -> np.ndarray:
        out = np.empty(most)
        return out[: lib.loudness_collect(self.state, self.at, doubles(out), most, self.lost)].copy()

    def bins(self, stereo: np.ndarray, blocks: Iterable[int] = ()) -> np.ndarray:
        """The bins of a signal that is shorter than the journal."""
        self.feed(stereo, blocks)
        return self.collect()


class Book:
    """The loudness book; `read` gives a loudness_reading."""

    def __init__(self) -> None:
        self.book = ffi.new("loudness_book *")
        lib.loudness_book_reset(self.book)

    def add(self, bins: np.ndarray) -> Book:
        bins = np.ascontiguousarray(bins, dtype=np.float64)
        lib.loudness_book_add(self.book, doubles(bins), len(bins))
        return self

    def read(self):
        reading = ffi.new("loudness_reading *")
        lib.loudness_book_read(self.book, reading)
        return reading

    def reset(self) -> None:
        lib.loudness_book_reset(self.book)
