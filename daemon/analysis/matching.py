"""Brings a programme near one or several references: tonal balance by at most eight bands, width, peaks over loudness, loudness.

What can be computed is; what a compressor and a limiter will make of a programme is tried: `trial` renders it with the values so
far and measures the outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from masterd.control.parameters import Value
from masterd.daemon.analysis.corridor import Corridor
from masterd.daemon.analysis.equalising import bands_db, fitted, placed
from masterd.daemon.analysis.features import BANDS_HZ, Features, Float64, shaped
from masterd.daemon.analysis.finding import Confidence, Finding


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial is made for."""

    integrated_lufs: float
    plr_db: float


Trial: TypeAlias = Callable[[Mapping[str, Value]], Outcome]

EMPTY_DB = 25.0
ENOUGH_DB = 0.5
"""Closer than this, width, peaks and loudness are left alone."""
MOST_TRIALS = 5
MOST_WIDTH_PERCENT = 150.0
RATIO = 2.5


@dataclass(frozen=True, slots=True)
class Aim:
    """What to come near; None for what the references do not say."""

    title: str
    shape_db: Float64
    width_db: float | None
    plr_db: float | None
    integrated_lufs: float | None


def aim_of(references: Sequence[Features]) -> Aim:
    """The mean of them."""
    mean = {name: float(np.mean([getattr(it, name) for it in references])) for name in ("width_db", "plr_db", "integrated_lufs")}
    names = ", ".join(it.name for it in references)
    return Aim(names, np.mean([it.shape_db for it in references], axis=0), **mean)


def middle_of(corridor: Corridor) -> Aim:
    """The middle of a corridor."""
    middle = {
        name: sum(corridor.ranges[name]) / 2 for name in ("width_db", "plr_db", "integrated_lufs") if name in corridor.ranges
    }
    return Aim(corridor.title, corridor.shape_db, middle.get("width_db"), middle.get("plr_db"), middle.get("integrated_lufs"))


def matched(
    heard: Features, aim: Aim, base: Mapping[str, Value], sample_rate_hz: float, strength: float = 1.0, trial: Trial | None = None
) -> list[Finding]:
    """The moves, in the order in which they were worked out. Without a `trial` peaks and loudness are estimated."""
    findings = [tonal_balance(heard, aim, base, sample_rate_hz, strength), width(heard, aim, strength)]
    values = dict(base)
    for finding in filter(None, findings):
        values |= finding.moves
    findings += [peaks(heard, aim, values, trial), loudness(heard, aim, values, trial)]
    return [finding for finding in findings if finding]


def tonal_balance(heard: Features, aim: Aim, base: Mapping[str, Value], sample_rate_hz: float, strength: float) -> Finding | None:
    """Bands that take the difference of the two spectra away, as far as `strength` (0 to 1) says."""
    away = heard.shape_db - aim.shape_db
    away = np.where(np.abs(away) < EMPTY_DB, away, 0)  # where one of them holds nothing there is nothing to match
    bands = fitted(-strength * away, sample_rate_hz)
    if not bands:
        return None
    left = shaped(heard.spectrum_dbfs + bands_db(bands, sample_rate_hz)) - aim.shape_db
    inside = (BANDS_HZ >= 50) & (BANDS_HZ <= 12000)
    before_db, after_db = (float(np.sqrt(np.mean(it[inside] ** 2))) for it in (away, left))
    why = f"the spectrum is {before_db:.1f} dB away (RMS, 50 Hz to 12 kHz); with {len(bands)} bands it is {after_db:.1f} dB"
    return Finding("spectrum", before_db, f"as {aim.title}", "Tonal balance", why, Confidence.LIKELY, placed(bands, base))


def width(heard: Features, aim: Aim, strength: float) -> Finding | None:
    """Side gain in the stereo stage: 100 % is as it is."""
    if aim.width_db is None or heard.width_db < -60:  # a mono programme has no side to widen
        return None
    away = strength * (aim.width_db - heard.width_db)
    if abs(away) < ENOUGH_DB:
        return None
    percent = float(np.clip(100 * 10 ** (away / 20), 0, MOST_WIDTH_PERCENT))
    why = f"side over mid is {heard.width_db:.1f} dB, and {aim.width_db:.1f} dB there"
    moves: dict[str, Value] = {"stereo.on": True, "stereo.width_percent": round(percent)}
    return Finding("width_db", heard.width_db, f"{aim.width_db:.1f} dB", "Width", why, Confidence.LIKELY, moves)


def peaks(heard: Features, aim: Aim, values: dict[str, Value], trial: Trial | None) -> Finding | None:
    """A compressor whose threshold is tried until the peaks stand as far above the loudness; `values` takes it."""
    if aim.plr_db is None or abs(heard.plr_db - aim.plr_db) < 2 * ENOUGH_DB:
        return None
    limit = f"{aim.plr_db:.1f} dB"
    if heard.plr_db < aim.plr_db:
        why = (
            f"its peaks stand {heard.plr_db:.1f} dB above its loudness, there {aim.plr_db:.1f} dB: what was flattened stays flat"
        )
        return Finding("plr_db", heard.plr_db, limit, "Peaks", why, Confidence.LIKELY)
    threshold_db, reached_db = tried_threshold(heard, aim.plr_db, values, trial)
    moves = compressor(threshold_db)
    values |= moves
    tried = f"tried: {reached_db:.1f} dB with this compressor" if trial else "an estimate"
    why = f"its peaks stand {heard.plr_db:.1f} dB above its loudness, there {aim.plr_db:.1f} dB; {tried}"
    return Finding("plr_db", heard.plr_db, limit, "Peaks", why, Confidence.LIKELY if trial else Confidence.TASTE, moves)


def compressor(threshold_db: float) -> dict[str, Value]:
    """One that takes peaks down and stays out of the way."""
    return {
        "compressor.on": True, "compressor.detector": "peak", "compressor.threshold_db": round(threshold_db, 1),
        "compressor.ratio": RATIO, "compressor.knee_db": 6.0, "compressor.attack_ms": 1.0, "compressor.release_ms": 120.0,
        "compressor.lookahead_ms": 1.0,
    }  # fmt: skip


def tried_threshold(heard: Features, plr_db: float, values: Mapping[str, Value], trial: Trial | None) -> tuple[float, float]:
    """By bisection between the highest peak and the loudness."""
    high, low = min(heard.true_peak_dbtp, 0.0), max(heard.integrated_lufs, -60.0)
    if trial is None:
        return high - (heard.plr_db - plr_db) / (1 - 1 / RATIO), plr_db
    best = (high, heard.plr_db)
    for _ in range(MOST_TRIALS):
        threshold_db = (high + low) / 2
        reached_db = trial(dict(values) | compressor(threshold_db)).plr_db
        if abs(reached_db - plr_db) < abs(best[1] - plr_db):
            best = threshold_db, reached_db
        if abs(reached_db - plr_db) < ENOUGH_DB:
            break
        high, low = (threshold_db, low) if reached_db > plr_db else (high, threshold_db)
    return best


def loudness(heard: Features, aim: Aim, values: dict[str, Value], trial: Trial | None) -> Finding | None:
    """Drive into the limiter, or trim before everything, until the loudness is that of the aim."""
    if aim.integrated_lufs is None:
        return None
    reached, gain_db = (trial(values).integrated_lufs if trial else heard.integrated_lufs), 0.0
    for _ in range(MOST_TRIALS):
        if abs(aim.integrated_lufs - reached) < ENOUGH_DB / 5:
            break
        gain_db += aim.integrated_lufs - reached
        if trial is None:
            reached = aim.integrated_lufs
            break
        reached = trial(values | level(gain_db, values)).integrated_lufs
    if abs(gain_db) < ENOUGH_DB / 5:
        return None
    limit, tried = f"{aim.integrated_lufs:.1f} LUFS", f"tried: {reached:.1f} LUFS come out" if trial else "an estimate"
    why = f"{heard.integrated_lufs:.1f} LUFS here, {limit} there; {tried}"
    moves = level(gain_db, values)
    values |= moves
    return Finding("integrated_lufs", heard.integrated_lufs, limit, "Loudness", why, Confidence.LIKELY, moves)


def level(gain_db: float, values: Mapping[str, Value]) -> dict[str, Value]:
    """More is driven into the limiter, which holds the ceiling; less is taken off at the input."""
    if gain_db >= 0:
        return {"limiter.drive_db": round(float(np.clip(float(values["limiter.drive_db"]) + gain_db, 0, 24)), 1)}
    return {"input.trim_db": round(float(np.clip(float(values["input.trim_db"]) + gain_db, -24, 24)), 1)}
