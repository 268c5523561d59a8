"""Stereo and dynamics readings by their definitions in plain numpy, on whole signals (frames, 2)."""

from __future__ import annotations

import numpy as np

from instruments import loudness_meter
from instruments.true_peak_meter import peak_after_each_frame

BIN_S, TIME_CONSTANT_S, WINDOW_S = 0.01, 0.4, 3.0


def db(ratio):
    return 10 * np.log10(ratio)


def bin_means(series: np.ndarray, rate: float) -> np.ndarray:
    length = round(rate * BIN_S)
    whole = len(series) // length
    return series[: whole * length].reshape(whole, length).mean(axis=1)


def slow(series: np.ndarray, rate: float) -> float:
    """The last value of an exponential mean, 400 ms, of 10 ms means, from 0."""
    keep, value = np.exp(-BIN_S / TIME_CONSTANT_S), 0.0
    for mean in bin_means(series, rate):
        value = keep * value + (1 - keep) * mean
    return value


def image(signal: np.ndarray, rate: float) -> dict[str, float]:
    left, right = signal.T
    power = slow(left**2, rate), slow(right**2, rate)
    side, middle = slow(((left - right) / 2) ** 2, rate), slow(((left + right) / 2) ** 2, rate)
    return {
        "correlation": slow(left * right, rate) / np.sqrt(power[0] * power[1]),
        "balance_db": db(power[1] / power[0]),
        "width_db": db(side / middle),
    }


def dynamic_range(signal: np.ndarray, rate: float) -> float:
    """DR before rounding, by "Measuring DR" 1.3."""
    frames = 3 * (44160 if rate == 44100 else round(rate))
    found = []
    for channel in signal.T:
        blocks = channel[: len(channel) // frames * frames].reshape(-1, frames)
        rms = np.sort(np.sqrt(2 * np.sum(blocks**2, axis=1) / frames))[::-1]
        peaks = np.sort(np.abs(blocks).max(axis=1))[::-1]
        top = rms[: max(1, len(blocks) // 5)]
        found.append(-20 * np.log10(np.sqrt(np.mean(top**2)) / peaks[1]))
    return float(np.mean(found))


def peak_to_short_term(signal: np.ndarray, rate: float, late_frames: int = 0) -> np.ndarray:
    """PSR every 100 ms from the first whole window on, ungated, by a 32 times oversampled peak told `late_frames` late."""
    energies = loudness_meter.bins(signal, rate)
    peaks = np.max([peak_after_each_frame(channel) for channel in signal.T], axis=0)
    peaks = np.concatenate([np.zeros(late_frames), peaks])
    length = round(rate * BIN_S)
    ends = np.arange(300, len(energies) + 1, 10)
    short_term = -0.691 + db(np.array([energies[end - 300 : end].mean() for end in ends]))
    highest = np.array([peaks[(end - 300) * length : end * length].max() for end in ends])
    return 20 * np.log10(highest) - short_term


def third_octave_level(mono: np.ndarray, mid_hz: float, rate: float) -> float:
    """Mean square in dB behind an ideal band (FFT bins of the whole signal between the exact edges)."""
    spectrum = np.abs(np.fft.rfft(mono)) ** 2 / len(mono) ** 2 * 2
    at = np.fft.rfftfreq(len(mono), 1 / rate)
    return db(spectrum[(at >= mid_hz * 10**-0.05) & (at < mid_hz * 10**0.05)].sum())
