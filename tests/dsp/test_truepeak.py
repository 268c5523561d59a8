"""The true-peak meter against Tech 3341, against the independent 32x meter, and as a kernel."""

from __future__ import annotations

import numpy as np
import pytest
from instruments import ebu
from instruments.hot_signals import HOT, hot
from instruments.true_peak_meter import true_peak

from masterd.native import ffi, lib

RATES = (44100, 48000, 96000, 192000)


class Meter:
    def __init__(self, rate: float = 48000):
        self.coefs, self.state = ffi.new("truepeak_coefs *"), ffi.new("truepeak *")
        lib.truepeak_design(self.coefs, ffi.new("stream_format *", {"sample_rate_hz": rate}))
        lib.truepeak_reset(self.state)

    def __call__(self, left: np.ndarray, right: np.ndarray, block: int = 4096) -> tuple[float, float]:
        """The peaks after the signal and the silence that the detector's delay asks for."""
        silence = np.zeros(lib.DETECTOR_DELAY_FRAMES)
        channels = [np.concatenate([channel, silence]) for channel in (left, right)]
        for at in range(0, len(channels[0]), block):
            pair = [np.ascontiguousarray(channel[at : at + block]) for channel in channels]
            lib.truepeak_process(self.state, self.coefs, *(ffi.from_buffer("double[]", c) for c in pair), len(pair[0]))
        return self.state.peak[0], self.state.peak[1]


def db(linear: float) -> float:
    return 20 * float(np.log10(linear))


def fades(frames: int, rate: float) -> np.ndarray:
    """10 ms in and out."""
    fade = np.sin(np.linspace(0, np.pi / 2, round(0.01 * rate))) ** 2
    return np.concatenate([fade, np.ones(frames - 2 * len(fade)), fade[::-1]])


@pytest.mark.parametrize("rate", RATES)
def test_tech_3341(rate):
    for case, wave, expected_dbtp in ebu.true_peak_cases(rate):
        independent_dbtp = db(true_peak(wave))
        for peak in Meter(rate)(wave, -wave):
            print(f"case {case} at {rate}: {db(peak):+.3f} dBTP")
            assert expected_dbtp - 0.4 <= db(peak) <= expected_dbtp + 0.2, case
            assert abs(db(peak) - independent_dbtp) <= 0.05, case


@pytest.mark.parametrize("rate", RATES)
def test_random_sines_to_20_khz(rate):
    """250 at each rate, two at a time: 1000 in all."""
    seed = 3341 + rate
    print("seed", seed)
    random = np.random.default_rng(seed)
    frames = round(0.03 * rate)
    n, worst = np.arange(frames), 0.0
    for _ in range(125):
        hz, phase = random.uniform(20, 20000, 2), random.uniform(0, 2 * np.pi, 2)
        pair = [fades(frames, rate) * np.sin(2 * np.pi * f / rate * n + p) for f, p in zip(hz, phase, strict=True)]
        for peak, wave in zip(Meter(rate)(*pair), pair, strict=True):
            worst = max(worst, abs(db(peak) - db(true_peak(wave))))
    print(f"{rate}: worst {worst:.4f} dB")
    assert worst <= 0.05


@pytest.mark.parametrize("name", HOT)
@pytest.mark.parametrize("rate", [44100, 48000])
def test_hard_signals(name, rate):
    wave = hot(name, 0.5, rate)
    for peak, channel in zip(Meter(rate)(*wave.T), wave.T, strict=True):
        error_db = db(peak) - db(true_peak(channel))
        print(f"{name} at {rate}: {error_db:+.4f} dB")
        assert abs(error_db) <= 0.05


def test_channels_are_apart():
    wave = np.sin(np.arange(5000))
    loud, silent = Meter()(wave, 0 * wave)
    assert silent == 0
    assert (silent, loud) == Meter()(0 * wave, wave)


def test_the_samples_count_exactly_and_at_once():
    meter = Meter()
    frame = np.array([0.123456789012345])
    lib.truepeak_process(meter.state, meter.coefs, ffi.from_buffer("double[]", frame), ffi.from_buffer("double[]", -frame), 1)
    assert list(meter.state.peak) == [frame[0], frame[0]]


def test_the_peak_starts_again_when_it_was_taken():
    meter = Meter()
    wave = np.sin(np.arange(5000))
    meter(wave, wave)
    meter(np.zeros(200), np.zeros(200))
    meter.state.peak = [0, 0]
    assert meter(0.01 * wave, 0.01 * wave)[0] < 0.012


@pytest.mark.parametrize("block", [1, 7, 64, 1000])
def test_block_size_changes_no_bit(block):
    left, right = np.random.default_rng(1).standard_normal((2, 3000))
    assert Meter()(left, right, block) == Meter()(left, right)


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf, 1e300])
def test_poison_leaves_no_trace(poison):
    wave = 0.1 * np.sin(np.arange(4000))
    spoilt = wave.copy()
    spoilt[2000] = poison
    assert 0.09 < Meter()(spoilt, wave)[0] < 0.2
