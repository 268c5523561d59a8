"""Quantisation with triangular dither: an error that is noise, and nothing but noise."""

from __future__ import annotations

import numpy as np
import pytest

from masterd.native import ffi, lib

BITS = (16, 20, 24)
RATE = 48000


def dithered(
    left: np.ndarray, bits: int = 16, right: np.ndarray | None = None, seed: int = 1, block: int = 1 << 20
) -> np.ndarray:
    """(2, frames)"""
    coefs, state = ffi.new("dither_coefs *"), ffi.new("dither *")
    lib.dither_design(coefs, ffi.new("dither_params *", {"bits": bits}), ffi.new("stream_format *", {"sample_rate_hz": RATE}))
    lib.dither_reset(state, seed)
    out = [np.array(left, dtype=np.float64), np.array(left if right is None else right, dtype=np.float64)]
    for at in range(0, len(left), block):
        pair = [ffi.from_buffer("double[]", channel[at : at + block]) for channel in out]
        lib.dither_process(state, coefs, *pair, min(block, len(left) - at))
    return np.stack(out)


def tone(level_dbfs: float, hz: float, frames: int) -> np.ndarray:
    return 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * hz / RATE * np.arange(frames))


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("level_dbfs", [-np.inf, -110, -60, -1])
def test_total_error_is_a_quarter_of_a_step_squared(bits, level_dbfs):
    """16 bits: -93.32 dB against a full-scale sine."""
    wave = tone(level_dbfs, 997, 1_000_000)
    error = dithered(wave, bits) - wave
    expected_db = 10 * np.log10(2.0 ** (2 - 2 * bits) / 4 / 0.5)
    assert expected_db == pytest.approx(-93.32 - 6.0206 * (bits - 16), abs=0.01)
    for channel in error:
        assert 10 * np.log10(np.mean(channel**2) / 0.5) == pytest.approx(expected_db, abs=0.1)


def test_tone_below_the_last_bit_survives_without_harmonics():
    """1 kHz at -110 dBFS, 12 dB below half a step of 16 bits: level to 0.1 dB, no harmonic stands out of the noise."""
    frames = 60 * RATE
    out = dithered(tone(-110, 1000, frames))[0]
    amplitude = np.abs(np.fft.rfft(out)) / (frames / 2)
    assert 20 * np.log10(amplitude[60 * 1000]) == pytest.approx(-110, abs=0.1)
    noise = np.mean(amplitude[60 * 100 :] ** 2)
    harmonics = amplitude[[60 * 1000 * k for k in range(2, 21)]] ** 2
    assert harmonics.max() < 12 * noise  # one bin of white noise exceeds 12 times the mean once in 160 000
    assert np.mean(harmonics) < 2.2 * noise  # 19 bins: 5 sigma
    untreated = np.round(tone(-90.5, 1000, frames) * 32768) / 32768  # what the test must be able to see
    assert (np.abs(np.fft.rfft(untreated)) / (frames / 2))[60 * 3000] ** 2 > 1000 * noise


def test_error_is_white_and_knows_nothing_of_the_programme():
    wave = np.random.default_rng(3).uniform(-0.5, 0.5, 1_000_000)
    error = dithered(wave)[0] - wave
    assert abs(np.corrcoef(error, wave)[0, 1]) < 0.01
    for lag in (1, 2, 3, 10):
        assert abs(np.corrcoef(error[lag:], error[:-lag])[0, 1]) < 0.005


@pytest.mark.parametrize("offset_steps", [0, 0.125, 0.25, 0.5, 0.75])
def test_noise_does_not_breathe_with_the_value_between_two_steps(offset_steps):
    constant = np.full(1_000_000, offset_steps / 32768)
    error = (dithered(constant)[0] - constant) * 32768
    assert np.mean(error) == pytest.approx(0, abs=0.0025)  # 5 sigma
    assert np.var(error) == pytest.approx(0.25, rel=0.01)


def test_silence_stays_dithered():
    """One step up an eighth of the time, one down an eighth."""
    steps = dithered(np.zeros(1_000_000))[0] * 32768
    assert set(np.unique(steps)) == {-1, 0, 1}
    assert np.mean(steps == 1) == pytest.approx(0.125, abs=0.002)
    assert np.mean(steps == -1) == pytest.approx(0.125, abs=0.002)


@pytest.mark.parametrize("bits", BITS)
def test_every_sample_is_an_integer_that_fits(bits):
    wave = np.linspace(-1.5, 1.5, 100_000)
    steps = dithered(wave, bits)[0] * 2.0 ** (bits - 1)
    assert np.array_equal(steps, np.round(steps))
    assert steps.min() == -(2 ** (bits - 1))
    assert steps.max() == 2 ** (bits - 1) - 1


def test_channels_and_seeds_have_noises_of_their_own():
    left, right = dithered(np.zeros(500_000))
    other = dithered(np.zeros(500_000), seed=2)[0]
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.007
    assert abs(np.corrcoef(left, other)[0, 1]) < 0.007


@pytest.mark.parametrize("block", [1, 7, 64, 1024])
def test_the_same_seed_gives_the_same_bits_in_any_block(block):
    wave = tone(-20, 440, 5000)
    assert np.array_equal(dithered(wave, seed=9), dithered(wave, seed=9, block=block))


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf, 1e300])
def test_poison_leaves_no_trace(poison):
    wave = tone(-20, 440, 1000)
    spoilt = wave.copy()
    spoilt[500] = poison
    clean, out = dithered(wave), dithered(spoilt)
    assert np.isfinite(out).all()
    assert set(np.argwhere(clean != out)[:, 1]) <= {500}
