"""The multiband's law written again: scipy's Butterworth filters in a tree, and the compressor's instruments on each band.

Nothing here is taken from the product: high-passes are high-passes, and every lower band has its all-passes written out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

from instruments.dynamics import ballistics, curve_db, pole, release_pole_ms

LIMIT_ATTACK_MS, LIMIT_RELEASE_MS = 0.5, 100.0


def halves(hz: float, slope_db_per_oct: int, sample_rate_hz: float, kind: str) -> np.ndarray:
    """One half of a Linkwitz-Riley filter: a Butterworth of half its order."""
    return butter(slope_db_per_oct // 12, hz, kind, fs=sample_rate_hz, output="sos")


def all_pass(signal: np.ndarray, hz: float, slope_db_per_oct: int, sample_rate_hz: float) -> np.ndarray:
    """Each pole pair of the Butterworth with its denominator turned round as numerator."""
    for section in halves(hz, slope_db_per_oct, sample_rate_hz, "low"):
        signal = lfilter(section[:2:-1], section[3:], signal, axis=0)
    return signal


def bands(signal: np.ndarray, edges_hz: Sequence[float], slope_db_per_oct: int, sample_rate_hz: float) -> list[np.ndarray]:
    """(frames, channels) cut into len(edges_hz) + 1 bands, lowest first."""
    out: list[np.ndarray] = []
    for hz in edges_hz:
        out = [all_pass(band, hz, slope_db_per_oct, sample_rate_hz) for band in out]
        low, high = (halves(hz, slope_db_per_oct, sample_rate_hz, kind) for kind in ("low", "high"))
        out.append(sosfilt(low, sosfilt(low, signal, axis=0), axis=0))
        signal = sosfilt(high, sosfilt(high, signal, axis=0), axis=0)
    return [*out, signal]


def through_all_passes(signal: np.ndarray, edges_hz: Sequence[float], slope_db_per_oct: int, sample_rate_hz: float) -> np.ndarray:
    """What all bands at 0 dB must sum to."""
    for hz in edges_hz:
        signal = all_pass(signal, hz, slope_db_per_oct, sample_rate_hz)
    return signal


def linked(wanted: np.ndarray, link: float) -> np.ndarray:
    return (1 - link) * wanted + link * wanted.max(axis=1, keepdims=True)


def level_db(signal: np.ndarray) -> np.ndarray:
    return 10 * np.log10(np.maximum(signal**2, 1e-24))


def compressor_reduction_db(band: np.ndarray, p: dict, link: float, sample_rate_hz: float) -> np.ndarray:
    wanted = linked(curve_db(level_db(band), p["threshold_db"], p["ratio"], p["knee_db"], p["range_db"]), link)
    own = np.stack([ballistics(wanted[:, c], p, sample_rate_hz) for c in (0, 1)], axis=1)
    return own if p["on"] else 0 * own


def limit_reduction_db(over_db: np.ndarray, link: float, sample_rate_hz: float) -> np.ndarray:
    wanted = linked(np.maximum(over_db, 0), link)
    attack, release = pole(LIMIT_ATTACK_MS, sample_rate_hz), release_pole(sample_rate_hz)
    held, y, out = np.zeros(2), np.zeros(2), np.empty_like(wanted)
    for n, c in enumerate(wanted):
        held = np.maximum(c, release * held + (1 - release) * c)
        y = attack * y + (1 - attack) * held
        out[n] = y
    return out


def release_pole(sample_rate_hz: float) -> float:
    return pole(release_pole_ms(LIMIT_ATTACK_MS, LIMIT_RELEASE_MS)[0], sample_rate_hz)


def coupled(reductions: list[np.ndarray], on: list[bool], coupling: float) -> list[np.ndarray]:
    """The OR rule: at least that share of the louder neighbour's own reduction."""
    silent = np.zeros_like(reductions[0])
    padded = [silent, *reductions, silent]
    return [np.maximum(own, coupling * np.maximum(padded[i], padded[i + 2]) * on[i]) for i, own in enumerate(reductions)]


def compress(stereo: np.ndarray, p: dict, band: list[dict], edges_hz: Sequence[float], sample_rate_hz: float) -> np.ndarray:
    """The whole law on (frames, 2); `p` and each of `band` are the parameters by name without their prefix."""
    link, mix = p["link_percent"] / 100, p["mix_percent"] / 100
    cut = bands(stereo, edges_hz, int(p["slope_db_per_oct"]), sample_rate_hz)
    reductions = [compressor_reduction_db(x, b, link, sample_rate_hz) for x, b in zip(cut, band, strict=True)]
    reductions = coupled(reductions, [b["on"] for b in band], p["coupling_percent"] / 100)
    solo = any(b["solo"] for b in band)
    out = np.zeros_like(stereo)
    for x, b, reduction in zip(cut, band, reductions, strict=True):
        if b["limit"]:
            over = level_db(x) + b["gain_db"] - reduction - b["limit_db"]
            reduction = reduction + limit_reduction_db(over, link, sample_rate_hz)
        if not b["mute"] and (b["solo"] or not solo):
            out += x * (1 + mix * (10 ** ((b["gain_db"] - reduction) / 20) - 1))
    return out
