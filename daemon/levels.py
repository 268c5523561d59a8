"""Stereo image and dynamics on air: what the measuring points have journalled, in books that survive a change of engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from masterd.daemon.engine import Engine, Pair
from masterd.native import ffi, lib

MOST_BINS, MOST_BLOCKS = int(lib.LEVELS_JOURNAL_BINS), int(lib.LEVELS_JOURNAL_BLOCKS)


@dataclass(frozen=True, slots=True)
class LevelsReading:
    """Laws as in native/kernels/levels_book.h. -200 stands for silence, and for what does not exist yet; `dc` is linear."""

    correlation: float
    balance_db: float
    width_db: float
    dc: Pair
    crest_db: Pair
    psr_db: float
    psr_min_db: float
    plr_db: float
    dr_db: float
    programme_correlation: float
    programme_balance_db: float
    programme_dc: Pair


class LevelsBook:
    """Takes journals of one measuring point after another. One thread at a time."""

    def __init__(self) -> None:
        self._book = ffi.new("levels_book *")
        self._bins, self._blocks = ffi.new("levels_bin[]", MOST_BINS), ffi.new("levels_block[]", MOST_BLOCKS)
        self._bins_from, self._blocks_from, self._lost = (ffi.new("uint64_t *") for _ in range(3))
        self.reset()

    def take(self, journal: Any, channels: int = 2) -> None:
        """Takes over what is new in a `levels *`; less often than every 80 s, bins of 10 ms are lost, and counted. With one
        channel, which must come on both sides, loudness is that of the one."""
        count = lib.levels_collect_bins(journal, self._bins_from, self._bins, MOST_BINS, self._lost)
        if channels == 1:
            for bin in self._bins[0:count]:
                bin.weighted /= 2
        lib.levels_book_add_bins(self._book, self._bins, count)
        count = lib.levels_collect_blocks(journal, self._blocks_from, self._blocks, MOST_BLOCKS, self._lost)
        lib.levels_book_add_blocks(self._book, self._blocks, count)

    def change_journal(self) -> None:
        """The next journal begins at 0."""
        self._bins_from[0] = self._blocks_from[0] = 0

    def reset(self) -> None:
        """Everything starts again."""
        lib.levels_book_reset(self._book)

    def read(self, integrated_lufs: float) -> LevelsReading:
        """With the integrated loudness of the same programme, for PLR; takes some 10 us."""
        r = ffi.new("levels_reading *")
        lib.levels_book_read(self._book, integrated_lufs, r)
        return LevelsReading(
            correlation=r.correlation,
            balance_db=r.balance_db,
            width_db=r.width_db,
            dc=tuple(r.dc),
            crest_db=tuple(r.crest_db),
            psr_db=r.psr_db,
            psr_min_db=r.psr_min_db,
            plr_db=r.plr_db,
            dr_db=r.dr_db,
            programme_correlation=r.programme_correlation,
            programme_balance_db=r.programme_balance_db,
            programme_dc=tuple(r.programme_dc),
        )


class LiveLevels:
    """One measuring point of the engine."""

    def __init__(self, point: int) -> None:
        self.point = point
        self._book = LevelsBook()

    def gather(self, engine: Engine) -> None:
        """Takes over what is new in the engine's journals."""
        self._book.take(lib.engine_levels(engine.pointer, self.point))

    def change_engine(self, old: Engine) -> None:
        """What follows comes from another engine, whose journals begin at 0."""
        self.gather(old)
        self._book.change_journal()

    def reset(self) -> None:
        """Everything starts again, the windows too."""
        self._book.reset()

    def read(self, integrated_lufs: float) -> LevelsReading:
        """As of the last gathering."""
        return self._book.read(integrated_lufs)
