"""Meters by name, as rings and level meters show them: a position 0..1 made of a meter frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from masterd.control.protocol import Meters

LEVEL_FLOOR_DB = -60.0
"""Peaks and loudness are shown from here to 0."""
REDUCTION_TOP_DB = 12.0
"""Reductions are shown from 0 to here."""
BANDS = 6


@dataclass(frozen=True, slots=True)
class Reading:
    """One number of a meter frame in dB, and the two that a display shows as 0 and 1."""

    db: Callable[[Meters], float]
    low_db: float
    high_db: float

    def position(self, meters: Meters) -> float:
        """0..1, held at the ends."""
        return min(max((self.db(meters) - self.low_db) / (self.high_db - self.low_db), 0.0), 1.0)


def level(db: Callable[[Meters], float]) -> Reading:
    """A peak or a loudness."""
    return Reading(db, LEVEL_FLOOR_DB, 0.0)


def reduction(db: Callable[[Meters], float]) -> Reading:
    """How much a stage takes away."""
    return Reading(db, 0.0, REDUCTION_TOP_DB)


def band_reduction(band: int) -> Reading:
    """Of one multiband band; 0 when there are fewer."""
    return reduction(
        lambda it: max(it.multiband_reduction_db[band], default=0.0) if band < len(it.multiband_reduction_db) else 0.0
    )


READINGS: Mapping[str, Reading] = {
    "input.left_dbtp": level(lambda it: it.input.true_peak_dbtp[0]),
    "input.right_dbtp": level(lambda it: it.input.true_peak_dbtp[1]),
    "input.momentary_lufs": level(lambda it: it.input.momentary_lufs),
    "input.short_term_lufs": level(lambda it: it.input.short_term_lufs),
    "output.left_dbtp": level(lambda it: it.output.true_peak_dbtp[0]),
    "output.right_dbtp": level(lambda it: it.output.true_peak_dbtp[1]),
    "output.momentary_lufs": level(lambda it: it.output.momentary_lufs),
    "output.short_term_lufs": level(lambda it: it.output.short_term_lufs),
    "agc.gain_db": Reading(lambda it: it.agc_gain_db[1], -24.0, 24.0),
    "multiband.reduction_db": reduction(lambda it: max(map(max, it.multiband_reduction_db), default=0.0)),
    **{f"multiband.{band + 1}.reduction_db": band_reduction(band) for band in range(BANDS)},
    "compressor.reduction_db": reduction(lambda it: max(it.compressor_reduction_db)),
    "clipper.reduction_db": reduction(lambda it: it.clipper_reduction_db),
    "limiter.reduction_db": reduction(lambda it: it.limiter_reduction_db),
}
