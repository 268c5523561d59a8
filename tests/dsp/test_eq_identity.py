"""What the equaliser must leave alone, it leaves alone to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.equaliser import TYPES, design, process
from instruments.kernel import Kernel
from instruments.signals import noise

ALL = range(1, 17)
ON = {f"eq.{band}.on": True for band in ALL}


def words(bits: int | None, seed: int = 7) -> np.ndarray:
    """Random 16-, 24-bit or float32 programme."""
    print("seed", seed)
    random = np.random.default_rng(seed)
    if bits is None:
        return random.standard_normal((30000, 2)).astype(np.float32).astype(np.float64)
    return random.integers(-(1 << (bits - 1)), 1 << (bits - 1), (30000, 2)) / (1 << (bits - 1))


@pytest.mark.parametrize("bits", [16, 24, None])
@pytest.mark.parametrize(
    "values",
    [
        {},
        ON,
        ON | {f"eq.{band}.channel": "mid" for band in ALL} | {f"eq.{band}.type": "tilt" for band in ALL},
        ON | {f"eq.{band}.gain_db": 12 for band in ALL} | {"eq.on": False},
        {f"eq.{band}.gain_db": 12 for band in ALL},
    ],
    ids=["defaults", "bells at 0 dB", "mid tilts at 0 dB", "equaliser off", "bands off"],
)
def test_identity_is_bit_exact(bits, values):
    signal = words(bits)
    assert np.array_equal(Kernel("eq", values=values)(signal), signal)


@pytest.mark.parametrize("channel", ["stereo", "left", "side"])
@pytest.mark.parametrize("kind", TYPES)
def test_a_band_that_is_switched_off_settles_to_the_very_bits(kind, channel):
    busy = {"eq.3.on": True, "eq.3.type": kind, "eq.3.gain_db": 9, "eq.3.channel": channel, "eq.3.slope_db_per_oct": "96"}
    kernel = Kernel("eq", values=busy)
    signal = words(24)
    kernel(signal)
    kernel.set({"eq.3.on": False}, 1000)
    out = kernel(signal)
    assert not np.array_equal(out[:1000], signal[:1000])
    assert np.array_equal(out[1000:], signal[1000:])


@pytest.mark.parametrize("values", [{"eq.9.gain_db": 0}, {"eq.on": False}])
def test_back_to_flat_settles_to_the_very_bits(values):
    kernel = Kernel("eq", values={"eq.9.on": True, "eq.9.gain_db": -9})
    signal = words(24)
    kernel(signal)
    kernel.set(values, 500)
    assert np.array_equal(kernel(signal)[500:], signal[500:])


@pytest.mark.parametrize(("channel", "other"), [("left", 1), ("right", 0)])
@pytest.mark.parametrize("kind", TYPES)
def test_a_band_on_one_channel_does_not_touch_the_other(kind, channel, other):
    signal = noise(0.5)
    out = process(design([(kind, 700, 2, 12)], 48000, 48, channel), signal)
    assert np.array_equal(out[:, other], signal[:, other])
    assert np.abs(out[:, 1 - other] - signal[:, 1 - other]).max() > 0.01


@pytest.mark.parametrize(("channel", "sign"), [("mid", -1), ("side", 1)])
@pytest.mark.parametrize("kind", TYPES)
def test_a_band_on_mid_or_side_does_not_touch_the_other(kind, channel, sign):
    """Fed with nothing but the other, it gives back its input; what leaks into its own must be under -200 dB."""
    mono = noise(0.5)[:, 0]
    signal = np.stack([mono, sign * mono], axis=1)
    out = process(design([(kind, 700, 2, 12)], 48000, 48, channel), signal)
    leak = np.abs(out[:, 0] - sign * out[:, 1]).max()
    assert leak <= 1e-10 * np.abs(mono).max()
    assert np.abs(out - signal).max() <= 1e-10


@pytest.mark.parametrize(("channel", "sign"), [("mid", 1), ("side", -1)])
def test_mid_and_side_are_half_the_sum_and_half_the_difference(channel, sign):
    signal = noise(0.5)
    part = (signal[:, 0] + sign * signal[:, 1]) / 2
    rest = signal - np.stack([part, sign * part], axis=1)
    filtered = process(design([("bell", 900, 1, 10)], 48000), np.stack([part, sign * part], axis=1))
    out = process(design([("bell", 900, 1, 10)], 48000, channel=channel), signal)
    assert np.abs(out - (rest + filtered)).max() < 1e-12
