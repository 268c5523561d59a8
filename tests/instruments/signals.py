"""Test signals, exact by construction. Stereo is (frames, 2) float64; levels are peak dBFS."""

from __future__ import annotations

import numpy as np


def amplitude(level_db: float) -> float:
    return 10 ** (level_db / 20)


def sine(
    frequency_hz: float, seconds: float, level_dbfs: float = -1, sample_rate_hz: float = 48000, phase: float = 0
) -> np.ndarray:
    n = np.arange(round(seconds * sample_rate_hz))
    return amplitude(level_dbfs) * np.sin(2 * np.pi * frequency_hz / sample_rate_hz * n + phase)


def stereo(left: np.ndarray, right: np.ndarray | None = None) -> np.ndarray:
    return np.stack([left, left if right is None else right], axis=1)


def noise(seconds: float, level_dbfs: float = -12, sample_rate_hz: float = 48000, seed: int = 1) -> np.ndarray:
    """Uniform white noise, independent channels."""
    frames = round(seconds * sample_rate_hz)
    return amplitude(level_dbfs) * np.random.default_rng(seed).uniform(-1, 1, (frames, 2))


def impulse(frames: int, at: int = 0) -> np.ndarray:
    mono = np.zeros(frames)
    mono[at] = 1.0
    return stereo(mono)
