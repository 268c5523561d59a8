"""A clipper as it should be: the curve from its slope, and clipping at 64 times the rate; and a meter for what folds back."""

from __future__ import annotations

import numpy as np
from scipy.signal.windows import blackmanharris

POINTS = 20001
RATIO = 64


def curve(x: np.ndarray, threshold: float, softness: float) -> np.ndarray:
    """The integral of the slope: 1 up to (1 - softness) threshold, 0 from (1 + softness), a smooth cubic step between."""
    size = np.abs(x) / threshold
    if softness == 0:
        return np.sign(x) * threshold * np.minimum(size, 1)
    u = np.linspace(0, 1, POINTS)
    slope = 1 - 3 * u**2 + 2 * u**3
    bend = np.concatenate([[0], np.cumsum((slope[1:] + slope[:-1]) / 2)]) * 2 * softness / (POINTS - 1)
    start = 1 - softness
    return np.sign(x) * threshold * np.where(size <= start, size, start + np.interp((size - start) / (2 * softness), u, bend))


def clipped_spectrum(period: np.ndarray, threshold: float, softness: float) -> np.ndarray:
    """rfft of one period of a periodic signal, clipped at 64 times its rate; what is above half the rate is gone."""
    frames = len(period)
    spectrum = np.zeros(frames * RATIO // 2 + 1, dtype=complex)
    spectrum[: frames // 2 + 1] = np.fft.rfft(period)
    fine = np.fft.irfft(spectrum) * RATIO
    return np.fft.rfft(curve(fine, threshold, softness))[: frames // 2 + 1] / RATIO


def split_spectrum(mono: np.ndarray, frequency_hz: float, sample_rate_hz: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frequencies, power, and which of them belong to the tone or to one of its harmonics below half the rate."""
    power = np.abs(np.fft.rfft(mono * blackmanharris(len(mono), sym=False))) ** 2
    hz = np.fft.rfftfreq(len(mono), 1 / sample_rate_hz)
    order = np.round(hz / frequency_hz)
    return hz, power, (order >= 1) & (np.abs(hz - order * frequency_hz) <= 6 * sample_rate_hz / len(mono))


def aliasing_db(mono: np.ndarray, frequency_hz: float, sample_rate_hz: float) -> float:
    """Power from 20 Hz to 20 kHz that is neither the tone nor one of its harmonics below half the rate, against everything."""
    hz, power, harmonic = split_spectrum(mono, frequency_hz, sample_rate_hz)
    audible = (hz >= 20) & (hz <= 20000)
    return 10 * float(np.log10(power[audible & ~harmonic].sum() / power.sum()))
