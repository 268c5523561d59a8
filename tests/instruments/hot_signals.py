"""Signals that are hard on a true-peak limiter. All peak near 0 dBFS in samples, some far above between them."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from scipy import signal as sp


def rng(seed: int = 20261123) -> np.random.Generator:
    return np.random.default_rng(seed)


def quarter_rate_bursts(frames: int, rate: float) -> np.ndarray:
    """fs/4 at 45 degrees, its samples at full scale and its waveform 3 dB above, in bursts of 5 ms every 12 ms, cut hard."""
    n = np.arange(frames)
    gate = (n % round(0.012 * rate)) < round(0.005 * rate)
    return np.sqrt(2) * np.sin(np.pi / 2 * n + np.pi / 4) * gate


def white_noise(frames: int, rate: float) -> np.ndarray:
    return 0.7 * rng().standard_normal(frames)


def audible_noise(frames: int, rate: float) -> np.ndarray:
    return sp.sosfilt(sp.butter(10, min(20000, 0.45 * rate), fs=rate, output="sos"), white_noise(frames, rate))


def clipped_noise(frames: int, rate: float) -> np.ndarray:
    return np.clip(3 * rng().standard_normal(frames), -1, 1)


def square(frames: int, rate: float) -> np.ndarray:
    return np.sign(np.sin(2 * np.pi * 997 / rate * np.arange(frames) + 0.1))


def worst_between_samples(frames: int, rate: float) -> np.ndarray:
    """Full-scale samples whose signs are those of sinc(n - 1/2): every one pushes the same midpoint up. Once every 400 frames."""
    at = np.arange(400) - 199.5
    once = np.where(np.abs(at) < 64, np.sign(np.sinc(at)), 0)
    return np.resize(once, frames)


def drums(frames: int, rate: float) -> np.ndarray:
    """Kick, snare and a steady tone, the kick sweeping down, the snare noise under a fast decay."""
    t = np.arange(frames) / rate
    kick_t, snare_t = t % 0.5, (t + 0.25) % 0.5
    kick = np.exp(-kick_t / 0.12) * np.sin(2 * np.pi * (50 * kick_t + 6 * (1 - np.exp(-kick_t / 0.03))))
    snare = np.exp(-snare_t / 0.06) * rng().standard_normal(frames) * 0.6
    return kick + snare + 0.3 * np.sin(2 * np.pi * 880 * t)


CHORDS_HZ = (55.0, 65.4, 49.0, 73.4)
INTERVALS = (1, 2.996, 5.04, 4)


def chord(root_hz: float, t: np.ndarray, highest_hz: float) -> np.ndarray:
    """Four notes of twelve partials each, with a vibrato of 5 Hz."""
    out = np.zeros(len(t))
    vibrato = t - 0.0005 / (2 * np.pi * 5.1) * np.cos(2 * np.pi * 5.1 * t)
    for interval in INTERVALS:
        for partial in range(1, 13):
            hz = root_hz * interval * partial
            if hz < highest_hz:
                out += np.sin(2 * np.pi * hz * vibrato + partial * interval) / partial**1.1
    return out


def music(frames: int, rate: float) -> np.ndarray:
    """A dense mix that stands in for music: chords that change every 250 ms, drums, air, and a loudness that breathes."""
    t, quarter = np.arange(frames) / rate, round(rate / 4)
    out = 0.5 * drums(frames, rate)
    for beat, at in enumerate(range(0, frames, quarter)):
        out[at : at + quarter] += 0.12 * chord(CHORDS_HZ[beat % 4], t[at : at + quarter], min(18000, 0.45 * rate))
    air = sp.sosfilt(sp.butter(4, 6000, "high", fs=rate, output="sos"), rng(7).standard_normal(frames))
    return (out + 0.05 * air) * (0.75 + 0.25 * np.sin(2 * np.pi * 0.3 * t)) * 0.6


HOT: dict[str, Callable[[int, float], np.ndarray]] = {
    "quarter-rate bursts": quarter_rate_bursts,
    "white noise": white_noise,
    "noise below 20 kHz": audible_noise,
    "clipped noise": clipped_noise,
    "square 997 Hz": square,
    "worst between samples": worst_between_samples,
    "drums": drums,
    "music": music,
}


@functools.cache
def hot(name: str, seconds: float, rate: float) -> np.ndarray:
    """Stereo, read-only; the right channel is the left one later and softer, so that the link has something to do."""
    left = HOT[name](round(seconds * rate), rate)
    pair = np.stack([left, 0.9 * np.roll(left, 331)], axis=1)
    pair.flags.writeable = False
    return pair


def gated_tones_near_nyquist(random: np.random.Generator, n: np.ndarray) -> np.ndarray:
    first, second = (np.sin(2 * np.pi * random.uniform(0.38, 0.5) * n + random.uniform(0, 6)) for _ in range(2))
    return (first + random.uniform(0, 1) * second) * (n % random.integers(50, 3000) < random.integers(3, 300))


def decaying_random_steps(random: np.random.Generator, n: np.ndarray) -> np.ndarray:
    steps = np.repeat(np.sign(random.standard_normal(len(n))), random.integers(1, 6))[: len(n)]
    return steps * np.exp(-(n % random.integers(500, 4000)) / random.uniform(20, 1000))


def colliding_worst_cases(random: np.random.Generator, n: np.ndarray) -> np.ndarray:
    out = np.zeros(len(n))
    for _ in range(30):
        width, at = random.integers(4, 128), random.integers(0, len(n) - 200)
        around = np.arange(width) - width // 2 + random.choice([0.25, 0.5, 0.75])
        out[at : at + width] += np.sign(np.sinc(around)) * random.uniform(0.1, 1)
    return out


RANDOM = (gated_tones_near_nyquist, decaying_random_steps, colliding_worst_cases)


def random_hot(random: np.random.Generator, frames: int) -> np.ndarray:
    """Stereo, sample peak 1: one of the kinds of signal that were found to be hardest on the limiter."""
    mono = RANDOM[random.integers(len(RANDOM))](random, np.arange(frames))
    return np.repeat((mono / np.abs(mono).max())[:, None], 2, axis=1)
