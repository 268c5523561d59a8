"""What is heard while parameters move: nothing but the move."""

from __future__ import annotations

from itertools import repeat

import numpy as np
import pytest
from instruments.automation import automated, random_moves
from instruments.equaliser import CHANNELS, TYPES, fill_band, stream
from instruments.kernel import Kernel
from instruments.signals import noise, sine, stereo
from instruments.spectrum import residual_above_db

from masterd.native import ffi, lib

RATE = 48000
QUIET = sine(200, 1.0, -6)


def moved(before: dict, after: dict, ramp_frames: int, rate: int = RATE) -> np.ndarray:
    kernel, signal = Kernel("eq", rate, {"eq.1.on": True} | before), sine(200, 1.0, -6, rate)
    at = len(signal) // 2
    first = kernel(stereo(signal[:at]))
    kernel.set(after, ramp_frames)
    return np.concatenate([first, kernel(stereo(signal[at:]))])


def bell(frequency_hz: float, gain_db: float, q: float = 1) -> dict:
    return {"eq.1.frequency_hz": frequency_hz, "eq.1.gain_db": gain_db, "eq.1.q": q}


def test_the_instrument_hears_nothing_in_an_untouched_tone():
    assert residual_above_db(QUIET, 4000) < -120


MOVES = {
    "bell 200 Hz 0 to +12 dB in 50 ms": (bell(200, 0), bell(200, 12), 50, 4000),
    "bell 1 kHz -12 to +12 dB in 20 ms": (bell(1000, -12), bell(1000, 12), 20, 4000),
    "bell 8 kHz 0 to +6 dB in 20 ms": (bell(8000, 0), bell(8000, 6), 20, 4000),
    "100 to 5000 Hz in 50 ms": (bell(100, 12, 2), bell(5000, 12, 2), 50, 8000),
}


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("rate", [44100, 48000, 96000, 192000])
def test_zipper(name, rate):
    before, after, ramp_ms, cutoff_hz = MOVES[name]
    out = moved(before, after, ramp_ms * rate // 1000, rate)
    found = residual_above_db(out[:, 0], cutoff_hz, rate)
    print(name, found)
    assert found <= -100


@pytest.mark.parametrize("rate", [44100, 48000, 96000, 192000])
def test_instant_jump_is_never_a_step(rate):
    found = residual_above_db(moved(bell(60, 12, 2), bell(3000, 12, 2), 0, rate)[:, 0], 8000, rate)
    print(found)
    assert found <= -90


SWITCHES = {
    "bell on": ({"eq.1.on": False} | bell(200, 12), {"eq.1.on": True}),
    "bell off": (bell(200, -12), {"eq.1.on": False}),
    "equaliser off": (bell(250, 12), {"eq.on": False}),
    "bell to low shelf": (bell(200, 12), {"eq.1.type": "low_shelf"}),
    "tilt to notch": ({"eq.1.type": "tilt"} | bell(1000, 6), {"eq.1.type": "notch"}),
    "stereo to mid": (bell(200, 12), {"eq.1.channel": "mid"}),
    "stereo to left": (bell(200, 12), {"eq.1.channel": "left"}),
    "side to right": ({"eq.1.channel": "side"} | bell(200, 12), {"eq.1.channel": "right"}),
    "high-pass 6 to 96 dB/oct": (
        {"eq.1.type": "high_pass", "eq.1.frequency_hz": 100, "eq.1.slope_db_per_oct": "6"},
        {"eq.1.slope_db_per_oct": "96"},
    ),
    "low-pass 48 to 12 dB/oct": (
        {"eq.1.type": "low_pass", "eq.1.frequency_hz": 1000, "eq.1.slope_db_per_oct": "48"},
        {"eq.1.slope_db_per_oct": "12"},
    ),
    "high-pass to low-pass": ({"eq.1.type": "high_pass", "eq.1.frequency_hz": 60}, {"eq.1.type": "low_pass"}),
}


@pytest.mark.parametrize("name", SWITCHES)
def test_switches_do_not_click(name):
    """In 20 ms, on a 200 Hz tone that is louder left than right, above 6 kHz."""
    before, after = SWITCHES[name]
    kernel = Kernel("eq", RATE, {"eq.1.on": True} | before)
    signal = np.stack([QUIET, 0.3 * QUIET], axis=1)
    first = kernel(signal[:24000])
    kernel.set(after, 960)
    out = np.concatenate([first, kernel(signal[24000:])])
    found = max(residual_above_db(out[:, channel], 6000) for channel in (0, 1))
    print(name, found)
    assert found <= -95


def test_new_targets_in_the_middle_of_a_ramp_do_not_click():
    """Types, channels and gains changed every 3 ms, each change in the middle of the one before."""
    seed = 20261123
    print("seed", seed)
    random = np.random.default_rng(seed)
    kernel = Kernel("eq", RATE, {"eq.1.on": True} | bell(200, 12))
    parts = []
    for at in range(0, len(QUIET), 144):
        parts.append(kernel(stereo(QUIET[at : at + 144])))
        move = {"eq.1.type": str(random.choice(["bell", "low_shelf", "tilt"])), "eq.1.channel": str(random.choice(CHANNELS))}
        kernel.set(move | bell(200 * 4 ** random.uniform(-1, 1), random.uniform(-12, 12)), 960)
    found = residual_above_db(np.concatenate(parts)[:, 0], 6000)
    print(found)
    assert found <= -90


def test_stereo_to_left_leaves_left_alone():
    """Left keeps its filter through the move: only right fades to identity."""
    signal = noise(0.2)
    steady = Kernel("eq", RATE, {"eq.1.on": True} | bell(300, 9))
    moving = Kernel("eq", RATE, {"eq.1.on": True} | bell(300, 9))
    for kernel in (steady, moving):
        kernel(signal)
    moving.set({"eq.1.channel": "left"})
    one, other = steady(signal), moving(signal)
    assert np.array_equal(one[:, 0], other[:, 0])
    assert np.array_equal(other[1000:, 1], signal[1000:, 1])


def test_a_ramp_lasts_the_frames_it_announces():
    """The end of the way is the very filter that a fresh kernel has: after its memory has died away, the same bits."""
    signal = noise(0.5)
    moving = Kernel("eq", RATE, {"eq.1.on": True} | bell(4000, 9))
    moving(signal)
    moving.set(bell(2000, -3), 700)
    moving(np.zeros((RATE, 2)))
    fresh = Kernel("eq", RATE, {"eq.1.on": True} | bell(2000, -3))
    assert np.abs(moving(signal) - fresh(signal)).max() < 1e-15
    section, target = moving.state.band[0].section[0], moving.own_coefs.band[0].section[0]
    assert list(section.now[0]) == [target.g] * 2
    assert list(section.now[3]) == [target.m1] * 2


def any_band(random: np.random.Generator) -> dict:
    """Another type, place, lane and size for one of the sixteen."""
    band = f"eq.{random.integers(1, 17)}"
    return {
        f"{band}.on": bool(random.random() < 0.8),
        f"{band}.type": str(random.choice(TYPES)),
        f"{band}.channel": str(random.choice(CHANNELS)),
        f"{band}.slope_db_per_oct": str(random.choice(["6", "18", "48", "96"])),
        f"{band}.gain_db": random.uniform(-6, 6),
        f"{band}.frequency_hz": 20 * 1000 ** random.uniform(),
    }


@pytest.mark.parametrize("block", [1, 7, 64, "random"])
def test_block_size_changes_no_bit_under_automation(block):
    seed = 20261125
    print("seed", seed)
    signal, random = noise(1.0, -12, RATE, seed), np.random.default_rng(seed)
    moves = random_moves(seed, len(signal), any_band, (0, 300, 900, 2500))
    sizes = iter(lambda: int(random.integers(1, 300)), 0) if block == "random" else repeat(block)

    def run(blocks) -> np.ndarray:
        return automated(Kernel("eq", RATE, {f"eq.{band}.on": band % 2 == 0 for band in range(1, 17)}), signal, moves, blocks)

    assert np.array_equal(run(sizes), run(()))


def frames_of(channel: np.ndarray, at: int):
    return ffi.cast("double *", channel[at:].ctypes.data)


@pytest.mark.slow
def test_random_moves_at_every_sample_stay_bounded():
    """A million moves of frequency, gain and Q, one per sample: at most 6 dB above the worst that stands still."""
    seed = 20261123
    print("seed", seed)
    random = np.random.default_rng(seed)
    params, bank = ffi.new("eq_params *", {"on": 1}), [ffi.new("eq_coefs *") for _ in range(512)]
    signal = noise(21.0, -12, RATE, seed)
    standing = 0.0
    for coefs in bank:
        shape = ("bell", 20 * 1000 ** random.uniform(), 0.1 * 300 ** random.uniform(), random.uniform(-12, 12))
        fill_band(params.band[0], shape)
        lib.eq_design(coefs, params, stream(RATE))
    state = ffi.new("eq *")
    for coefs in bank[::4]:
        lib.eq_reset(state)
        left, right = (signal[:RATE, channel].copy() for channel in (0, 1))
        lib.eq_process(state, coefs, frames_of(left, 0), frames_of(right, 0), RATE)
        standing = max(standing, np.abs(left).max())
    for hold in (1, 40, 400):
        lib.eq_reset(state)
        left, right = (signal[:, channel].copy() for channel in (0, 1))
        order = random.integers(0, len(bank), len(left) // hold)
        for serial, choice in enumerate(order.tolist()):
            coefs = bank[choice]
            coefs.change.serial = serial + 1
            coefs.change.ramp_frames = 0
            lib.eq_process(state, coefs, frames_of(left, serial * hold), frames_of(right, serial * hold), hold)
        done = len(order) * hold
        assert np.isfinite(left[:done]).all()
        print(hold, 20 * np.log10(np.abs(left[:done]).max() / standing))
        assert np.abs(left[:done]).max() <= 2 * standing


def test_random_everything_stays_finite_and_comes_back_to_the_very_bits():
    """All types, channels and slopes on all sixteen bands at random times, 1.1 million parameters in all; then everything off."""
    seed = 20261124
    print("seed", seed)
    random = np.random.default_rng(seed)
    params, coefs, state = ffi.new("eq_params *"), ffi.new("eq_coefs *"), ffi.new("eq *")
    signal = noise(1.0, -12, RATE, seed)
    lib.eq_reset(state)
    slopes = (6, 12, 18, 24, 36, 48, 60, 72, 96)
    for serial in range(1, 10000):
        params.on = random.random() < 0.9
        kinds, channels, slope = random.integers(0, 9, 16), random.integers(0, 5, 16), random.integers(0, 9, 16)
        frequencies, gains, qs = random.uniform(1, 4.3, 16), random.uniform(-24, 24, 16), random.uniform(-1, 1.6, 16)
        for i in range(serial % 16, 16, 5) if serial % 50 else range(16):
            shape = (TYPES[kinds[i]], min(10 ** frequencies[i], 20000), 10 ** qs[i], gains[i] / 4)
            fill_band(params.band[i], shape, slopes[slope[i]], CHANNELS[channels[i]])
            params.band[i].on = serial % 3 != 0
        lib.eq_design(coefs, params, stream(RATE))
        coefs.change.serial, coefs.change.ramp_frames = serial, int(random.integers(0, 900))
        hold = int(random.integers(1, 300))
        left, right = (signal[:hold, channel].copy() for channel in (0, 1))
        lib.eq_process(state, coefs, frames_of(left, 0), frames_of(right, 0), hold)
        assert np.isfinite(left).all()
        assert np.isfinite(right).all()
        assert np.abs(left).max() < 1e6
    params.on = 0
    lib.eq_design(coefs, params, stream(RATE))
    coefs.change.serial = 1 << 40
    left, right = (signal[:, channel].copy() for channel in (0, 1))
    lib.eq_process(state, coefs, frames_of(left, 0), frames_of(right, 0), len(left))
    assert np.array_equal(left[240:], signal[240:, 0])
    assert np.array_equal(right[240:], signal[240:, 1])
