"""The instrument before the product: the 32x meter against waveforms whose peak is known by formula."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.hot_signals import HOT, hot
from instruments.true_peak_meter import PHASES, RunningTruePeak, peak_after_each_frame, true_peak, true_peak_dbtp


def faded(frames: int) -> np.ndarray:
    fade = np.sin(np.linspace(0, np.pi / 2, 400)) ** 2
    return np.concatenate([fade, np.ones(frames - 800), fade[::-1]])


def test_phase_zero_is_the_sample_itself():
    assert np.flatnonzero(PHASES[:, 0] > 1e-12).tolist() == [63]
    assert PHASES[63, 0] == 1


@pytest.mark.parametrize("frequency", [0.01, 0.123, 0.25, 1 / 3, 0.41, 0.45])
def test_a_sine_peaks_at_its_amplitude(frequency):
    n = np.arange(3000)
    for phase in np.linspace(0, np.pi, 7):
        peak = true_peak(faded(3000) * np.sin(2 * np.pi * frequency * n + phase))
        assert peak == pytest.approx(1, abs=10 ** (-3 / 20) * 0.0018)  # cos(pi 0.45 / 32) = 0.99902


def test_quarter_rate_at_45_degrees_peaks_3_db_above_its_samples():
    n = np.arange(2000)
    wave = faded(2000) * np.sin(np.pi / 2 * n + np.pi / 4)
    assert 20 * np.log10(np.abs(wave).max()) == pytest.approx(-3.01, abs=0.001)
    assert true_peak_dbtp(wave) == pytest.approx(0, abs=0.003)


def test_two_tones_peak_at_the_sum_of_their_amplitudes_midway_between_samples():
    t = np.arange(4000) - 2000.5
    wave = faded(4000) * (0.6 * np.cos(2 * np.pi * 0.21 * t) + 0.4 * np.cos(2 * np.pi * 0.33 * t))
    peaks = peak_after_each_frame(wave)
    assert peaks[2000] == pytest.approx(1, abs=1e-6)
    assert peaks.max() <= 1 + 1e-6


def test_the_higher_channel_counts():
    left = faded(2000) * np.sin(0.3 * np.arange(2000))
    assert true_peak_dbtp(np.stack([0.5 * left, left], axis=1)) == true_peak_dbtp(left)


@pytest.mark.parametrize("name", HOT)
def test_in_parts_it_is_the_same_number(name):
    mono, meter = hot(name, 0.5, 44100)[:, 0], RunningTruePeak()
    for part in (mono[:9000], mono[9000:9050], mono[9050:], np.zeros(200)):
        meter.feed(part)
    assert meter.peak == pytest.approx(true_peak(mono), rel=1e-12)
