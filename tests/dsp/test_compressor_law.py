"""The compressor against its law written again in numpy, every frame of it, and its static curve by formula and by sines."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.dynamics import compress, curve_db, gain_db, rms_db, steady
from instruments.kernel import Kernel
from instruments.signals import noise, sine, stereo

ON = {"compressor.on": True, "compressor.detector": "peak", "compressor.knee_db": 0.0}


def named(**values) -> dict:
    return ON | {f"compressor.{name}": value for name, value in values.items()}


def parameters(kernel: Kernel) -> dict:
    return {id.removeprefix("compressor."): v for id, v in kernel.values.items() if id.startswith("compressor.")}


def settled_gain_db(signal: np.ndarray, rate: float = 48000, **values) -> float:
    """Gain of the last tenth of a run, against the delayed input, of the left channel."""
    kernel = Kernel("compressor", rate, named(**values))
    out = kernel(stereo(signal))[:, 0]
    delayed = signal[: len(signal) - kernel.latency_frames]
    last = len(delayed) // 10
    return rms_db(out[-last:]) - rms_db(delayed[-last:])


SETTINGS = {
    "peak, hard knee": {},
    "rms, soft knee": {"detector": "rms", "knee_db": 12.0, "rms_window_ms": 7.0, "attack_ms": 3.0, "release_ms": 80.0},
    "side-chain 12": {"sidechain_slope_db_per_oct": "12", "sidechain_high_pass_hz": 300.0, "ratio": 10.0},
    "side-chain 24": {"sidechain_slope_db_per_oct": "24", "sidechain_high_pass_hz": 120.0, "detector": "rms"},
    "ratio 100, range": {"ratio": 100.0, "range_db": 9.0, "threshold_db": -40.0},
    "auto release": {"auto_release": True, "release_ms": 60.0, "attack_ms": 2.0, "threshold_db": -30.0, "ratio": 6.0},
    "attack slower than release": {"attack_ms": 300.0, "release_ms": 20.0, "threshold_db": -35.0},
    "half linked": {"link_percent": 50.0, "lookahead_ms": 3.3, "attack_ms": 0.1},
    "not linked": {"link_percent": 0.0, "lookahead_ms": 5.0},
    "parallel": {"mix_percent": 35.0, "makeup_db": 9.0, "threshold_db": -50.0},
    "auto make-up": {"auto_makeup": True, "makeup_db": -2.0, "knee_db": 24.0, "threshold_db": -6.0, "ratio": 20.0},
}


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize(("rate", "latency"), [(44100, "normal"), (96000, "low")])
def test_every_frame_follows_the_law(name, rate, latency):
    """A programme that jumps by 20 dB between unlike channels: every frame within -220 dBFS of the oracle."""
    signal = noise(0.3, -6, rate, seed=11)
    signal[: len(signal) // 3] *= 0.1
    signal[len(signal) // 2 :, 1] *= 0.03
    kernel = Kernel("compressor", rate, named(**SETTINGS[name]), latency)
    out, wanted = kernel(signal), compress(signal, parameters(kernel), rate, latency)
    assert np.abs(wanted - signal).max() > 0.05
    assert np.abs(out - wanted).max() < 1e-11


KNEE_TABLE = {
    -25: -25.0,
    -24: -24.0375,
    -22: -22.3375,
    -20: -20.9375,
    -18: -19.8375,
    -16: -19.0375,
    -15: -18.75,
    -10: -17.5,
    0: -15.0,
}


@pytest.mark.parametrize("level", KNEE_TABLE)
def test_knee_by_the_formula(level):
    """Threshold -20, ratio 4, knee 10: computed by hand from the formula."""
    gain = settled_gain_db(steady(level, 0.5), threshold_db=-20, ratio=4, knee_db=10, attack_ms=1, release_ms=5)
    assert level + gain == pytest.approx(KNEE_TABLE[level], abs=1e-6)


def test_static_curve_at_random():
    seed = 20261123
    print("seed", seed)
    random = np.random.default_rng(seed)
    for _ in range(60):
        p = {
            "threshold_db": random.uniform(-60, 0),
            "ratio": float(np.exp(random.uniform(0, np.log(100)))),
            "knee_db": random.uniform(0, 24),
            "range_db": random.choice([3.0, 20.0, 60.0]),
        }
        level = random.uniform(-70, 6)
        wanted = -float(curve_db(level, **p))
        assert settled_gain_db(steady(level, 0.2), attack_ms=0.5, release_ms=5, **p) == pytest.approx(wanted, abs=1e-6), (
            level,
            p,
        )


def test_ratio_100_lets_nothing_above_the_threshold():
    for level in (-30, -12, 0):
        gain = settled_gain_db(steady(level, 0.3), threshold_db=-30, ratio=100, attack_ms=1, release_ms=5)
        assert level + gain == pytest.approx(-30, abs=1e-6)


@pytest.mark.parametrize(("frequency", "release"), [(100, 150), (1000, 100), (10000, 100)])
@pytest.mark.parametrize("knee", [0.0, 6.0])
def test_static_curve_with_sines(frequency, release, knee):
    """-60 to 0 dBFS in steps of 1 dB, 2 s each: within 0.1 dB of the curve, peak detector, attack 10 ms.

    With 100 ms of release, 100 Hz at 20 dB over the threshold reads 14.894 dB instead of 15: the release lets go between peaks.
    """
    levels = np.arange(-60, 1)
    per_step = 96000
    signal = np.concatenate([sine(frequency, 2, level) for level in levels])
    kernel = Kernel("compressor", 48000, named(threshold_db=-20, ratio=4, knee_db=knee, attack_ms=10, release_ms=release))
    out = kernel(stereo(signal))[kernel.latency_frames :, 0]
    for i, level in enumerate(levels):
        last = slice(i * per_step + per_step // 2, (i + 1) * per_step - 480)
        error = rms_db(out[last]) - rms_db(signal[last]) + float(curve_db(level, -20, 4, knee))
        assert abs(error) <= 0.1, (level, error)


@pytest.mark.parametrize(
    ("attack", "release", "reading"),
    [(10, 100, {100: -4.45, 1000: -4.49, 10000: -4.50}), (30, 300, {100: -4.48, 1000: -4.50, 10000: -4.50})],
)
def test_steady_reading_of_a_sine(attack, release, reading):
    """6 dB over, ratio 4: the decoupled detector reads what the table says it must, 4.5 dB being ideal."""
    for frequency, wanted in reading.items():
        gain = settled_gain_db(sine(frequency, 3, -14), threshold_db=-20, ratio=4, attack_ms=attack, release_ms=release)
        assert gain == pytest.approx(wanted, abs=0.02)


def level_read_db(signal: np.ndarray, **values) -> float:
    """What the detector reads: threshold -60, ratio 2, so the reduction is half of what lies above."""
    gain = settled_gain_db(signal, threshold_db=-60, ratio=2, attack_ms=300, release_ms=1000, **values)
    return -60 - 2 * gain


@pytest.mark.parametrize("level", [-40, -3, 0])
def test_rms_of_a_sine_is_3_db_below_its_peak(level):
    assert level_read_db(sine(1000, 8, level), detector="rms", rms_window_ms=50) == pytest.approx(level - 3.0103, abs=0.01)


@pytest.mark.parametrize(("slope", "order"), [("12", 2), ("24", 4)])
@pytest.mark.parametrize("frequency", [30, 60, 120, 240, 1000])
def test_side_chain_high_pass_moves_bass_less_by_its_response(slope, order, frequency):
    """The same tone read with and without the filter differs by what the analogue Butterworth says."""
    response_db = -10 * np.log10(1 + (120 / frequency) ** (2 * order))
    tone, rms = sine(frequency, 8, 0), {"detector": "rms", "rms_window_ms": 100}
    filtered = level_read_db(tone, sidechain_slope_db_per_oct=slope, sidechain_high_pass_hz=120, **rms)
    assert filtered - level_read_db(tone, **rms) == pytest.approx(response_db, abs=0.01)


def test_range_holds_the_reduction():
    assert settled_gain_db(steady(0, 0.3), threshold_db=-40, ratio=100, range_db=7, attack_ms=1, release_ms=5) == pytest.approx(
        -7, abs=1e-6
    )


def test_makeup_and_auto_makeup():
    quiet = steady(-50, 0.3)
    assert settled_gain_db(quiet, threshold_db=-20, makeup_db=5.5) == pytest.approx(5.5, abs=1e-9)
    assert settled_gain_db(quiet, threshold_db=-20, ratio=4, auto_makeup=True, makeup_db=1) == pytest.approx(1 + 7.5, abs=1e-9)
    half = {"threshold_db": -20, "ratio": 4, "auto_makeup": True, "range_db": 6}
    assert settled_gain_db(quiet, **half) == pytest.approx(3, abs=1e-9)


def test_mix_is_between_dry_and_wet():
    wet = 10 ** (settled_gain_db(steady(-10, 0.3), threshold_db=-30, ratio=4, release_ms=5, makeup_db=3) / 20)
    half = settled_gain_db(steady(-10, 0.3), threshold_db=-30, ratio=4, release_ms=5, makeup_db=3, mix_percent=50)
    assert 10 ** (half / 20) == pytest.approx((1 + wet) / 2, rel=1e-9)


@pytest.mark.parametrize("link", [0, 50, 100])
def test_link(link):
    """Left is 20 dB over, right is below: the right follows by the link's share; at 100 both are the same to 0.001 dB."""
    left, right = steady(-10, 0.4), steady(-45, 0.4, seed=4)
    kernel = Kernel("compressor", 48000, named(threshold_db=-30, ratio=4, release_ms=5, link_percent=link))
    out = kernel(stereo(left, right))
    gains = [gain_db(out[:, c], s, kernel.latency_frames)[-1] for c, s in enumerate((left, right))]
    assert gains == pytest.approx([-15, -15 * link / 100], abs=1e-6)


def test_full_link_under_bursts_on_one_side():
    """Uncorrelated bursts on the left only: the two gains never differ by more than 0.001 dB."""
    left, right = steady(-40, 1), steady(-40, 1, seed=4)
    random = np.random.default_rng(5)
    for start in random.integers(0, 45000, 12):
        left[start : start + 1500] *= random.uniform(5, 90)
    kernel = Kernel("compressor", 48000, named(threshold_db=-30, ratio=8, attack_ms=1, release_ms=30, link_percent=100))
    out = kernel(stereo(left, right))
    gains = [gain_db(out[:, c], s, kernel.latency_frames) for c, s in enumerate((left, right))]
    assert gains[0].min() < -10
    apart = np.abs(gains[0] - gains[1]).max()
    print(f"link: {apart:.1e} dB apart")
    assert apart <= 0.001
