"""A loudness meter that is not the product: ITU-R BS.1770-5, EBU Tech 3341 and 3342, written down plainly over whole arrays.

Signals are (frames, channels) float64. Other rates than 48 kHz: the standard's table is carried over as one substitution in z
(the bilinear transform there and back), which leaves each section's corner and its gains at 0 Hz and Nyquist where they are.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import freqz, lfilter

NONE = -200.0
TABLE_RATE_HZ = 48000
TABLE = (
    ([1.53512485958697, -2.69169618940638, 1.19839281085285], [1.0, -1.69065929318241, 0.73248077421585]),
    ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621]),
)


def at_rate(section: tuple[list[float], list[float]], sample_rate_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """A second-order section of the 48 kHz table at another rate: 1/z at 48 kHz as a ratio of polynomials in 1/z here."""
    a = section[1]
    warped_corner = np.sqrt(sum(a) / (a[0] - a[1] + a[2]))  # tan(pi f / 48 kHz), from where the poles are
    ratio = warped_corner / np.tan(np.arctan(warped_corner) * TABLE_RATE_HZ / sample_rate_hz)
    above, below = np.array([1 - ratio, 1 + ratio]), np.array([1 + ratio, 1 - ratio])

    def carry(c: list[float]) -> np.ndarray:
        return c[0] * np.convolve(below, below) + c[1] * np.convolve(above, below) + c[2] * np.convolve(above, above)

    numerator, denominator = carry(section[0]), carry(a)
    return numerator / denominator[0], denominator / denominator[0]


def k_weighted(signal: np.ndarray, sample_rate_hz: float) -> np.ndarray:
    for section in TABLE:
        signal = lfilter(*at_rate(section, sample_rate_hz), signal, axis=0)
    return signal


def k_response_db(frequency_hz: np.ndarray, sample_rate_hz: float = TABLE_RATE_HZ) -> np.ndarray:
    """Gain of the K-weighting; at 48 kHz straight from the table."""
    sections = TABLE if sample_rate_hz == TABLE_RATE_HZ else [at_rate(section, sample_rate_hz) for section in TABLE]
    gain = np.prod([np.abs(freqz(b, a, worN=frequency_hz, fs=sample_rate_hz)[1]) for b, a in sections], axis=0)
    return 20 * np.log10(gain)


def bins(signal: np.ndarray, sample_rate_hz: float, weights: tuple[float, ...] = (1, 1)) -> np.ndarray:
    """Energy of every whole 10 ms, channels summed with their weights."""
    frames = round(sample_rate_hz / 100)
    whole = len(signal) // frames * frames
    power = (k_weighted(signal, sample_rate_hz)[:whole] ** 2) @ np.array(weights, dtype=float)
    return power.reshape(-1, frames).mean(axis=1)


def lufs(power: np.ndarray | float) -> np.ndarray:
    power = np.asarray(power, dtype=float)
    with np.errstate(divide="ignore"):
        return np.maximum(-0.691 + 10 * np.log10(power), NONE)


def windows(energies: np.ndarray, length: int, step: int = 1) -> np.ndarray:
    """Mean power over `length` bins, after every `step` bins, whole windows only."""
    if len(energies) < length:
        return np.empty(0)
    return sliding_window_view(energies, length).mean(axis=1)[(-length) % step :: step]


def momentary(energies: np.ndarray) -> np.ndarray:
    return lufs(windows(energies, 40))


def short_term(energies: np.ndarray) -> np.ndarray:
    return lufs(windows(energies, 300))


def gated(power: np.ndarray, relative_lu: float) -> np.ndarray:
    """What is above -70 LUFS and above the mean of that plus `relative_lu`."""
    power = power[lufs(power) > -70]
    return power[lufs(power) > lufs(power.mean()) + relative_lu] if len(power) else power


def integrated(energies: np.ndarray) -> float:
    blocks = gated(windows(energies, 40, 10), -10)
    return float(lufs(blocks.mean())) if len(blocks) else NONE


def loudness_range(energies: np.ndarray) -> float:
    levels = np.sort(lufs(gated(windows(energies, 300, 10), -20)))
    if not len(levels):
        return NONE
    low, high = (levels[int((len(levels) - 1) * percentile / 100 + 0.5)] for percentile in (10, 95))
    return float(high - low)
