"""The gain that brings a rendering to a loudness: real renderings, measured, and a secant through the last two.

x      gain into the limiter in dB; below 0 it is a trim behind the limiter: 24 dB either way
I(x)   measured integrated loudness: rises with x, by 1 dB per dB while nothing is limited, by less when it is
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from masterd.control.parameters import PARAMETERS, Value
from masterd.daemon.rendering.job import Reached

DRIVE, TRIM = "limiter.drive_db", "output.trim_db"
LOWEST_DB, HIGHEST_DB = PARAMETERS[TRIM].min, PARAMETERS[DRIVE].max
TOLERANCE_LU, AIM_LU = 0.1, 0.05
MOST_PASSES = 10
FLATTEST, STEEPEST = 0.02, 1.0
"""LU per dB: below the first the limiter takes all that is added, and more gain only distorts."""
SILENCE_LUFS = -70.0

Measured = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Point:
    """A gain, and how far the loudness was off."""

    gain_db: float
    off_lu: float


def gain_values(gain_db: float) -> dict[str, Value]:
    """The parameters that make it."""
    return {DRIVE: max(gain_db, 0.0), TRIM: min(gain_db, 0.0)}


def gain_of(values: Mapping[str, Value]) -> float:
    """Where a search begins."""
    return float(values[DRIVE]) + float(values[TRIM])


def sought(wanted_lufs: float, start_db: float, measured: Measured) -> Reached:
    """Renders by `measured` until the loudness is within AIM_LU, or until it is clear that it cannot be."""
    points: list[Point] = []
    gain_db, why = min(max(start_db, LOWEST_DB), HIGHEST_DB), ""
    while not why:
        points.append(Point(gain_db, measured(gain_db) - wanted_lufs))
        best = min(points, key=lambda point: abs(point.off_lu))
        if abs(best.off_lu) <= AIM_LU:
            break
        why = hopeless(points, wanted_lufs)
        gain_db = following(points)
    reached = abs(best.off_lu) <= TOLERANCE_LU
    return Reached(wanted_lufs, wanted_lufs + best.off_lu, best.gain_db, len(points), "" if reached else why)


def hopeless(points: Sequence[Point], wanted_lufs: float) -> str:
    """Why there is no use in going on; empty when there is."""
    newest = points[-1]
    if newest.off_lu + wanted_lufs < SILENCE_LUFS:
        return "what comes out is silence"
    if newest.gain_db >= HIGHEST_DB and newest.off_lu < 0:
        return f"{HIGHEST_DB:g} dB into the limiter are all there is; input.trim_db has more"
    if newest.gain_db <= LOWEST_DB and newest.off_lu > 0:
        return f"{LOWEST_DB:g} dB behind the limiter are all there is; input.trim_db has more"
    below = sorted((point for point in points if point.off_lu < 0), key=lambda point: point.gain_db)
    if len(below) == len(points) > 1 and slope_of(*below[-2:]) < FLATTEST:
        return "the limiter takes all that is added: ask for less, or raise the ceiling"
    return f"not within {AIM_LU} LU after {MOST_PASSES} renderings" if len(points) >= MOST_PASSES else ""


def following(points: Sequence[Point]) -> float:
    """The gain to try next: by the secant through the two best; where these are far from a straight line, half-way between
    what is too little and what is too much."""
    quiet = max((point.gain_db for point in points if point.off_lu < 0), default=None)
    loud = min((point.gain_db for point in points if point.off_lu > 0), default=None)
    best, *others = sorted(points, key=lambda point: abs(point.off_lu))
    slope = slope_of(best, others[0]) if others else STEEPEST
    guess = best.gain_db - best.off_lu / min(max(slope, FLATTEST), STEEPEST)
    stalled = len(points) > 2 and abs(points[-1].off_lu) > abs(points[-2].off_lu) / 2
    if quiet is not None and loud is not None and (stalled or not quiet < guess < loud):
        guess = (quiet + loud) / 2
    return min(max(guess, LOWEST_DB), HIGHEST_DB)


def slope_of(one: Point, other: Point) -> float:
    """LU per dB between two."""
    return (one.off_lu - other.off_lu) / (one.gain_db - other.gain_db)
