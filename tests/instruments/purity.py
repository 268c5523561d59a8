"""Instruments for purity: distortion of a sine, and what a moving parameter adds above a frequency. All with Blackman-Harris."""

from __future__ import annotations

import numpy as np
from scipy.signal import get_window

LOBE_BINS = 5  # half of a Blackman-Harris main lobe, and one


def power_spectrum(signal: np.ndarray) -> np.ndarray:
    return np.abs(np.fft.rfft(signal * get_window("blackmanharris", len(signal)))) ** 2


def thd_n_db(signal: np.ndarray, frequency_hz: float, sample_rate_hz: float) -> float:
    """Everything from 20 Hz to 20 kHz that is not the fundamental, against the fundamental, over the whole of `signal`."""
    power = power_spectrum(signal)
    hz_per_bin = sample_rate_hz / len(signal)
    centre = round(frequency_hz / hz_per_bin)
    tone = slice(centre - LOBE_BINS, centre + LOBE_BINS + 1)
    fundamental = power[tone].sum()
    power[tone] = 0
    return float(10 * np.log10(power[round(20 / hz_per_bin) : round(20000 / hz_per_bin) + 1].sum() / fundamental))


def residual_above_db(signal: np.ndarray, above_hz: float, sample_rate_hz: float, window_frames: int = 2048) -> float:
    """The strongest line above a frequency in any window of a short-time spectrum, against the strongest line of all."""
    hop = window_frames // 8
    window = get_window("blackmanharris", window_frames)
    frames = np.lib.stride_tricks.sliding_window_view(signal, window_frames)[::hop]
    magnitude = np.abs(np.fft.rfft(frames * window, axis=1))
    first = int(np.ceil(above_hz / sample_rate_hz * window_frames))
    return float(20 * np.log10(magnitude[:, first:].max() / magnitude.max()))
