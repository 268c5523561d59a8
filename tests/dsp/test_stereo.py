"""The stereo stage: widths, balances, mono bass, bands; what stays in place while the width changes."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.analog import db
from instruments.automation import there_and_back
from instruments.kernel import Kernel
from instruments.signals import noise, sine
from instruments.spectrum import residual_above_db

RATES = (44100, 48000, 96000, 192000)
ON = {"stereo.on": True}
BANDED = ON | {"stereo.banded": True}
MONO_BASS = ON | {"stereo.mono_bass": True}


def middle_and_side(stereo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return (stereo[:, 0] + stereo[:, 1]) / 2, (stereo[:, 0] - stereo[:, 1]) / 2


def responses(values: dict, rate: int = 48000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frequencies, and what becomes of mid and of side, from an impulse on the left: it holds as much of both."""
    impulse = np.zeros((2 * rate, 2))
    impulse[0, 0] = 2
    mid, side = (np.fft.rfft(part)[1:-1] for part in middle_and_side(Kernel("stereo", rate, values)(impulse)))
    return np.fft.rfftfreq(2 * rate, 1 / rate)[1:-1], mid, side


def fourth_power(hz: np.ndarray, corner_hz: float, rate: int) -> np.ndarray:
    return (np.tan(np.pi * hz / rate) / np.tan(np.pi * corner_hz / rate)) ** 4


def all_pass(hz: np.ndarray, corner_hz: float, rate: int) -> np.ndarray:
    s = 1j * np.tan(np.pi * hz / rate) / np.tan(np.pi * corner_hz / rate)
    return (s * s - np.sqrt(2) * s + 1) / (s * s + np.sqrt(2) * s + 1)


SILENT = {"off": {}, "neutral": ON, "off but set": {"stereo.width_percent": 0, "stereo.banded": True}}


@pytest.mark.parametrize("name", SILENT)
@pytest.mark.parametrize("bits", [16, 24, 53])
def test_off_and_neutral_let_every_bit_through(name, bits):
    random = np.random.default_rng(4)
    signal = random.integers(-(1 << bits - 1), 1 << bits - 1, (20000, 2)) / (1 << bits - 1)
    assert np.array_equal(Kernel("stereo", values=SILENT[name])(signal), signal)


@pytest.mark.parametrize("width", [0, 37, 100, 200])
def test_width_scales_the_side_alone(width):
    signal = noise(0.2)
    out = Kernel("stereo", values=ON | {"stereo.width_percent": width})(signal)
    mid, side = middle_and_side(signal)
    assert np.allclose(out, np.stack([mid + width / 100 * side, mid - width / 100 * side], axis=1), rtol=0, atol=1e-16)
    if width == 0:
        assert np.array_equal(out[:, 0], out[:, 1])


@pytest.mark.parametrize("balance_db", [-12, -3, 6])
def test_mid_side_balance_is_shared_by_both(balance_db):
    signal = noise(0.2)
    out = middle_and_side(Kernel("stereo", values=ON | {"stereo.mid_side_balance_db": balance_db})(signal))
    mid, side = middle_and_side(signal)
    assert np.allclose(out[0], mid * 10 ** (-balance_db / 40), rtol=0, atol=1e-15)
    assert np.allclose(out[1], side * 10 ** (balance_db / 40), rtol=0, atol=1e-15)


@pytest.mark.parametrize("balance_db", [-12, -3, 6])
def test_balance_lowers_one_side_and_never_raises_the_other(balance_db):
    signal = noise(0.2)
    out = Kernel("stereo", values=ON | {"stereo.balance_db": balance_db})(signal)
    lowered, kept = (0, 1) if balance_db > 0 else (1, 0)
    assert np.allclose(out[:, lowered], signal[:, lowered] * 10 ** (-abs(balance_db) / 20), rtol=0, atol=1e-15)
    assert np.allclose(out[:, kept], signal[:, kept], rtol=0, atol=1e-16)


SETTINGS = {
    "mono bass": MONO_BASS,
    "mono bass 400": MONO_BASS | {"stereo.mono_below_hz": 400, "stereo.width_percent": 150},
    "flat": BANDED,
    "wide": BANDED | {"stereo.low_width_percent": 0, "stereo.mid_width_percent": 80, "stereo.high_width_percent": 200},
    "hollow": BANDED | {"stereo.low_width_percent": 150, "stereo.mid_width_percent": 0, "stereo.high_width_percent": 50},
    "close corners": BANDED | {"stereo.low_mid_hz": 1000, "stereo.mid_high_hz": 1000, "stereo.mid_width_percent": 0},
    "all": BANDED | MONO_BASS | {"stereo.low_width_percent": 60, "stereo.high_width_percent": 140},
}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", SETTINGS)
def test_width_over_frequency_is_the_closed_form(rate, name):
    """Mid: the all-pass. Side over mid: real, never negative, the stated sum of Linkwitz-Riley bands."""
    kernel = Kernel("stereo", rate, SETTINGS[name])
    value = {id.removeprefix("stereo."): number for id, number in kernel.values.items()}
    hz, mid, side = responses(SETTINGS[name], rate)
    passed, width = np.ones(len(hz), complex), np.full(len(hz), value["width_percent"] / 100)
    if value["mono_bass"]:
        w4 = fourth_power(hz, value["mono_below_hz"], rate)
        passed *= all_pass(hz, value["mono_below_hz"], rate)
        width *= w4 / (1 + w4)
    if value["banded"]:
        u4, v4 = (fourth_power(hz, value[corner], rate) for corner in ("low_mid_hz", "mid_high_hz"))
        passed *= all_pass(hz, value["low_mid_hz"], rate) * all_pass(hz, value["mid_high_hz"], rate)
        low, middle, high = (value[f"{band}_width_percent"] / 100 for band in ("low", "mid", "high"))
        width *= low / (1 + u4) + u4 / (1 + u4) * (middle + high * v4) / (1 + v4)
    print(np.abs(db(mid)).max(), np.abs(mid - passed).max(), np.abs(side / mid - width).max())
    assert np.abs(db(mid)).max() < 1e-9
    assert np.abs(mid - passed).max() < 1e-10
    assert np.abs(side / mid - width).max() < 1e-10


@pytest.mark.parametrize("name", SETTINGS)
def test_mid_and_side_do_not_leak(name):
    """Mono stays mono to the bit; a pure side never makes a mid; both under -290 dB."""
    random = np.random.default_rng(8).uniform(-1, 1, 48000)
    mono = Kernel("stereo", values=SETTINGS[name])(np.stack([random, random], axis=1))
    assert np.array_equal(mono[:, 0], mono[:, 1])
    side = Kernel("stereo", values=SETTINGS[name])(np.stack([random, -random], axis=1))
    assert np.array_equal(side[:, 0], -side[:, 1])


@pytest.mark.parametrize("hz", [60, 100, 120, 150, 200, 300])
def test_mono_bass_never_turns_the_image_about(hz):
    """A tone hard on the left moves towards the middle, and no further."""
    tone = np.stack([sine(hz, 2, -6), np.zeros(2 * 48000)], axis=1)
    left, right = np.sqrt((Kernel("stereo", values=MONO_BASS)(tone)[48000:] ** 2).mean(axis=0))
    w4 = fourth_power(np.array(hz), 120, 48000)
    assert left >= right
    assert right / left == pytest.approx(1 / (1 + 2 * w4), abs=1e-3)


def test_the_mono_sum_keeps_its_spectrum():
    """Whatever the widths are, the sum of the channels has the magnitude it came with."""
    _, mid, _ = responses(SETTINGS["all"])
    assert np.abs(db(mid)).max() < 1e-9


@pytest.mark.parametrize(
    "change",
    [
        {"stereo.width_percent": 0},
        {"stereo.width_percent": 200},
        {"stereo.balance_db": 12},
        {"stereo.mid_side_balance_db": -12},
        {"stereo.mono_bass": True},
        {"stereo.banded": True},
        {"stereo.on": False},
        {"stereo.banded": True, "stereo.mid_width_percent": 0, "stereo.mono_bass": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("back", [False, True])
def test_changes_do_not_click(change, back):
    """In 20 ms on 200 Hz, above 6 kHz; there, and back in the middle of the way."""
    signal = np.stack([sine(200, 0.6, -6), 0.3 * sine(200, 0.6, -6, phase=1)], axis=1)
    out = there_and_back(Kernel("stereo", values=ON | {"stereo.width_percent": 130}), signal, change, back)
    found = max(residual_above_db(out[:, channel], 6000) for channel in (0, 1))
    print(found)
    assert found <= -90


@pytest.mark.parametrize(
    "change",
    [
        {"stereo.low_mid_hz": 800, "stereo.mid_high_hz": 9000, "stereo.mono_below_hz": 300},
        {"stereo.low_width_percent": 200, "stereo.high_width_percent": 0},
        {"stereo.banded": False},
        {"stereo.mono_bass": False},
        {"stereo.on": False},
    ],
    ids=str,
)
def test_moving_bands_do_not_click(change):
    signal = np.stack([sine(200, 0.6, -6), 0.3 * sine(200, 0.6, -6, phase=1)], axis=1)
    kernel = Kernel("stereo", values=SETTINGS["all"])
    before = kernel(signal[:14400])
    kernel.set(change, 960)
    out = np.concatenate([before, kernel(signal[14400:])])[4800:]
    found = max(residual_above_db(out[:, channel], 6000) for channel in (0, 1))
    print(found)
    assert found <= -90


def test_switching_off_settles_to_the_very_bits():
    kernel, signal = Kernel("stereo", values=SETTINGS["all"] | {"stereo.balance_db": 3}), noise(0.2)
    kernel(signal)
    kernel.set({"stereo.on": False}, 700)
    out = kernel(signal)
    assert not np.array_equal(out[:700], signal[:700])
    assert np.array_equal(out[700:], signal[700:])


def test_an_announced_jump_still_takes_5_ms():
    kernel, left_only = Kernel("stereo", values=ON), np.zeros((1000, 2))
    left_only[:, 0] = 1
    kernel(left_only)
    kernel.set({"stereo.width_percent": 0}, 0)
    steps = np.abs(np.diff(kernel(left_only)[:, 0]))
    assert np.count_nonzero(steps) >= 238
    assert steps.max() < 0.01
