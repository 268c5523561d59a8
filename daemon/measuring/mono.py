"""How much loudness a programme loses when its channels are summed to mono, as a kitchen radio does."""

from __future__ import annotations

from typing import Any

from masterd.native import ffi, lib

ALL_LU = 200.0
"""Stands for "nothing is left"; anything lost beyond is held there."""
NONE_LUFS = float(lib.LOUDNESS_NONE)
MOST_BINS = int(lib.LOUDNESS_JOURNAL_BINS)


class MonoSum:
    """Takes what a programme's `loudness *` journals of the sum. Any one thread."""

    def __init__(self) -> None:
        self._book, self._bins = ffi.new("loudness_book *"), ffi.new("double[]", MOST_BINS)
        self._at, self._lost = ffi.new("uint64_t *"), ffi.new("uint64_t *")
        lib.loudness_book_reset(self._book)

    def take(self, journal: Any) -> None:
        """Takes over what is new in it; at least every 80 s."""
        lib.loudness_book_add(
            self._book, self._bins, lib.loudness_collect_mono(journal, self._at, self._bins, MOST_BINS, self._lost)
        )

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
