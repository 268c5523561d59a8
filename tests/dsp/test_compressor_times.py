"""The compressor's times: attack and release by the 63.2 % definition, auto release, look-ahead, a latency that stays."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.dynamics import gain_db, seconds_until, steady, whole_frames
from instruments.kernel import Kernel
from instruments.signals import amplitude, noise, sine, stereo

REACHED = 1 - np.exp(-1)
QUIET, LOUD = -26.0, -14.0
FOUR_TO_ONE = {"on": True, "detector": "peak", "threshold_db": -20, "ratio": 4, "knee_db": 0}


def compressor(rate: float = 48000, latency: str = "normal", **values) -> Kernel:
    return Kernel("compressor", rate, {f"compressor.{name}": value for name, value in (FOUR_TO_ONE | values).items()}, latency)


def gain_after_step_db(kernel: Kernel, rate: float, start: float, end: float, settle: float, watch: float) -> np.ndarray:
    """The gain from the frame on at which a step from one level to the other leaves the output."""
    signal = np.concatenate([steady(start, settle, rate), steady(end, watch, rate, seed=4)])
    out = kernel(stereo(signal))[:, 0]
    return gain_db(out, signal, kernel.latency_frames)[round(settle * rate) - 1 :]


def assert_time(measured_s: float, wanted_ms: float) -> None:
    print(f"{wanted_ms:g} ms: {measured_s * 1000 - wanted_ms:+.3f} ms, {100 * (measured_s * 1000 / wanted_ms - 1):+.2f} %")
    assert abs(measured_s * 1000 - wanted_ms) <= max(0.1 * wanted_ms, 0.2), (measured_s * 1000, wanted_ms)


@pytest.mark.parametrize("rate", [44100, 48000, 192000])
@pytest.mark.parametrize("release", [5, 200])
@pytest.mark.parametrize("attack", [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000])
def test_attack_covers_63_percent_in_its_time(attack, release, rate):
    kernel = compressor(rate, attack_ms=attack, release_ms=release)
    trace = gain_after_step_db(kernel, rate, QUIET, LOUD, 0.1, max(0.05, attack * 0.012))
    assert trace[-1] == pytest.approx(-4.5, abs=0.01)
    assert_time(seconds_until(trace, REACHED, rate), attack)


@pytest.mark.parametrize("rate", [44100, 48000, 192000])
@pytest.mark.parametrize("attack", [0.1, 10, 400])
@pytest.mark.parametrize("release", [5, 10, 30, 100, 300, 1000])
def test_release_covers_63_percent_in_its_time(release, attack, rate):
    """Also when the attack is slower than the release."""
    kernel = compressor(rate, attack_ms=attack, release_ms=release)
    trace = gain_after_step_db(kernel, rate, LOUD, QUIET, max(0.1, attack * 0.012), release * 0.015)
    assert trace[-1] == pytest.approx(0, abs=0.01)
    assert_time(seconds_until(trace, REACHED, rate), release)


def envelope_db(kernel: Kernel, signal: np.ndarray) -> np.ndarray:
    """Gain read where the signal is large enough to divide by."""
    out = kernel(stereo(signal))[kernel.latency_frames :, 0]
    source = signal[: len(out)]
    usable = np.flatnonzero(np.abs(source) > 1e-4)
    gains = 20 * np.log10(np.abs(out[usable] / source[usable]))
    return np.interp(np.arange(len(source)), usable, gains)


@pytest.mark.parametrize(("attack", "release"), [(10, 100), (1, 100), (30, 300)])
def test_times_with_a_sine(attack, release):
    """1 kHz, -26 to -14 dBFS and back: the decoupled detector keeps its times on a sine."""
    level = np.repeat([QUIET, LOUD, QUIET], [24000, 96000, 96000])
    signal = amplitude(1) ** level * sine(1000, len(level) / 48000, 0)
    gain = envelope_db(compressor(attack_ms=attack, release_ms=release), signal)
    attack_s = seconds_until(gain[24000:96000], REACHED, 48000)
    assert abs(attack_s * 1000 - attack) <= max(0.1 * attack, 0.35)  # the sine itself takes 0.25 ms to its first peak
    assert_time(seconds_until(gain[120000:216000], REACHED, 48000), release)


AUTO = {"auto_release": True, "attack_ms": 2, "release_ms": 60}


@pytest.mark.parametrize("rate", [48000, 96000])
def test_auto_release_forgets_a_burst(rate):
    """A burst of 10 ms: 90 % of its reduction is back within 150 ms after its end."""
    signal = np.concatenate([steady(-26, 0.2, rate), steady(-8, 0.01, rate), steady(-26, 1, rate)])
    kernel = compressor(rate, **AUTO)
    gain = gain_db(kernel(stereo(signal))[:, 0], signal, kernel.latency_frames)
    burst_end = round(0.21 * rate)
    deepest = gain.min()
    assert deepest < -6
    assert gain[burst_end + round(0.15 * rate)] > 0.1 * deepest


@pytest.mark.parametrize("rate", [48000, 96000])
def test_auto_release_keeps_what_lasted(rate):
    """A tone of 3 s: half of its reduction takes more than 400 ms; without auto release it takes less than 60."""
    times = []
    for auto in (True, False):
        signal = np.concatenate([steady(-8, 3, rate), steady(-26, 3, rate)])
        kernel = compressor(rate, **AUTO | {"auto_release": auto})
        gain = gain_db(kernel(stereo(signal))[:, 0], signal, kernel.latency_frames)
        times.append(seconds_until(gain[3 * rate :], 0.5, rate))
    assert times[0] > 0.4
    assert times[1] < 0.06


@pytest.mark.parametrize("rate", [44100, 48000, 192000])
@pytest.mark.parametrize(
    ("latency", "lookahead", "means"),
    [
        ("normal", 0, 0),
        ("normal", 0.1, 0.1),
        ("normal", 2.5, 2.5),
        ("normal", 5, 5),
        ("low", 0, 0),
        ("low", 0.3, 0.3),
        ("low", 0.5, 0.5),
        ("low", 5, 0.5),
    ],
)
def test_gain_falls_by_the_look_ahead_before_the_step(rate, latency, lookahead, means):
    kernel = compressor(rate, latency, lookahead_ms=lookahead, attack_ms=1)
    step = rate // 10
    signal = np.concatenate([steady(QUIET, 0.1, rate), steady(LOUD, 0.1, rate)])
    gain = gain_db(kernel(stereo(signal))[:, 0], signal, kernel.latency_frames)
    assert step - np.flatnonzero(gain < -1e-6)[0] == whole_frames(means, rate)


@pytest.mark.parametrize("rate", [44100, 48000, 88200, 96000, 176400, 192000])
@pytest.mark.parametrize(("latency", "ms"), [("normal", 5), ("low", 0.5)])
def test_latency_is_the_whole_look_ahead_whatever_is_set(rate, latency, ms):
    for values in ({"on": False}, {"lookahead_ms": 0}, {"lookahead_ms": 5}, {"detector": "rms", "mix_percent": 30}):
        kernel = compressor(rate, latency, **values)
        assert kernel.latency_frames == whole_frames(ms, rate)
        out = kernel(np.eye(2000, 1, -700) * 0.01 @ np.ones((1, 2)))
        assert np.flatnonzero(out[:, 0]).tolist() == [700 + kernel.latency_frames]


IDENTITIES = {
    "off": {"on": False, "makeup_db": 12, "auto_makeup": True},
    "mix 0": {"mix_percent": 0, "makeup_db": 12},
    "ratio 1": {"ratio": 1, "auto_makeup": True, "auto_release": True},
    "range 0": {"range_db": 0, "auto_makeup": True},
}


@pytest.mark.parametrize("rate", [44100, 48000, 88200, 96000, 176400, 192000])
@pytest.mark.parametrize("latency", ["normal", "low"])
@pytest.mark.parametrize("name", IDENTITIES)
def test_identity_is_the_delayed_input_bit_for_bit(name, latency, rate):
    """From the start, and again when it has been switched there from full compression and the ramp is over."""
    signal = noise(0.2, 0, rate)
    delayed = np.vstack([np.zeros((whole_frames(5 if latency == "normal" else 0.5, rate), 2)), signal])[: len(signal)]
    assert np.array_equal(compressor(rate, latency, **IDENTITIES[name])(signal), delayed)
    kernel = compressor(rate, latency, threshold_db=-40, release_ms=5, attack_ms=0.1)
    half = len(signal) // 2
    assert not np.array_equal(kernel(signal[:half]), delayed[:half])
    kernel.set({f"compressor.{id}": value for id, value in (FOUR_TO_ONE | {"threshold_db": 0} | IDENTITIES[name]).items()})
    out = kernel(signal[half:])
    settled = 1000 + (0 if name in ("off", "mix 0") else round(0.05 * rate) * 8)
    assert np.array_equal(out[settled:], delayed[half + settled :])
