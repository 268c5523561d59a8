"""Distortion of one channel by its spectrum, 20 Hz to 20 kHz, under a Blackman-Harris window."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.signal.windows import blackmanharris

LOBE_BINS = 6


def distortion_and_noise_db(mono: np.ndarray, sample_rate_hz: float, tones_hz: Iterable[float]) -> float:
    """Power of everything from 20 Hz to 20 kHz that is none of the tones, against the tones, wherever those are."""
    power = np.abs(np.fft.rfft(mono * blackmanharris(len(mono), sym=False))) ** 2
    hz = np.fft.rfftfreq(len(mono), 1 / sample_rate_hz)
    tones = np.zeros(len(hz), dtype=bool)
    for tone in tones_hz:
        tones |= np.abs(hz - tone) <= LOBE_BINS * sample_rate_hz / len(mono)
    audible = (hz >= 20) & (hz <= 20000)
    return 10 * float(np.log10(power[audible & ~tones].sum() / power[tones].sum()))


def thd_n_db(mono: np.ndarray, frequency_hz: float, sample_rate_hz: float) -> float:
    """The same for one tone and its harmonics."""
    return distortion_and_noise_db(mono, sample_rate_hz, [frequency_hz])
