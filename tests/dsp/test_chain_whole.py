"""The whole chain with everything on: exact when bypassed, flat when flat, deterministic, clean, silent, on time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from instruments.distortion import thd_n_db
from instruments.hot_signals import hot
from instruments.kernel import Kernel
from instruments.multiband import through_all_passes
from instruments.signals import noise, sine, stereo
from test_every_kernel import BUSY, MOVE

from masterd.control.parameters import defaults
from masterd.daemon import presets
from masterd.daemon.engine import Engine

RATES = (44100, 48000, 96000, 192000)
LATENCIES = ("normal", "low")
EDGES_HZ = (100, 420, 1600, 6200)
AT_UNITY = {
    **{f"eq.{band}.on": True for band in range(1, 17)},
    "stereo.on": True,
    "compressor.on": True,
    "compressor.ratio": 1,
    "clipper.on": True,
    "clipper.softness_percent": 0,
    "clipper.threshold_db": 0,
    "limiter.ceiling_dbtp": 0,
}
BANDS_AT_UNITY = {
    "multiband.on": True,
    "multiband.bands": "5",
    **{f"multiband.crossover_{i}_hz": hz for i, hz in enumerate(EDGES_HZ, 1)},
    **{f"multiband.{band}.ratio": 1 for band in range(1, 7)},
}


def delayed(signal: np.ndarray, frames: int) -> np.ndarray:
    return np.vstack([np.zeros((frames, 2)), signal])[: len(signal)]


def peak_db(signal: np.ndarray) -> float:
    return 20 * float(np.log10(np.abs(signal).max() + 1e-300))


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("bits", [16, 24, None])
def test_bypass_is_the_delayed_input_bit_for_bit(bits, rate, latency):
    """Everything on behind it; the limiter, which is never bypassed, has nothing to do."""
    seed = 20261123
    print("seed", seed)
    signal = np.random.default_rng(seed).uniform(-0.25, 0.25, (rate // 2, 2))
    signal = (
        signal.astype(np.float32).astype(np.float64) if bits is None else np.round(signal * 2 ** (bits - 1)) / 2 ** (bits - 1)
    )
    engine = Engine(rate, latency, defaults() | BUSY["chain"] | {"bypass.on": True, "limiter.drive_db": 0, "output.trim_db": 0})
    engine.attach()
    engine.gate(True, 0)
    left, right = (np.ascontiguousarray(channel) for channel in signal.T)
    engine.process_double(left, right)
    assert np.array_equal(np.stack([left, right], axis=1), delayed(signal, engine.latency_frames))


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("rate", RATES)
def test_everything_on_and_flat_nulls(rate, latency):
    """Noise against the delayed input; with the multiband, against the all-passes of its crossovers: -140 dBFS."""
    signal = noise(0.4, -12, rate)
    flat, banded = Kernel("chain", rate, AT_UNITY, latency), Kernel("chain", rate, AT_UNITY | BANDS_AT_UNITY, latency)
    frames = flat.latency_frames
    without = peak_db(flat(signal) - delayed(signal, frames))
    wanted = delayed(through_all_passes(signal, EDGES_HZ, 24, rate), frames)
    bands = peak_db(banded(signal) - wanted)
    print(f"{rate} {latency}: {without:.0f} dBFS, with the multiband {bands:.0f} dBFS")
    assert np.abs(wanted - signal).max() > 0.01
    assert without <= -140
    assert bands <= -140


@pytest.mark.parametrize("rate", RATES)
def test_idle_gain_path_is_clean(rate):
    """997 Hz at -1 dBFS through everything at unity, raised by 0.1 dB: THD+N of at most -140 dB."""
    values = AT_UNITY | BANDS_AT_UNITY | {"input.trim_db": 0.1}
    kernel = Kernel("chain", rate, values)
    out = kernel(stereo(sine(997, 3, -1, rate)))[-2 * rate :, 0]
    result = thd_n_db(out, 997, rate)
    print(f"{rate}: {result:.1f} dB")
    assert np.abs(out).max() == pytest.approx(10 ** (-0.9 / 20), abs=1e-4)
    assert result <= -140


@pytest.mark.parametrize("rate", RATES)
def test_noise_floor(rate):
    """Silence in, everything on and working: from 3 s after the programme on no more than -150 dBFS RMS, and none from rest."""
    kernel = Kernel("chain", rate, BUSY["chain"])
    assert not kernel(np.zeros((rate // 2, 2))).any()
    kernel(noise(1, -3, rate))
    out = kernel(np.zeros((4 * rate, 2)))[3 * rate :]
    level_db = 10 * np.log10((out**2).mean() + 1e-300)
    print(f"{rate}: {level_db:.0f} dBFS")
    assert level_db <= -150


# ---- determinism ----


def automated(signal: np.ndarray, sizes) -> np.ndarray:
    """The chain with everything on, all of it changed every 0.7 s and back, by sample time."""
    kernel, out = Kernel("chain", 48000, BUSY["chain"]), []
    for n, at in enumerate(range(0, len(signal), 33607)):
        kernel.set(BUSY["chain"] | (MOVE["chain"] if n % 2 else {}) | {"output.mute": False})
        out.append(kernel(signal[at : at + 33607], sizes()))
    return np.concatenate(out)


BLOCKS = {"1": 6, "7": 20, "64": 60, "1024": 60, "random": 60}  # seconds; a frame at a time is mostly Python's own time


@pytest.mark.parametrize("block", BLOCKS)
def test_a_minute_under_automation_is_the_same_in_any_block(block):
    seed = 20261123
    print("seed", seed)
    random = np.random.default_rng(seed)
    signal = np.tile(hot("music", 10, 48000), (6, 1))[: BLOCKS[block] * 48000]

    def sizes() -> list[int]:
        return random.integers(1, 700, 33607).tolist() if block == "random" else [int(block)] * 33607

    assert np.array_equal(automated(signal, sizes), automated(signal, list))


def test_four_threads_at_once_give_the_bits_of_one():
    """Four chains side by side, none of which may know of the others."""
    signals = [noise(1.5, -3, seed=seed) for seed in range(4)]
    alone = [automated(signal, list) for signal in signals]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda signal: automated(signal, lambda: [64] * 600), signals))
    assert not np.array_equal(alone[0], alone[1])
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one, other)


# ---- latency ----


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", presets.FACTORY)
def test_latency_of_every_factory_preset_is_the_reported_one(name, rate, latency, tmp_path: Path):
    """Nothing leaves earlier than the reported frames, and then it does: every filter answers at once. Also after a move."""
    kernel = Kernel("chain", rate, presets.load(name, tmp_path), latency)
    for move in ({}, {"eq.9.on": True, "eq.9.gain_db": -6, "limiter.hold_ms": 3, "compressor.lookahead_ms": 0.1}):
        kernel.set(move)
        kernel.reset()
        signal = np.zeros((4000, 2))
        signal[1000] = 0.01
        heard = np.flatnonzero(kernel(signal)[:, 0])
        assert heard[0] == 1000 + kernel.latency_frames
