"""Measuring a whole programme with the meters that also run on air: loudness and true peak."""

from __future__ import annotations

from typing import Any

import numpy as np

from masterd.daemon.audio_files import Block
from masterd.native import ffi, lib

NONE = -200.0
"""Stands for "nothing": silence, or a programme too short for the value."""

TAIL_FRAMES = 1024  # longer than any true-peak detector looks ahead
RANGE_TAIL_BINS = 150  # Tech 3342: 1.5 s of silence, so that the end of the programme counts as much as its middle


def decibels(peak: float) -> float:
    """A linear peak in dBFS, not below NONE."""
    return max(20 * float(np.log10(peak)), NONE) if peak > 0 else NONE


class ProgrammeMeter:
    """Takes a programme block by block and gives its readings at the end. Any one thread.

    With one channel the programme is mono: BS.1770 sums the channels that are there, so it reads 3 LU less than the same on
    both sides.
    """

    def __init__(self, sample_rate_hz: float, channels: int = 2) -> None:
        self.channels = channels
        self.sample_peak = 0.0
        self.nonfinite_samples = 0
        self._loudness, self._loudness_coefs = ffi.new("loudness *"), ffi.new("loudness_coefs *")
        self._truepeak, self._truepeak_coefs = ffi.new("truepeak *"), ffi.new("truepeak_coefs *")
        self._book = ffi.new("loudness_book *")
        self._at, self._lost = ffi.new("uint64_t *"), ffi.new("uint64_t *")
        format = ffi.new("stream_format *", {"sample_rate_hz": sample_rate_hz})
        lib.loudness_design(self._loudness_coefs, format)
        lib.truepeak_design(self._truepeak_coefs, format)
        lib.loudness_reset(self._loudness)
        lib.truepeak_reset(self._truepeak)
        lib.loudness_book_reset(self._book)
        self._most_frames = int(sample_rate_hz)  # a second at a time: the journal never overflows

    def add(self, block: Block) -> None:
        """(frames, 2); NaN and infinities count as silence, as the engine has it, and are counted."""
        for at in range(0, len(block), self._most_frames):
            self._add(block[at : at + self._most_frames])

    def _add(self, block: Block) -> None:
        channels = np.array(block.T, dtype=np.float64, order="C")
        bad = ~np.isfinite(channels)
        if bad.any():
            self.nonfinite_samples += int(bad.sum()) // (3 - self.channels)
            channels[bad] = 0
        self.sample_peak = max(self.sample_peak, float(np.abs(channels).max(initial=0)))
        self._true_peak(channels)
        if self.channels == 1:
            channels[1] = 0
        lib.loudness_process(self._loudness, self._loudness_coefs, *map(_pointer, channels), channels.shape[1])
        self._collect()

    def _true_peak(self, channels: Block) -> None:
        lib.truepeak_process(self._truepeak, self._truepeak_coefs, *map(_pointer, channels), channels.shape[1])

    def _collect(self) -> None:
        bins = ffi.new("double[]", int(lib.LOUDNESS_JOURNAL_BINS))
        count = lib.loudness_collect(self._loudness, self._at, bins, len(bins), self._lost)
        lib.loudness_book_add(self._book, bins, count)

    def readings(self) -> dict[str, float]:
        """The programme is over: LUFS, LU, dBTP and dBFS by the names that `masterd measure` gives them."""
        whole = self._read()
        lib.loudness_book_add(self._book, ffi.new("double[]", RANGE_TAIL_BINS), RANGE_TAIL_BINS)
        self._true_peak(np.zeros((2, TAIL_FRAMES)))
        return {
            "integrated_lufs": whole.integrated_lufs,
            "momentary_max_lufs": whole.momentary_max_lufs,
            "short_term_max_lufs": whole.short_term_max_lufs,
            "loudness_range_lu": self._read().range_lu,
            "true_peak_dbtp": decibels(max(self._truepeak.peak)),
            "sample_peak_dbfs": decibels(self.sample_peak),
        }

    def _read(self) -> Any:
        reading = ffi.new("loudness_reading *")
        lib.loudness_book_read(self._book, reading)
        return reading


def _pointer(channel: Block) -> Any:
    return ffi.from_buffer("double[]", channel)
