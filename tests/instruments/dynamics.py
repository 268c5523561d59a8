"""Instruments for dynamics: the compressor's law written again in numpy, and how gain, level and time are read off a run.

Levels and reductions in dB, reductions >= 0. Nothing here is taken from the product; the constants are those of its header.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.signal import butter, sosfilt

LOOKAHEAD_MS = {"normal": 5.0, "low": 0.5}


def steady(level_dbfs: float, seconds: float, sample_rate_hz: float = 48000, seed: int = 3) -> np.ndarray:
    """Mono of constant magnitude and random sign: its envelope is exact at every frame, whatever measures it."""
    signs = np.random.default_rng(seed).integers(0, 2, round(seconds * sample_rate_hz)) * 2.0 - 1
    return 10 ** (level_dbfs / 20) * signs


def gain_db(output: np.ndarray, source: np.ndarray, latency_frames: int) -> np.ndarray:
    """Gain per frame of the output, against the source delayed by the latency; the first frames of the latency are left out."""
    return 20 * np.log10(np.abs(output[latency_frames:] / source[: len(source) - latency_frames]))


def rms_db(signal: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(signal))))


def seconds_until(trace_db: np.ndarray, share: float, sample_rate_hz: float) -> float:
    """Time until a trace that begins at its start value and ends at its final one has covered `share` of the way."""
    way = (trace_db - trace_db[0]) / (trace_db[-1] - trace_db[0])
    return float(np.argmax(way >= share) / sample_rate_hz)


def curve_db(level_db, threshold_db: float, ratio: float, knee_db: float, range_db: float = np.inf):
    """Reduction of the static curve, written as in the paper: output y of input x, then x - y."""
    x = np.asarray(level_db, dtype=float)
    slope = (1 / ratio if ratio < 100 else 0) - 1
    over = x - threshold_db
    with np.errstate(divide="ignore", invalid="ignore"):
        bend = x + slope * (over + knee_db / 2) ** 2 / (2 * knee_db)
    y = np.where(2 * over < -knee_db, x, np.where(2 * np.abs(over) <= knee_db, bend, threshold_db + over * (1 + slope)))
    y = np.where((knee_db == 0) & (over == 0), x, y)
    return np.minimum(x - y, range_db)


def pole(time_ms: float, sample_rate_hz: float) -> float:
    return float(np.exp(-1 / (time_ms * 1e-3 * sample_rate_hz)))


def release_pole_ms(attack_ms: float, release_ms: float) -> tuple[float, float]:
    """(time constant of the release, of the smoothing after it) so that both together are 63.2 % done after release_ms."""
    smoothing = min(attack_ms, 0.4 * release_ms)

    def excess(slow: float) -> float:
        left = slow * np.exp(-release_ms / slow) - smoothing * np.exp(-release_ms / smoothing)
        return float(left / (slow - smoothing) - np.exp(-1))

    return brentq(excess, smoothing * 1.0001, release_ms, xtol=1e-14, rtol=1e-14), smoothing


def ballistics(wanted_db: np.ndarray, p: dict, sample_rate_hz: float) -> np.ndarray:
    """Smooth decoupled attack and release, frame by frame, with the slow release in parallel when it is on."""
    release_ms, smoothing_ms = release_pole_ms(p["attack_ms"], p["release_ms"])
    slow_ms = max(min(max(10 * p["release_ms"], 1200), 5000), p["release_ms"])
    rise, fall, release, slow, hold, charge = (
        pole(ms, sample_rate_hz) for ms in (p["attack_ms"], smoothing_ms, release_ms, slow_ms, 10, 300)
    )
    fast_db = held_db = slow_db = y = 0.0
    out = np.empty(len(wanted_db))
    for n, c in enumerate(wanted_db.tolist()):
        fast_db = max(c, release * fast_db + (1 - release) * c)
        held_db = max(c, hold * held_db + (1 - hold) * c)
        a = charge if held_db > slow_db else slow
        slow_db = a * slow_db + (1 - a) * held_db
        target = max(fast_db, slow_db) if p["auto_release"] else fast_db
        a = rise if target > y else fall
        y = a * y + (1 - a) * target
        out[n] = y
    return out


def side_chain_level_db(side: np.ndarray, p: dict, sample_rate_hz: float) -> np.ndarray:
    slope = p["sidechain_slope_db_per_oct"]
    if slope != "off":
        sos = butter(int(slope) // 6, p["sidechain_high_pass_hz"], "highpass", fs=sample_rate_hz, output="sos")
        side = sosfilt(sos, side)
    power = side**2
    if p["detector"] == "rms":
        a = pole(p["rms_window_ms"], sample_rate_hz)
        mean = 0.0
        means = []
        for value in power.tolist():
            mean = a * mean + (1 - a) * value
            means.append(mean)
        power = np.array(means)
    return 10 * np.log10(np.maximum(power, 1e-20))


def whole_frames(ms: float, sample_rate_hz: float) -> int:
    """To the nearest frame, halves upwards: 5 ms at 44.1 kHz are 221."""
    return int(np.floor(ms * sample_rate_hz / 1000 + 0.5))


def compress(stereo: np.ndarray, p: dict, sample_rate_hz: float, latency: str) -> np.ndarray:
    """The whole law on (frames, 2); `p` are the parameters by name without the kernel's prefix."""
    most = whole_frames(LOOKAHEAD_MS[latency], sample_rate_hz)
    ahead = whole_frames(min(p["lookahead_ms"], LOOKAHEAD_MS[latency]), sample_rate_hz)
    frames = len(stereo)
    later = np.vstack([np.zeros((most - ahead, 2)), stereo])[:frames]
    wanted = [
        curve_db(side_chain_level_db(later[:, c], p, sample_rate_hz), p["threshold_db"], p["ratio"], p["knee_db"], p["range_db"])
        for c in (0, 1)
    ]
    link = p["link_percent"] / 100
    both = np.maximum(*wanted)
    reduction = [ballistics((1 - link) * own + link * both, p, sample_rate_hz) for own in wanted]
    makeup = p["makeup_db"]
    if p["auto_makeup"]:
        makeup += 0.5 * float(curve_db(0.0, p["threshold_db"], p["ratio"], p["knee_db"], p["range_db"]))
    mix = p["mix_percent"] / 100
    gain = np.stack([1 + mix * (10 ** ((makeup - y) / 20) - 1) for y in reduction], axis=1)
    return np.vstack([np.zeros((most, 2)), stereo])[:frames] * gain
