"""The last stage: it lowers, it mutes, it shortens the word; and what it adds is noise of a known size in a known place."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.hearing import a_weight, audibility
from instruments.hot_signals import hot
from instruments.kernel import Kernel
from instruments.signals import amplitude, noise, sine, stereo
from instruments.spectrum import residual_above_db
from instruments.true_peak_meter import true_peak_dbtp
from scipy import signal as sp

from masterd.native import ffi, lib

RATES = (44100, 48000, 96000, 192000)
WORDS = pytest.mark.parametrize("bits", [16, 20, 24])
SHAPES = pytest.mark.parametrize("shaping", ["flat", "weighted"])


def output(rate: float = 48000, **values) -> Kernel:
    return Kernel("output", rate, {f"output.{name}": value for name, value in values.items()})


def word(bits: int, shaping: str = "flat", rate: float = 48000, **values) -> Kernel:
    return output(rate, word_bits=str(bits), noise_shaping=shaping, **values)


def error_steps(signal: np.ndarray, bits: int, shaping: str, rate: float = 48000) -> np.ndarray:
    return (word(bits, shaping, rate)(signal) - signal) * 2 ** (bits - 1)


# ---- trim and mute ----


def test_at_rest_not_a_bit_changes():
    signal = noise(0.2, 20)
    signal[7] = np.nan
    assert output()(signal).tobytes() == signal.tobytes()


@pytest.mark.parametrize("trim_db", [-0.1, -6, -24])
def test_trim_is_a_gain(trim_db):
    signal = noise(0.1, 0)
    assert np.array_equal(output(trim_db=trim_db)(signal), signal * amplitude(trim_db))


@SHAPES
@pytest.mark.parametrize("bits", ["float", "16", "24"])
def test_muted_is_exactly_zero(bits, shaping):
    kernel = output(word_bits=bits, noise_shaping=shaping)
    signal = noise(0.2, 0)
    kernel(signal)
    kernel.set({"output.mute": True})
    fading = kernel(signal)
    assert fading[:900].any()
    assert not fading[1000:].any()
    signal[100] = np.nan
    assert not kernel(signal).any()
    kernel.set({"output.mute": False})
    back = kernel(noise(0.2, 0))
    assert back[500:].any()
    if bits == "float":
        assert np.array_equal(back[1000:], noise(0.2, 0)[1000:])


def test_trim_and_mute_do_not_click():
    signal = stereo(sine(1000, 0.3, -1))
    kernel, out = output(), []
    for move in ({}, {"output.trim_db": -12}, {"output.mute": True}, {"output.mute": False, "output.trim_db": 0}):
        kernel.set(move, 960)
        out.append(kernel(signal))
    assert residual_above_db(np.concatenate(out)[:, 0], 5000, 48000) <= -90


def test_fade_is_a_straight_line():
    kernel = output()
    ones = np.ones((1200, 2))
    kernel(ones)
    kernel.set({"output.mute": True})
    assert kernel(ones)[:, 0] == pytest.approx(np.maximum(1 - np.arange(1, 1201) / 1000, 0), abs=1e-12)


# ---- word length ----


@SHAPES
@WORDS
def test_every_sample_is_an_integer_that_fits(bits, shaping):
    for signal in (noise(0.5, 6), noise(0.5, -80), np.full((5000, 2), 1e300), np.full((5000, 2), -np.inf)):
        steps = word(bits, shaping)(signal) * 2.0 ** (bits - 1)
        assert np.array_equal(steps, np.round(steps))
        assert steps.min() >= -(2 ** (bits - 1))
        assert steps.max() <= 2 ** (bits - 1) - 1


@WORDS
def test_flat_is_the_dither_of_files(bits):
    """The same bits, from the same seed."""
    signal = noise(0.2, -3)
    coefs, state = ffi.new("dither_coefs *"), ffi.new("dither *")
    lib.dither_design(coefs, ffi.new("dither_params *", {"bits": bits}), ffi.new("stream_format *", {"sample_rate_hz": 48000}))
    lib.dither_reset(state, 1)
    pair = [signal[:, channel].copy() for channel in (0, 1)]
    lib.dither_process(state, coefs, *(ffi.from_buffer("double[]", channel) for channel in pair), len(signal))
    assert np.array_equal(word(bits)(signal), np.stack(pair, axis=1))


@WORDS
@pytest.mark.parametrize("level_dbfs", [-np.inf, -110, -1])
def test_flat_noise_is_a_quarter_of_a_step_squared(bits, level_dbfs):
    """16 bits: -93.32 +-0.1 dB against a full-scale sine."""
    error = error_steps(stereo(sine(997, 20, level_dbfs)), bits, "flat") / 2 ** (bits - 1)
    for channel in error.T:
        assert 10 * np.log10(np.mean(channel**2) / 0.5) == pytest.approx(-93.32 - 6.0206 * (bits - 16), abs=0.1)


@SHAPES
def test_tone_below_the_last_bit_survives_without_harmonics(shaping):
    """1 kHz at -110 dBFS in 16 bits, 60 s: level to 0.1 dB; no harmonic stands out of the noise around it."""
    frames = 60 * 48000
    out = np.abs(np.fft.rfft(word(16, shaping)(stereo(sine(1000, 60, -110)))[:, 0])) / (frames / 2)
    assert 20 * np.log10(out[60000]) == pytest.approx(-110, abs=0.1)
    for harmonic in range(2, 20):
        around = out[60000 * harmonic - 2000 : 60000 * harmonic + 2000] ** 2
        assert out[60000 * harmonic] ** 2 < 12 * np.median(around)


EARS = ("all", "A", "threshold", "2-5 kHz")
# Against flat dither, in dB: noise power, A-weighted, by the threshold of hearing, 2 to 5 kHz.
WEIGHTED_DB = {
    44100: (18.5, 11.6, -11.2, -22.2),
    48000: (18.2, 12.0, -20.8, -25.1),
    96000: (7.7, -1.7, -23.7, -25.6),
    192000: (4.1, -8.0, -26.8, -30.5),
}


@pytest.mark.parametrize("rate", RATES)
def test_weighted_dither_is_heard_less(rate):
    """The spectrum of the error itself, 16 bits, as four ears weigh it. A-weighting, made for louder tones, counts at 44.1 and
    48 kHz the noise near 15 kHz, where a quiet ear hears nothing: by it this noise is higher."""
    error = {shaping: error_steps(noise(20, -20, rate), 16, shaping, rate)[:, 0] for shaping in ("flat", "weighted")}
    hz, flat = sp.welch(error["flat"], rate, nperseg=8192)
    _, weighted = sp.welch(error["weighted"], rate, nperseg=8192)
    ears = (np.ones(len(hz)), a_weight(hz), audibility(hz), (hz >= 2000) & (hz <= 5000))
    heard = [10 * float(np.log10((weighted * ear).sum() / (flat * ear).sum())) for ear in ears]
    print(f"{rate}: " + ", ".join(f"{name} {db:+.1f}" for name, db in zip(EARS, heard, strict=True)))
    for db, limit_db in zip(heard, WEIGHTED_DB[rate], strict=True):
        assert db <= limit_db


@pytest.mark.parametrize("rate", [44100, 48000])
def test_weighted_error_is_noise_and_knows_nothing_of_the_programme(rate):
    signal = noise(20, -20, rate)
    error = error_steps(signal, 16, "weighted", rate)
    assert abs(np.corrcoef(error[:, 0], signal[:, 0])[0, 1]) < 0.01
    assert abs(np.corrcoef(error[:, 0], error[:, 1])[0, 1]) < 0.01
    assert np.abs(error.mean(axis=0)).max() < 0.01


BOUND_STEPS = {44100: 34, 48000: 31, 96000: 7, 192000: 5}


@pytest.mark.parametrize("rate", RATES)
@SHAPES
def test_the_word_moves_a_sample_by_a_bounded_number_of_steps(rate, shaping):
    most = np.abs(error_steps(noise(10, -20, rate), 16, shaping, rate)).max()
    print(f"{rate} {shaping}: {most:.2f} steps")
    assert most <= (1.5 if shaping == "flat" else BOUND_STEPS[rate])


@SHAPES
def test_true_peak_leaves_the_ceiling_by_no_more_than_the_dither(shaping):
    """Ceiling 0 dBTP, limiter working hard, 16 bits: over by at most 0.001 dB (flat) or 0.008 dB (weighted), were it not for the
    limiter's own margin of 0.05 dB: so not at all."""
    values = {"limiter.drive_db": 12, "limiter.ceiling_dbtp": 0, "output.word_bits": "16", "output.noise_shaping": shaping}
    signal = hot("music", 3, 48000)
    plain = Kernel("chain", 48000, values | {"output.word_bits": "float"})(signal)
    short = Kernel("chain", 48000, values)(signal)
    over_db = true_peak_dbtp(short) - true_peak_dbtp(plain)
    print(f"{shaping}: {over_db:+.5f} dB, true peak {true_peak_dbtp(short):+.4f} dBTP")
    assert over_db <= (0.001 if shaping == "flat" else 0.008)
    assert true_peak_dbtp(short) <= 0


@SHAPES
@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf, 1e300])
def test_poison_leaves_no_trace(poison, shaping):
    signal = noise(0.1, -6)
    spoilt = signal.copy()
    spoilt[2000] = poison
    clean, out = word(16, shaping)(signal), word(16, shaping)(spoilt)
    assert np.isfinite(out).all()
    assert np.abs(out - clean)[2010:].max() < 100 / 32768
    assert np.array_equal(np.round(out * 32768), out * 32768)


@SHAPES
def test_moves_give_the_same_bits_in_any_block(shaping):
    signal = noise(0.25, 0)

    def run(blocks: list[int]) -> np.ndarray:
        kernel, out = word(16, shaping), []
        moves = ({"output.mute": True}, {"output.word_bits": "24"}, {"output.mute": False}, {"output.trim_db": -3}, {})
        for part, move in zip(np.split(signal, 5), moves, strict=True):
            out.append(kernel(part, blocks))
            kernel.set(move, 700)
        return np.concatenate(out)

    whole = run([])
    for blocks in ([1] * 12000, [7] * 12000, [64] * 12000):
        assert np.array_equal(whole, run(blocks))
