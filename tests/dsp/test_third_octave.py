"""1/3-octave levels against IEC 61260-1 class 1, with tones and noise."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from instruments import levels_meter as plain
from instruments.levels_kernel import Bank
from instruments.signals import noise, sine, stereo

from masterd.native import lib

BANDS = range(30)
MID_HZ = [1000 * 10 ** (x / 10) for x in range(-16, 14)]
SINE_RMS_DB = -3.0103
RATES = (44100, 48000, 96000, 192000)

# Octaves from the middle of a whole octave band, and class 1's relative attenuation there: at least, at most. The stricter of the
# editions of 1995 and 2014 where they differ.
LIMITS = [
    (0, -0.3, 0.3),
    (1 / 8, -0.3, 0.4),
    (1 / 4, -0.3, 0.6),
    (3 / 8, -0.3, 1.3),
    (1, 17.5, 999),
    (2, 42, 999),
    (3, 61, 999),
    (4, 70, 999),
]


def third_octave_ratio(octaves: float) -> float:
    """Where a limit given for octave bands lies for thirds: IEC 61260-1, the formula for fractional bands."""
    ratio = 10**0.3
    return 1 + (ratio ** (1 / 6) - 1) / (ratio**0.5 - 1) * (ratio**octaves - 1)


def settled(rate: float, band: int, hz: float) -> float:
    """What a steady full-scale sine reads in a band, to 0.02 dB and to -100 dB."""
    seconds = 400 / MID_HZ[band]
    tone = np.sin(2 * np.pi * hz / rate * np.arange(round(rate * seconds)))
    return Bank(rate, averaging_s=seconds / 25).feed(stereo(tone)).read()[0][band]


def test_mid_bands_are_the_exact_ones():
    assert [lib.third_octave_mid_hz(band) for band in BANDS] == pytest.approx(MID_HZ, rel=1e-12)


@pytest.mark.parametrize("rate", RATES)
def test_a_tone_at_every_mid_band_reads_its_level_there_and_little_an_octave_off(rate):
    for band in BANDS:
        seconds = max(0.5, 60 / MID_HZ[band])
        levels = Bank(rate, averaging_s=seconds / 20).feed(stereo(sine(MID_HZ[band], seconds, 0, rate))).read()[0]
        assert levels[band] == pytest.approx(SINE_RMS_DB, abs=0.3)
        off = [levels[at] - SINE_RMS_DB for at in (band - 3, band + 3) if at in BANDS]
        assert max(off) <= -42, band


@pytest.mark.parametrize(
    ("rate", "band"), [(48000, 0), *itertools.product([44100, 48000, 96000], [10, 16, 26, 28, 29]), (192000, 29)]
)
def test_class_1_limits(rate, band):
    for octaves, least_db, most_db in LIMITS:
        for sign in (-1, 1):
            hz = MID_HZ[band] * third_octave_ratio(octaves) ** sign
            if hz < 0.48 * rate:
                attenuation_db = SINE_RMS_DB - settled(rate, band, hz)
                assert least_db <= attenuation_db <= most_db, (octaves, sign, hz, attenuation_db)


def test_mid_bands_pass_unchanged():
    worst = max(abs(settled(rate, band, MID_HZ[band]) - SINE_RMS_DB) for rate, band in itertools.product(RATES, (5, 16, 29)))
    assert worst < 0.05


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
def test_pink_noise_is_flat(rate):
    """Every band of 1/f power has the same level; also against ideal bands cut from the very same noise."""
    frames = 1 << 19
    at = np.fft.rfftfreq(frames, 1 / rate)
    phases = np.random.default_rng(9).uniform(0, 2 * np.pi, len(at))
    spectrum = np.where(at >= 5, np.exp(1j * phases) / np.sqrt(np.maximum(at, 5)), 0)
    pink = np.fft.irfft(spectrum, frames)
    pink *= 0.1 / pink.std()
    twice = np.concatenate([pink, pink])  # periodic: the first round lets the filters settle
    bank = Bank(rate, averaging_s=1e9)
    before = 10 ** (bank.feed(stereo(twice[:frames])).read()[0] / 10)
    after = 10 ** (bank.feed(stereo(twice[frames:])).read()[0] / 10)
    levels = 10 * np.log10(2 * after - before)  # the mean of the second round alone
    whole = [band for band in BANDS if MID_HZ[band] * 10**0.05 < rate / 2]  # at 44.1 kHz the highest band is not all there
    assert np.ptp(levels[whole]) < 0.5
    ideal = np.array([plain.third_octave_level(pink, hz, rate) for hz in MID_HZ])
    assert np.abs(levels - ideal).max() < 0.5


def test_levels_of_both_sides_are_their_own():
    levels = Bank().feed(stereo(sine(1000, 3, 0), sine(4000, 3, -40))).read()
    assert levels[0][16] == pytest.approx(-3.01, abs=0.1)
    assert levels[1][22] == pytest.approx(-43.01, abs=0.1)
    assert levels[1][16] < -80


def test_averaging_is_exponential_without_a_start_up_error():
    bank, tone = Bank(averaging_s=1.0), stereo(sine(5000, 1, -20))
    assert bank.feed(tone[:4800]).read()[0][23] == pytest.approx(-23.01, abs=0.4)
    bank.feed(np.concatenate([tone] * 9))
    before = bank.read()[0][23]
    assert bank.feed(np.zeros((48000, 2))).read()[0][23] - before == pytest.approx(10 * np.log10(np.exp(-1)), abs=0.05)


def test_block_size_changes_nothing_and_poison_passes():
    signal = noise(2, -12)
    whole, cut = Bank().feed(signal).read(), Bank().feed(signal, itertools.cycle([1, 7, 64, 300, 1000])).read()
    assert cut == pytest.approx(whole, abs=1e-9)
    signal[1000], signal[2000] = np.nan, np.inf
    assert np.isfinite(Bank().feed(signal).read()).all()
    assert set(Bank().feed(np.zeros((48000, 2))).read().ravel()) == {-200.0}
