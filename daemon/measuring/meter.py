"""Measuring a whole programme with the meters that also run on air: loudness, true peak, dynamics and stereo image."""

from __future__ import annotations

from typing import Any

import numpy as np

from masterd.daemon.levels import LevelsBook
from masterd.daemon.measuring.mono import MonoSum
from masterd.daemon.reading.reader import Block
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
    both sides. `bs1770` measures true peak a second time, with the very filter that the recommendation prints.
    """

    def __init__(self, sample_rate_hz: float, channels: int = 2, bs1770: bool = False) -> None:
        self.channels = channels
        self.sample_peak = 0.0
        self.nonfinite_samples = 0
        self._point, self._coefs = ffi.new("measuring *"), ffi.new("measuring_coefs *")
        self._fir, self._fir_coefs = ffi.new("truepeak_fir *") if bs1770 else None, ffi.new("truepeak_fir_coefs *")
        self._book, self._levels = ffi.new("loudness_book *"), LevelsBook()
        self._mono = MonoSum()
        self._at, self._lost = ffi.new("uint64_t *"), ffi.new("uint64_t *")
        format = ffi.new("stream_format *", {"sample_rate_hz": sample_rate_hz})
        lib.measuring_design(self._coefs, format)
        lib.measuring_reset(self._point)
        lib.truepeak_fir_design(self._fir_coefs, format)
        lib.loudness_book_reset(self._book)
        self._most_frames = int(sample_rate_hz)  # a second at a time: the journal never overflows

    def add(self, block: Block) -> None:
        """(frames, 2); NaN and infinities count as silence, as the engine has it, and are counted."""
        for at in range(0, len(block), self._most_frames):
            self._add(block[at : at + self._most_frames])

    def _add(self, block: Block) -> None:
        channels = np.ascontiguousarray(block.T, np.float64)
        if not np.isfinite(channels.sum()):
            bad = ~np.isfinite(channels)
            self.nonfinite_samples += int(bad.sum()) // (3 - self.channels)
            channels = np.where(bad, 0, channels)
        self.sample_peak = max(self.sample_peak, float(channels.max(initial=0)), -float(channels.min(initial=0)))
        self._measure(channels)
        self._mono.take(ffi.addressof(self._point, "loudness"))
        lib.loudness_book_add(self._book, *self._new_bins())
        self._levels.take(ffi.addressof(self._point, "levels"), self.channels)

    def _measure(self, channels: Block) -> None:
        left, right = (ffi.from_buffer("double[]", channel) for channel in channels)
        lib.measuring_process_bins(self._point, self._coefs, left, right, len(left))
        if self._fir is not None:
            lib.truepeak_fir_process(self._fir, self._fir_coefs, left, right, len(left))

    def _new_bins(self) -> tuple[Any, int]:
        """K-weighted power. A mono programme comes on both sides, and counts once."""
        bins = np.empty(int(lib.LOUDNESS_JOURNAL_BINS))
        memory = ffi.from_buffer("double[]", bins)
        journal = ffi.addressof(self._point, "loudness")
        count = lib.loudness_collect(journal, self._at, memory, len(bins), self._lost)
        bins[:count] *= self.channels / 2
        return memory, count

    def readings(self) -> dict[str, Any]:
        """The programme is over: LUFS, LU, dB, dBTP and dBFS by the names that `masterd measure` gives them."""
        whole = self._read()
        levels = self._levels.read(whole.integrated_lufs)
        lib.loudness_book_add(self._book, ffi.new("double[]", RANGE_TAIL_BINS), RANGE_TAIL_BINS)
        self._measure(np.zeros((2, TAIL_FRAMES)))
        true_peak_dbtp = decibels(max(self._point.truepeak.peak))
        known = whole.integrated_lufs > NONE and true_peak_dbtp > NONE
        readings = {
            "integrated_lufs": whole.integrated_lufs,
            "momentary_max_lufs": whole.momentary_max_lufs,
            "short_term_max_lufs": whole.short_term_max_lufs,
            "loudness_range_lu": self._read().range_lu,
            "true_peak_dbtp": true_peak_dbtp,
            "sample_peak_dbfs": decibels(self.sample_peak),
            "plr_db": true_peak_dbtp - whole.integrated_lufs if known else NONE,
            "psr_min_db": levels.psr_min_db,
            "dr_db": levels.dr_db,
            "correlation": levels.programme_correlation,
            "mono_loss_lu": self._mono.loss_lu(whole.integrated_lufs) if self.channels == 2 else 0.0,
            "balance_db": levels.programme_balance_db,
            "dc_percent": tuple(100 * mean for mean in levels.programme_dc),
        }
        if self._fir is not None:
            readings["true_peak_bs1770_dbtp"] = decibels(max(self._fir.peak))
        return readings

    def _read(self) -> Any:
        reading = ffi.new("loudness_reading *")
        lib.loudness_book_read(self._book, reading)
        return reading
