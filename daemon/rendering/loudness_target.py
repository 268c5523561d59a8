"""The gain that brings a rendering to a loudness: real renderings, measured, and a secant through the last two.

x      gain into the limiter in dB; below 0 it is a trim behind the limiter: 24 dB either way
I(x)   measured integrated loudness: rises with x, by 1 dB per dB while nothing is limited, by less when it is
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from masterd.control.parameters import PARAMETERS, Value
from masterd.daemon.rendering.job import Reached

DRIVE, TRIM = "limiter.drive_db", "output.trim_db"
LOWEST_DB, HIGHEST_DB = PARAMETERS[TRIM].min, PARAMETERS[DRIVE].max
TOLERANCE_LU, AIM_LU = 0.1, 0.05
MOST_PASSES = 8
FLATTEST = 0.02
"""Below this rise per dB the limiter takes all that is added, and more gain only distorts."""
SILENCE_LUFS = -70.0

Measured = Callable[[float], float]


def gain_values(gain_db: float) -> dict[str, Value]:
    """The parameters that make it."""
    return {DRIVE: max(gain_db, 0.0), TRIM: min(gain_db, 0.0)}


def gain_of(values: Mapping[str, Value]) -> float:
    """Where a search begins."""
    return float(values[DRIVE]) + float(values[TRIM])


def sought(wanted_lufs: float, start_db: float, measured: Measured) -> Reached:
    """Renders by `measured` until the loudness is within AIM_LU, or until it is clear that it cannot be."""
    below: tuple[float, float] | None = None  # gain and loudness: too quiet, too loud
    above: tuple[float, float] | None = None
    best: tuple[float, float] | None = None
    gain = min(max(start_db, LOWEST_DB), HIGHEST_DB)
    why = f"not within {AIM_LU} LU after {MOST_PASSES} renderings"
    for passes in range(1, MOST_PASSES + 1):
        loudness = measured(gain)
        if loudness < SILENCE_LUFS:
            return Reached(wanted_lufs, loudness, gain, passes, "what comes out is silence")
        point = gain, loudness
        if best is None or abs(loudness - wanted_lufs) < abs(best[1] - wanted_lufs):
            best = point
        if abs(loudness - wanted_lufs) <= AIM_LU:
            return Reached(wanted_lufs, loudness, gain, passes)
        previous = below if loudness < wanted_lufs else above
        if loudness < wanted_lufs:
            below = point
        else:
            above = point
        if stuck := _stuck(point, previous, wanted_lufs):
            why = stuck
            break
        gain = _next(wanted_lufs, point, below, above, previous)
    assert best is not None
    reached = abs(best[1] - wanted_lufs) <= TOLERANCE_LU
    return Reached(wanted_lufs, best[1], best[0], passes, "" if reached else why)


def _stuck(point: tuple[float, float], previous: tuple[float, float] | None, wanted_lufs: float) -> str:
    gain, loudness = point
    if gain >= HIGHEST_DB and loudness < wanted_lufs:
        return f"{HIGHEST_DB:g} dB into the limiter give no more"
    if gain <= LOWEST_DB and loudness > wanted_lufs:
        return f"{LOWEST_DB:g} dB behind the limiter are all there is"
    if previous and gain > previous[0] and (loudness - previous[1]) / (gain - previous[0]) < FLATTEST:
        return "the limiter takes all that is added: lower the target or raise the ceiling"
    return ""


def _next(
    wanted_lufs: float,
    point: tuple[float, float],
    below: tuple[float, float] | None,
    above: tuple[float, float] | None,
    previous: tuple[float, float] | None,
) -> float:
    """By the secant through what is known on both sides, or through the last two on one; held within the bounds."""
    gain, loudness = point
    other = (above if loudness < wanted_lufs else below) or previous
    slope = (loudness - other[1]) / (gain - other[0]) if other and gain != other[0] else 1.0
    guess = gain + (wanted_lufs - loudness) / min(max(slope, FLATTEST), 1.2)
    if below and above and not below[0] < guess < above[0]:
        guess = (below[0] + above[0]) / 2
    return min(max(guess, LOWEST_DB), HIGHEST_DB)
