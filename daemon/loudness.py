"""Loudness on air: what the engine's two measuring points have journalled, kept in books that survive a change of engine."""

from __future__ import annotations

from dataclasses import dataclass

from masterd.daemon.engine import Engine
from masterd.native import ffi, lib

MOST_BINS = int(lib.LOUDNESS_JOURNAL_BINS)


@dataclass(frozen=True, slots=True)
class LoudnessReading:
    """BS.1770-5, EBU Tech 3341 and 3342, since the last reset. -200 stands for silence, and for what does not exist yet."""

    momentary_lufs: float
    short_term_lufs: float
    integrated_lufs: float
    loudness_range_lu: float
    momentary_max_lufs: float
    short_term_max_lufs: float
    seconds: float
    range_stable: bool


class LiveLoudness:
    """One measuring point. One thread at a time; gathered less than once a minute, it loses bins of 10 ms, and counts them."""

    def __init__(self, point: int) -> None:
        self.point = point
        self._book = ffi.new("loudness_book *")
        self._bins = ffi.new("double[]", MOST_BINS)
        self._from, self._lost = ffi.new("uint64_t *"), ffi.new("uint64_t *")
        self.reset()

    def gather(self, engine: Engine) -> None:
        """Takes over the bins that are new in the engine's journal."""
        journal = lib.engine_loudness(engine.pointer, self.point)
        count = lib.loudness_collect(journal, self._from, self._bins, MOST_BINS, self._lost)
        lib.loudness_book_add(self._book, self._bins, count)

    def change_engine(self, old: Engine) -> None:
        """What follows comes from another engine, whose journal begins at 0."""
        self.gather(old)
        self._from[0] = 0

    def reset(self) -> None:
        """Integrated loudness, range and maxima start again; so do the windows of momentary and short-term."""
        lib.loudness_book_reset(self._book)

    @property
    def lost_bins(self) -> int:
        """Overwritten before anybody gathered them."""
        return int(self._lost[0])

    def read(self) -> LoudnessReading:
        """As of the last gathering; takes some 20 us."""
        r = ffi.new("loudness_reading *")
        lib.loudness_book_read(self._book, r)
        return LoudnessReading(
            momentary_lufs=r.momentary_lufs,
            short_term_lufs=r.short_term_lufs,
            integrated_lufs=r.integrated_lufs,
            loudness_range_lu=r.range_lu,
            momentary_max_lufs=r.momentary_max_lufs,
            short_term_max_lufs=r.short_term_max_lufs,
            seconds=r.seconds,
            range_stable=bool(r.range_stable),
        )
