"""The properties that every processor has, whatever it does."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.kernel import Kernel
from instruments.signals import noise

BUSY = {
    "input": {
        "input.trim_db": 3,
        "input.dc_block": True,
        "input.subsonic": True,
        "input.phase_rotator": True,
        "input.repair": True,
    },
    "eq": {
        "eq.1.on": True,
        "eq.1.type": "high_pass",
        "eq.1.slope_db_per_oct": "48",
        "eq.5.on": True,
        "eq.5.gain_db": -6,
        "eq.9.on": True,
        "eq.9.gain_db": 9,
        "eq.9.q": 4,
        "eq.12.on": True,
        "eq.12.dynamic": True,
        "eq.12.threshold_db": -50,
        "eq.12.attack_ms": 1,
        "eq.12.release_ms": 20,
        "eq.16.on": True,
        "eq.16.type": "high_shelf",
        "eq.16.gain_db": 4,
    },
    "compressor": {
        "compressor.on": True,
        "compressor.threshold_db": -30,
        "compressor.ratio": 4,
        "compressor.lookahead_ms": 2,
    },
    "limiter": {"limiter.drive_db": 18},
    "agc": {"agc.on": True, "agc.target_lufs": -12, "agc.attack_db_per_s": 20, "agc.release_db_per_s": 20},
    "stereo": {"stereo.on": True, "stereo.width_percent": 140, "stereo.mono_bass": True, "stereo.banded": True},
    "multiband": {
        "multiband.on": True,
        "multiband.coupling_percent": 50,
        "multiband.2.threshold_db": -40,
        "multiband.3.limit": True,
    },
    "clipper": {"clipper.on": True, "clipper.drive_db": 6},
    "output": {"output.trim_db": -2},
    "bypass": {"bypass.on": True},
}
CHAIN = ("input", "agc", "eq", "stereo", "multiband", "compressor", "clipper", "limiter", "output")
BUSY["chain"] = {id: value for name in CHAIN for id, value in BUSY[name].items()}
MOVE = {
    "input": {"input.trim_db": -6, "input.channels": "swap", "input.invert_left": True, "input.phase_rotator": False},
    "eq": {
        "eq.9.gain_db": -9,
        "eq.9.frequency_hz": 3000,
        "eq.1.slope_db_per_oct": "12",
        "eq.5.channel": "mid",
        "eq.12.range_db": 12,
        "eq.12.channel": "side",
        "eq.9.dynamic": True,
    },
    "compressor": {
        "compressor.threshold_db": -40,
        "compressor.ratio": 8,
        "compressor.lookahead_ms": 4,
        "compressor.mix_percent": 50,
    },
    "limiter": {"limiter.drive_db": 6, "limiter.ceiling_dbtp": -4, "limiter.hold_ms": 30, "limiter.mode": "loud"},
    "agc": {"agc.on": False, "agc.target_lufs": -20, "agc.crossover_hz": 300},
    "stereo": {"stereo.width_percent": 0, "stereo.banded": False, "stereo.mono_below_hz": 300, "stereo.balance_db": 3},
    "multiband": {
        "multiband.bands": "3",
        "multiband.crossover_1_hz": 300,
        "multiband.2.mute": True,
        "multiband.slope_db_per_oct": "48",
    },
    "clipper": {"clipper.on": False, "clipper.softness_percent": 0, "clipper.threshold_db": -6},
    "output": {"output.mute": True, "output.trim_db": -12},
    "bypass": {"bypass.on": False},
}
MOVE["chain"] = {id: value for name in CHAIN for id, value in MOVE[name].items()}
KERNELS = sorted(BUSY)
RATES = (44100, 48000, 96000, 192000)


def moving(kernel: Kernel, signal: np.ndarray, name: str, blocks: list[int]) -> np.ndarray:
    """A run with a change of parameters in the middle of it, and back again before the first ramp is over."""
    first, second = len(signal) // 3, len(signal) // 3 + 400
    out = [kernel(signal[:first], blocks)]
    kernel.set(MOVE[name])
    out.append(kernel(signal[first:second], blocks))
    kernel.set(BUSY[name])
    out.append(kernel(signal[second:], blocks))
    return np.concatenate(out)


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("block", [1, 7, 64, 1024, "random"])
def test_block_size_changes_no_bit(name, block):
    signal = noise(0.5, -3)
    seed = 20261123
    print("seed", seed)
    frames = len(signal)
    random = np.random.default_rng(seed).integers(1, 700, frames).tolist()
    sizes = random if block == "random" else [block] * frames
    whole = moving(Kernel(name, values=BUSY[name]), signal, name, [])
    cut = moving(Kernel(name, values=BUSY[name]), signal, name, sizes)
    assert np.array_equal(whole, cut)


@pytest.mark.parametrize("name", KERNELS)
def test_reset_equals_fresh(name):
    signal = noise(0.3, -3)
    used = Kernel(name, values=BUSY[name])
    used(signal)
    used.reset()
    assert np.array_equal(used(signal), Kernel(name, values=BUSY[name])(signal))


@pytest.mark.parametrize("name", KERNELS)
def test_silence_stays_silence(name):
    assert not Kernel(name, values=BUSY[name])(np.zeros((20000, 2))).any()


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("rate", [48000, 192000])
def test_recovers_from_poison_within_50_ms(name, poison, rate):
    kernel = Kernel(name, rate, values=BUSY[name])
    signal = noise(1.0, -3, rate)
    kernel(signal[: rate // 4], [64] * rate)
    hit = signal[rate // 4 : rate // 4 + 64].copy()
    hit[20] = poison
    with np.errstate(all="ignore"):
        kernel(hit, [64])
    out = kernel(signal[rate // 4 + 64 :], [64] * rate)
    after = out[round(0.05 * rate) :]
    assert np.isfinite(after).all()
    assert 1e-3 < np.abs(after).max() < 100


@pytest.mark.parametrize("name", KERNELS)
def test_channels_are_treated_alike(name):
    signal = noise(0.3, -3)
    straight = Kernel(name, values=BUSY[name])(signal)
    crossed = Kernel(name, values=BUSY[name])(signal[:, ::-1])[:, ::-1]
    assert np.array_equal(straight, crossed)


@pytest.mark.parametrize("name", KERNELS)
def test_same_input_twice_gives_the_same_bits(name):
    signal = noise(0.3, -3)
    assert np.array_equal(Kernel(name, values=BUSY[name])(signal), Kernel(name, values=BUSY[name])(signal))


@pytest.mark.parametrize("name", ["chain", "compressor", "clipper", "limiter"])
@pytest.mark.parametrize("latency", ["normal", "low"])
@pytest.mark.parametrize("rate", RATES)
def test_latency_is_exact(name, latency, rate):
    """A quiet impulse leaves exactly the reported number of frames later, and nothing else does."""
    kernel = Kernel(name, rate, latency=latency)
    signal = np.zeros((4000, 2))
    signal[100] = 0.25
    out = kernel(signal)
    assert np.flatnonzero(out[:, 0]).tolist() == [100 + kernel.latency_frames]
    assert np.array_equal(out[100 + kernel.latency_frames], signal[100])
