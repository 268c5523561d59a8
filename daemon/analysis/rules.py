"""What is judged, one small function each: it looks at the features and the corridor, and gives a finding or none.

`base` are the complete values of the chain that would play the programme: what a finding moves is on top of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from masterd.control.parameters import Value
from masterd.daemon.analysis.corridor import Corridor
from masterd.daemon.analysis.equalising import EQ_BANDS, fitted, placed
from masterd.daemon.analysis.features import BANDS_HZ, Features, Float64
from masterd.daemon.analysis.finding import Confidence, Finding

DC_PERCENT = 0.1
HUM_DB = 10.0
BALANCE_DB = 1.5
BEYOND_DB = 2.0
"""A spectrum must leave its corridor by so much, in AT_LEAST_BANDS neighbours, before a move is proposed."""
AT_LEAST_BANDS = 2
JUDGED_HZ = (40.0, 13000.0)
EMPTY_DB = 25.0
"""So far below its corridor a band holds nothing that could be raised."""
LOSSY_BELOW_HZ = 17500.0
SUBSONIC_HZ, SUBSONIC_EXCESS_DB = 32.0, 3.0
REDUCTION_WARN_DB = 6.0


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule looks at."""

    heard: Features
    corridor: Corridor
    base: Mapping[str, Value]
    target_lufs: float | None
    sample_rate_hz: float

    def outside(self, measure: str) -> tuple[float, float, float] | None:
        """Value, lowest and highest of the corridor when the value is not between them."""
        value = float(getattr(self.heard, measure))
        low, high = self.corridor.ranges.get(measure, (-np.inf, np.inf))
        return None if low <= value <= high else (value, low, high)


Rule: TypeAlias = Callable[[Case], Finding | None]


def direct_current(case: Case) -> Finding | None:
    """An offset costs headroom and clicks at every edit."""
    worst = max(case.heard.dc_percent, key=abs)
    if abs(worst) < DC_PERCENT:
        return None
    why = "a constant offset takes headroom away and makes edits click"
    return Finding("dc_percent", worst, f"{DC_PERCENT} %", "DC offset", why, Confidence.SURE, {"input.dc_block": True})


def clipped(case: Case) -> Finding | None:
    """What was cut off before us stays cut off."""
    if not case.heard.clipped_runs:
        return None
    why = "the programme was overloaded before it came here; ask for another copy: nothing here brings the peaks back"
    return Finding("clipped_runs", case.heard.clipped_runs, "none", "Clipped", why, Confidence.SURE)


def hum(case: Case) -> Finding | None:
    """Notches on the mains and two harmonics."""
    if case.heard.hum_db < HUM_DB:
        return None
    free = [number for number in range(EQ_BANDS, 0, -1) if not case.base[f"eq.{number}.on"]][:3]
    moves: dict[str, Value] = {"eq.on": True}
    for harmonic, number in enumerate(free, 1):
        at = f"eq.{number}."
        moves |= {f"{at}on": True, f"{at}type": "notch", f"{at}frequency_hz": harmonic * case.heard.hum_hz, f"{at}q": 30.0}
    why = f"lines at {case.heard.hum_hz:g} Hz and its multiples stand out of the quiet passages: mains hum"
    return Finding("hum_db", case.heard.hum_db, f"{HUM_DB:g} dB over its neighbours", "Hum", why, Confidence.LIKELY, moves)


def subsonic(case: Case) -> Finding | None:
    """Rumble that nobody hears drives every compressor."""
    excess = case.corridor.excess_db(case.heard.shape_db)
    low = BANDS_HZ < SUBSONIC_HZ
    worst = float(excess[low].max())
    if worst < SUBSONIC_EXCESS_DB:
        return None
    why = "energy below 32 Hz is rarely heard, and moves the compressors and loudspeakers of everybody"
    moves: dict[str, Value] = {"input.subsonic": True, "input.subsonic_hz": 28.0}
    return Finding("spectrum", worst, "the corridor", "Rumble", why, Confidence.LIKELY, moves)


def leaning(case: Case) -> Finding | None:
    """One side louder than the other over the whole programme."""
    off = case.heard.balance_db
    if abs(off) < BALANCE_DB:
        return None
    why = f"the {'right' if off > 0 else 'left'} side is louder over the whole programme"
    moves: dict[str, Value] = {"stereo.on": True, "stereo.balance_db": float(np.clip(-round(off, 1), -12, 12))}
    return Finding("balance_db", off, f"{BALANCE_DB} dB either way", "Leans to one side", why, Confidence.TASTE, moves)


def against_itself(case: Case) -> Finding | None:
    """Sides that cancel in mono."""
    found = case.outside("mono_loss_lu") or case.outside("correlation")
    if not found:
        return None
    loss = case.heard.mono_loss_lu
    if case.heard.correlation < -0.5:
        why = f"the sides cancel: in mono {loss:.1f} LU are lost. One of them is inverted"
        return Finding("correlation", case.heard.correlation, "above 0", "Inverted", why, Confidence.SURE, {"input.repair": True})
    why = f"on one loudspeaker {loss:.1f} LU are lost; a narrower image loses less"
    moves: dict[str, Value] = {"stereo.on": True, "stereo.width_percent": 80.0}
    return Finding("mono_loss_lu", loss, f"at most {found[2]:g} LU", "Loses in mono", why, Confidence.TASTE, moves)


def wide_bass(case: Case) -> Finding | None:
    """Side energy in the bass."""
    found = case.outside("bass_width_db")
    if not found or leaning(case):  # what leans has a side for that reason alone
        return None
    why = "bass in the sides costs level, cancels in mono and lifts needles"
    moves: dict[str, Value] = {"stereo.on": True, "stereo.mono_bass": True, "stereo.mono_below_hz": 120.0}
    return Finding("bass_width_db", found[0], f"at most {found[2]:g} dB", "Wide bass", why, Confidence.LIKELY, moves)


def band_limited(case: Case) -> Finding | None:
    """Nothing at the top: a lossy copy, or a narrow source."""
    empty = case.heard.shape_db < case.corridor.shape_db - EMPTY_DB
    top = len(BANDS_HZ) - int(np.argmax(~empty[::-1]))
    if empty.all() or top == len(BANDS_HZ) or BANDS_HZ[top - 1] > LOSSY_BELOW_HZ:
        return None
    ends_hz = float(BANDS_HZ[top - 1] * 10**0.05)
    why = f"nothing above {ends_hz / 1000:.1f} kHz: a lossy copy, or a narrow source; raising the top brings up noise"
    return Finding("spectrum", ends_hz, "up to 18 kHz", "Band-limited", why, Confidence.LIKELY)


def tonal_balance(case: Case) -> Finding | None:
    """A spectrum outside its corridor: half of the way back, by bands that the operator sees."""
    excess = case.corridor.excess_db(case.heard.shape_db) * judged_bands(case)
    beyond = np.abs(excess) > BEYOND_DB
    runs = np.convolve(beyond, np.ones(AT_LEAST_BANDS), "valid")
    if runs.max(initial=0) < AT_LEAST_BANDS:
        return None
    away = case.heard.shape_db - case.corridor.shape_db
    bands = fitted(np.where(np.abs(excess) > 0, -away / 2, 0), case.sample_rate_hz)
    worst = int(np.argmax(np.abs(excess)))
    why = (
        f"{'more' if excess[worst] > 0 else 'less'} than usual around {BANDS_HZ[worst]:.0f} Hz, by {abs(away[worst]):.1f} dB "
        f"against the middle of the corridor {case.corridor.title!r}; the bands go half of the way"
    )
    return Finding(
        "spectrum", float(excess[worst]), "the corridor", "Tonal balance", why, Confidence.TASTE, placed(bands, case.base)
    )


def judged_bands(case: Case) -> Float64:
    """1 where the balance is judged: not at the ends, and not where nothing is."""
    inside = (JUDGED_HZ[0] <= BANDS_HZ) & (JUDGED_HZ[1] >= BANDS_HZ)
    return (inside & (case.heard.shape_db > case.corridor.shape_db - EMPTY_DB)).astype(float)


def flattened(case: Case) -> Finding | None:
    """Limited already: more would only distort."""
    found = case.outside("psr_min_db")
    if not found or found[0] > found[1]:
        return None
    why = "its loudest passage has hardly any peaks left: it was limited hard before; more drive adds distortion, not loudness"
    return Finding("psr_min_db", found[0], f"at least {found[1]:g} dB", "Flattened", why, Confidence.LIKELY)


def too_lively(case: Case) -> Finding | None:
    """Peaks far above the loudness: gentle compression."""
    found = case.outside("plr_db")
    if not found or found[0] < found[2]:
        return None
    ratio = float(np.clip(1 + (found[0] - found[2]) / 6, 1.2, 4))
    threshold_db = float(np.clip(case.heard.integrated_lufs + 4, -60, 0))
    moves: dict[str, Value] = {
        "compressor.on": True, "compressor.ratio": round(ratio, 1), "compressor.threshold_db": round(threshold_db, 1),
        "compressor.attack_ms": 25.0, "compressor.auto_release": True,
    }  # fmt: skip
    why = "the peaks stand further above the loudness than in most of its kind; a slow compressor brings them nearer"
    return Finding("plr_db", found[0], f"at most {found[2]:g} dB", "Lively", why, Confidence.TASTE, moves)


def wandering(case: Case) -> Finding | None:
    """A wide loudness range."""
    found = case.outside("loudness_range_lu")
    if not found or found[0] < found[2]:
        return None
    moves: dict[str, Value] = {"agc.on": True, "agc.range_db": float(np.clip(round(found[0] - found[2]), 3, 12))}
    if case.target_lufs is not None:
        moves["agc.target_lufs"] = float(np.clip(case.target_lufs, -36, -8))
    why = (
        "quiet and loud passages lie further apart than listeners in cars and kitchens can follow; the leveller narrows it slowly"
    )
    return Finding("loudness_range_lu", found[0], f"at most {found[2]:g} LU", "Wide range", why, Confidence.TASTE, moves)


def loudness(case: Case) -> Finding | None:
    """Away from the target: the drive that is missing, and what the limiter will do for it."""
    heard, target = case.heard, case.target_lufs
    if target is None or abs(heard.integrated_lufs - target) < 0.2:
        return None
    missing = target - heard.integrated_lufs
    over = heard.true_peak_dbtp + missing - float(case.base["limiter.ceiling_dbtp"])
    warning = "; that is more than stays unheard: compress before, or aim lower" if over > REDUCTION_WARN_DB else ""
    forecast = f"its highest peak would be limited by about {over:.1f} dB{warning}" if over > 0 else "no peak reaches the ceiling"
    drive = float(case.base["limiter.drive_db"]) + missing
    moves: dict[str, Value] = (
        {"limiter.drive_db": round(drive, 1)} if 0 <= drive <= 24 else {"input.trim_db": round(max(missing, -24.0), 1)}
    )
    why = f"{abs(missing):.1f} LU {'below' if missing > 0 else 'above'} the target; {forecast}"
    return Finding("integrated_lufs", heard.integrated_lufs, f"{target:g} LUFS", "Loudness", why, Confidence.LIKELY, moves)


RULES: tuple[Rule, ...] = (
    clipped,
    direct_current,
    hum,
    subsonic,
    against_itself,
    leaning,
    wide_bass,
    band_limited,
    tonal_balance,
    flattened,
    too_lively,
    wandering,
    loudness,
)
"""In the order of the chain, faults first."""


def judged(case: Case) -> list[Finding]:
    """Everything that was found."""
    return [finding for rule in RULES if (finding := rule(case))]
