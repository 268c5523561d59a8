"""The input: trim, polarity, channel modes, DC blocker and subsonic filter."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.analog import butterworth, db, response
from instruments.automation import there_and_back
from instruments.kernel import Kernel
from instruments.signals import noise, sine, stereo
from instruments.spectrum import residual_above_db

RATES = (44100, 48000, 96000, 192000)


def heard(kernel: Kernel, rate: int, seconds: float = 4) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies and response, from an impulse."""
    impulse = np.zeros((round(rate * seconds), 2))
    impulse[0] = 1
    return np.fft.rfftfreq(len(impulse), 1 / rate), np.fft.rfft(kernel(impulse)[:, 0])


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_defaults_let_every_bit_through(bits):
    seed = 11
    print("seed", seed)
    random = np.random.default_rng(seed)
    signal = random.integers(-(1 << bits - 1), 1 << bits - 1, (20000, 2)) / (1 << bits - 1)
    assert np.array_equal(Kernel("input")(signal), signal)


@pytest.mark.parametrize("trim_db", [-24, -0.1, 3, 24])
def test_trim(trim_db):
    signal = noise(0.1)
    out = Kernel("input", values={"input.trim_db": trim_db})(signal)
    assert np.allclose(out, signal * 10 ** (trim_db / 20), rtol=1e-15, atol=0)


LEFT, RIGHT = 0, 1
MODES = {
    "stereo": lambda left, right: (left, right),
    "swap": lambda left, right: (right, left),
    "left": lambda left, right: (left, left),
    "right": lambda left, right: (right, right),
    "mono": lambda left, right: ((left + right) / 2, (left + right) / 2),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("invert", [(False, False), (True, False), (False, True), (True, True)])
def test_polarity_comes_before_the_channel_mode(mode, invert):
    signal = noise(0.1)
    values = {"input.channels": mode, "input.invert_left": invert[LEFT], "input.invert_right": invert[RIGHT]}
    left, right = (-signal[:, i] if invert[i] else signal[:, i] for i in (LEFT, RIGHT))
    assert np.allclose(Kernel("input", values=values)(signal), np.stack(MODES[mode](left, right), axis=1), rtol=0, atol=1e-16)


@pytest.mark.parametrize("rate", RATES)
def test_dc_blocker(rate):
    hz, got = heard(Kernel("input", rate, {"input.dc_block": True}), rate)
    wanted = np.abs(response(butterworth(2, "high_pass"), 2, hz[1:]))
    up_to_20k = hz[1:] <= 20000
    assert np.abs(np.abs(got[1:]) - wanted)[up_to_20k].max() < 1e-3
    assert abs(db(got[hz >= 20])).max() <= 0.05
    assert abs(got[0]) < 1e-4


@pytest.mark.parametrize("rate", RATES)
def test_dc_blocker_removes_an_offset_and_leaves_the_tone(rate):
    tone = sine(1000, 3, -20, rate)
    out = Kernel("input", rate, {"input.dc_block": True})(stereo(tone + 0.1))
    assert np.abs(out[-rate:].mean(axis=0)).max() < 1e-7
    assert np.abs(out[-rate:, 0] - tone[-rate:]).max() < 1e-3


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("corner_hz", [10, 20, 80])
def test_subsonic_is_butterworth_24_db_per_octave(rate, corner_hz):
    hz, got = heard(Kernel("input", rate, {"input.subsonic": True, "input.subsonic_hz": corner_hz}), rate)
    inside = (hz >= corner_hz / 4) & (hz <= 20000)
    wanted = db(response(butterworth(4, "high_pass"), corner_hz, hz[inside]))
    assert np.abs(db(got[inside]) - wanted).max() < 1e-3
    assert db(got)[np.argmin(np.abs(hz - corner_hz))] == pytest.approx(-3.0103, abs=0.01)


@pytest.mark.parametrize(
    "change",
    [
        {"input.trim_db": -12},
        {"input.channels": "swap"},
        {"input.channels": "mono"},
        {"input.channels": "left", "input.invert_left": True},
        {"input.invert_right": True},
        {"input.dc_block": True},
        {"input.subsonic": True},
        {"input.subsonic": True, "input.subsonic_hz": 80, "input.trim_db": 3, "input.channels": "swap"},
    ],
    ids=lambda change: " ".join(f"{id.removeprefix('input.')}={value}" for id, value in change.items()),
)
@pytest.mark.parametrize("back", [False, True])
def test_changes_do_not_click(change, back):
    """In 20 ms on a 200 Hz tone with an offset, above 6 kHz; there, and back in the middle of the way."""
    tone = sine(200, 0.6, -6)
    signal = np.stack([tone + 0.05, 0.5 * tone], axis=1)
    out = there_and_back(Kernel("input"), signal, change, back)
    found = max(residual_above_db(out[:, channel], 6000) for channel in (0, 1))
    print(found)
    assert found <= -90


def test_switching_off_settles_to_the_very_bits():
    busy = {"input.trim_db": 5, "input.channels": "mono", "input.invert_left": True}
    busy |= {"input.dc_block": True, "input.subsonic": True}
    kernel = Kernel("input", values=busy)
    signal = noise(0.2)
    kernel(signal)
    kernel.set({id: value for id, value in Kernel("input").values.items() if id in busy}, 700)
    out = kernel(signal)
    assert not np.array_equal(out[:700], signal[:700])
    assert np.array_equal(out[700:], signal[700:])


def test_an_announced_jump_still_takes_5_ms():
    kernel = Kernel("input")
    ones = np.ones((1000, 2))
    kernel(ones)
    kernel.set({"input.trim_db": -6}, 0)
    steps = np.abs(np.diff(kernel(ones)[:, 0]))
    assert np.count_nonzero(steps) >= 238
    assert steps.max() < 0.01
