"""Short-time spectra for what does not belong into a signal: clicks, zipper noise, aliases."""

from __future__ import annotations

import numpy as np
from scipy.signal import get_window


def strongest_db(signal: np.ndarray, rate: float = 48000) -> tuple[np.ndarray, np.ndarray]:
    """For each frequency in Hz the strongest it is in any frame of the short-time spectrum, relative to the strongest of all."""
    length = 2048 * round(rate / 48000)
    shape = get_window("blackmanharris", length)
    frames = np.lib.stride_tricks.sliding_window_view(signal, length)[:: length // 8]
    strongest = np.abs(np.fft.rfft(frames * shape, axis=1)).max(axis=0)
    return np.fft.rfftfreq(length, 1 / rate), 20 * np.log10(strongest / strongest.max() + 1e-30)


def residual_above_db(signal: np.ndarray, cutoff_hz: float, rate: float = 48000) -> float:
    """Strongest bin above `cutoff_hz` in any frame of the short-time spectrum, relative to its strongest bin anywhere, in dB."""
    hz, level_db = strongest_db(signal, rate)
    return float(level_db[hz >= cutoff_hz].max())
