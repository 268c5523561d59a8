"""Fits bands of the equaliser to a curve: at most eight, by the response that the kernel's own coefficients have.

Greedy: the shape that takes most of what is left is put in, and after each one all gains are solved again (least squares, on 1/3
octaves). A band that ends up below LEAST_GAIN_DB is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from masterd.control.parameters import Value, defaults
from masterd.daemon.analysis.features import BANDS_HZ, Float64
from masterd.daemon.response import response_db

EQ_BANDS = 16
MOST_BANDS = 8
MOST_GAIN_DB, LEAST_GAIN_DB = 6.0, 0.4
QS = (0.5, 0.9, 1.6)
SHELVES = (("low_shelf", (60.0, 100.0, 160.0)), ("high_shelf", (4000.0, 7000.0, 11000.0)))
AUDIBLE = (30.0, 17000.0)
"""Outside nothing is fitted: programmes end there in many ways."""
PROBE_DB = 3.0
"""At this gain a band's shape is taken; in dB it scales with the gain to within a few per cent up to MOST_GAIN_DB."""


@dataclass(frozen=True, slots=True)
class Band:
    """One band of the equaliser."""

    type: str
    frequency_hz: float
    q: float
    gain_db: float = PROBE_DB

    def values(self, number: int) -> dict[str, Value]:
        """As parameters of band `number`, rounded to what a knob shows."""
        at = f"eq.{number}."
        shape: dict[str, Value] = {
            f"{at}type": self.type,
            f"{at}frequency_hz": round(self.frequency_hz),
            f"{at}q": round(self.q, 2),
        }
        return {f"{at}on": True, **shape, f"{at}channel": "stereo", f"{at}dynamic": False, f"{at}gain_db": round(self.gain_db, 1)}


def fitted(wanted_db: Float64, sample_rate_hz: float, most_bands: int = MOST_BANDS) -> list[Band]:
    """Bands whose response comes near `wanted_db` (30 values, 25 Hz to 20 kHz), lowest first."""
    weight = ((AUDIBLE[0] <= BANDS_HZ) & (AUDIBLE[1] >= BANDS_HZ)).astype(float)
    wanted = np.clip(wanted_db, -MOST_GAIN_DB, MOST_GAIN_DB)
    candidates = every_shape(sample_rate_hz)
    shapes = np.array([shape_db(band, sample_rate_hz) for band in candidates])
    chosen: list[int] = []
    left = wanted
    while len(chosen) < most_bands and np.abs(left * weight).max() > LEAST_GAIN_DB:
        scores = np.array([explained(shape, left, weight) for shape in shapes])
        scores[chosen] = 0
        if scores.max() < LEAST_GAIN_DB**2:
            break
        chosen.append(int(np.argmax(scores)))
        left = wanted - solved(shapes[chosen], wanted, weight) @ shapes[chosen]
    gains = solved(shapes[chosen], wanted, weight) * PROBE_DB if chosen else np.zeros(0)
    bands = [replace(candidates[at], gain_db=float(gain)) for at, gain in zip(chosen, gains, strict=True)]
    return sorted((band for band in bands if abs(band.gain_db) >= LEAST_GAIN_DB), key=lambda it: it.frequency_hz)


def every_shape(sample_rate_hz: float) -> list[Band]:
    """What may be put in: bells on the third octaves, and shelves."""
    inside = BANDS_HZ[(AUDIBLE[0] <= BANDS_HZ) & (min(AUDIBLE[1], 0.4 * sample_rate_hz) >= BANDS_HZ)]
    bells = [Band("bell", float(hz), q) for hz in inside for q in QS]
    return bells + [Band(type, hz, 0.71) for type, corners in SHELVES for hz in corners]


def shape_db(band: Band, sample_rate_hz: float) -> Float64:
    """What the band does to each third octave."""
    return bands_db([band], sample_rate_hz)


def bands_db(bands: list[Band], sample_rate_hz: float) -> Float64:
    """What they do together, to each third octave."""
    values = defaults() | {"eq.on": True}
    for number, band in enumerate(bands, 1):
        values |= band.values(number)
    response: Float64 = response_db(values, sample_rate_hz, np.minimum(BANDS_HZ, 0.45 * sample_rate_hz))[0]
    return response


def explained(shape: Float64, left: Float64, weight: Float64) -> float:
    """How much of the squares that are left a shape takes with its best gain."""
    size = float((weight * shape * shape).sum())
    return float((weight * shape * left).sum()) ** 2 / size if size > 0 else 0.0


def solved(shapes: Float64, wanted: Float64, weight: Float64) -> Float64:
    """The gains of all shapes together, held to MOST_GAIN_DB each."""
    root = np.sqrt(weight)
    gains = np.linalg.lstsq((shapes * root).T, wanted * root, rcond=1e-3)[0]
    return np.clip(gains, -MOST_GAIN_DB / PROBE_DB, MOST_GAIN_DB / PROBE_DB)


def placed(bands: list[Band], base: Mapping[str, Value]) -> dict[str, Value]:
    """The bands as parameters, on numbers that `base` does not use; when these are too few, the largest gains."""
    free = [number for number in range(1, EQ_BANDS + 1) if not base[f"eq.{number}.on"]]
    kept = sorted(sorted(bands, key=lambda it: -abs(it.gain_db))[: len(free)], key=lambda it: it.frequency_hz)
    values: dict[str, Value] = {"eq.on": True} if kept else {}
    for number, band in zip(free, kept, strict=False):
        values |= band.values(number)
    return {id: value for id, value in values.items() if base[id] != value}
