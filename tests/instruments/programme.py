"""Stand-ins for programme material: pink noise, voiced speech, wide music, each seeded, stereo (frames, 2)."""

from __future__ import annotations

import numpy as np


def shaped(spectrum: np.ndarray, frames: int, random: np.random.Generator) -> np.ndarray:
    return np.fft.irfft(spectrum * np.exp(2j * np.pi * random.random(len(spectrum))), frames)


def pink(seconds: float, rms_dbfs: float = -26, sample_rate_hz: float = 48000, seed: int = 3) -> np.ndarray:
    """Pink from 20 Hz to 20 kHz, independent channels, exact level per channel."""
    frames, random = round(seconds * sample_rate_hz), np.random.default_rng(seed)
    hz = np.fft.rfftfreq(frames, 1 / sample_rate_hz)
    inside = (hz >= 20) & (hz <= 20000)
    spectrum = np.where(inside, np.where(inside, hz, 1) ** -0.5, 0)
    both = np.stack([shaped(spectrum, frames, random) for _ in range(2)], axis=1)
    return both / np.sqrt((both**2).mean(axis=0)) * 10 ** (rms_dbfs / 20)


def voice(seconds: float, sample_rate_hz: float = 48000, pitch_hz: float = 120) -> np.ndarray:
    """The pulses of a larynx, mono: all harmonics begin together, 6 dB per octave down, the pitch sways by 10 %."""
    n = np.arange(round(seconds * sample_rate_hz))
    phase = np.cumsum(2 * np.pi * pitch_hz * (1 + 0.1 * np.sin(2 * np.pi * 0.7 * n / sample_rate_hz)) / sample_rate_hz)
    mono = sum(np.cos(k * phase) / k for k in range(1, 30))
    return 0.25 * mono / np.abs(mono).max()


def with_correlation(seconds: float, r: float, rms_dbfs: float = -20, seed: int = 5) -> np.ndarray:
    """Pink noise whose channels correlate by `r` and are equally loud."""
    a, b = pink(seconds, rms_dbfs, seed=seed).T
    b = b - a * (a @ b) / (a @ a)
    b *= np.sqrt((a @ a) / (b @ b))
    return np.stack([a, r * a + np.sqrt(1 - r * r) * b], axis=1)


def music(seconds: float, sample_rate_hz: float = 48000, seed: int = 7) -> np.ndarray:
    """Wide and restless: notes that begin and die, panned anywhere, some with their sides turned against each other."""
    frames, random = round(seconds * sample_rate_hz), np.random.default_rng(seed)
    out = 1e-4 * random.standard_normal((frames, 2))
    for _ in range(round(8 * seconds)):
        start, length = random.integers(frames), round(random.uniform(0.1, 1.2) * sample_rate_hz)
        n = np.arange(min(length, frames - start))
        note = np.exp(-4 * n / length) * np.sin(2 * np.pi * 2 ** random.uniform(6, 11) * n / sample_rate_hz)
        pan = random.uniform(-0.2, 1.2) * np.pi / 2
        out[start : start + len(n)] += 0.1 * note[:, None] * [np.cos(pan), np.sin(pan)]
    return out
