"""Short-time spectra for what does not belong into a signal: clicks, zipper noise, aliases."""

from __future__ import annotations

import numpy as np
from scipy.signal import get_window


def residual_above_db(signal: np.ndarray, cutoff_hz: float, rate: float = 48000) -> float:
    """Strongest bin above `cutoff_hz` in any frame of the short-time spectrum, relative to its strongest bin anywhere, in dB."""
    length = 2048 * round(rate / 48000)
    shape = get_window("blackmanharris", length)
    frames = np.lib.stride_tricks.sliding_window_view(signal, length)[:: length // 8]
    spectrum = np.abs(np.fft.rfft(frames * shape, axis=1))
    above = np.fft.rfftfreq(length, 1 / rate) >= cutoff_hz
    return float(20 * np.log10(spectrum[:, above].max() / spectrum.max()))
