"""What the compressor must not add: harmonics, combs, clicks; and what it leaves for the meters."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.automation import automated, random_moves, residual_of_moves_db
from instruments.distortion import thd_n_db
from instruments.dynamics import gain_db, steady
from instruments.kernel import Kernel
from instruments.signals import impulse, noise, sine, stereo
from instruments.spectrum import residual_above_db

BASE = {"on": True, "detector": "peak", "threshold_db": -20, "ratio": 4, "knee_db": 0, "attack_ms": 10, "release_ms": 100}


def ids(values: dict) -> dict:
    return {f"compressor.{name}": value for name, value in values.items()}


def compressor(rate: float = 48000, **values) -> Kernel:
    return Kernel("compressor", rate, ids(BASE | values))


@pytest.mark.parametrize("rate", [48000, 96000])
@pytest.mark.parametrize("detector", ["peak", "rms"])
@pytest.mark.parametrize(("frequency", "limit"), [(100, -65), (1000, -100)])
def test_distortion_at_6_db_over(frequency, limit, detector, rate):
    """Ratio 4, 10/100 ms, hard knee."""
    over = -14 if detector == "peak" else -14 + 3.0103
    out = compressor(rate, detector=detector)(stereo(sine(frequency, 3, over, rate)))[-rate:, 0]
    found = thd_n_db(out, frequency, rate)
    print(f"{frequency} Hz {detector} at {rate}: {found:.1f} dB")
    assert found <= limit


@pytest.mark.parametrize("rate", [44100, 48000, 96000, 192000])
def test_gain_alone_distorts_nothing(rate):
    """997 Hz at -1 dBFS under the threshold, 0.1 dB of make-up: at most -140 dB."""
    out = compressor(rate, threshold_db=0, makeup_db=0.1)(stereo(sine(997, 2, -1, rate)))[-rate:, 0]
    assert np.abs(out).max() == pytest.approx(10 ** (-0.9 / 20), rel=1e-3)
    assert thd_n_db(out, 997, rate) <= -140


@pytest.mark.parametrize(
    "values", [{"ratio": 1}, {"threshold_db": 0, "lookahead_ms": 3}, {"detector": "rms", "link_percent": 0, "ratio": 1}]
)
@pytest.mark.parametrize("rate", [44100, 48000, 192000])
def test_half_mixed_there_is_no_comb(values, rate):
    """An impulse at mix 50 %: the response is flat to 0.001 dB."""
    out = compressor(rate, mix_percent=50, **values)(0.5 * impulse(8192, 1000))[:, 0]
    response_db = 20 * np.log10(np.abs(np.fft.rfft(out)) / 0.5)
    print(f"ripple {np.ptp(response_db):.1e} dB")
    assert np.ptp(response_db) <= 0.001
    assert np.abs(response_db).max() <= 0.001


GAIN_MOVES = {
    "on": ({"on": True}, {"on": False}),
    "make-up": ({"makeup_db": 0}, {"makeup_db": -6}),
    "make-up by 24 dB": ({"makeup_db": -12}, {"makeup_db": 12}),
    "auto make-up": ({"auto_makeup": False}, {"auto_makeup": True}),
    "mix": ({"mix_percent": 100}, {"mix_percent": 0}),
    "range": ({"range_db": 60}, {"range_db": 1}),
    "threshold": ({"threshold_db": -20}, {"threshold_db": -40}),
    "ratio": ({"ratio": 1}, {"ratio": 100}),
    "knee": ({"knee_db": 0}, {"knee_db": 24}),
}
OTHER_MOVES = {
    "detector": ({"detector": "peak"}, {"detector": "rms"}),
    "attack": ({"attack_ms": 10}, {"attack_ms": 0.1}),
    "attack to slow": ({"attack_ms": 0.5}, {"attack_ms": 1000}),
    "release": ({"release_ms": 100}, {"release_ms": 2000}),
    "auto release": ({"auto_release": False}, {"auto_release": True}),
    "look-ahead": ({"lookahead_ms": 0}, {"lookahead_ms": 5}),
    "RMS window": ({"detector": "rms", "rms_window_ms": 100}, {"detector": "rms", "rms_window_ms": 3}),
    "side-chain filter": ({"sidechain_slope_db_per_oct": "off"}, {"sidechain_slope_db_per_oct": "24"}),
    "side-chain corner": (
        {"sidechain_slope_db_per_oct": "12"},
        {"sidechain_slope_db_per_oct": "12", "sidechain_high_pass_hz": 500},
    ),
    "link": ({"link_percent": 100}, {"link_percent": 0}),
}
MOVES = GAIN_MOVES | OTHER_MOVES


RMS = {"detector": "rms", "attack_ms": 20, "release_ms": 200}
PEAK = {"detector": "peak", "attack_ms": 10, "release_ms": 100}


def residual_of_move_db(base: dict, before: dict, after: dict, ramp_frames: int = 960) -> tuple[float, float]:
    """There and back, as residual_of_moves_db has it."""
    back = BASE | base | {name: kernel_default(name) for name in after if name not in BASE} | before
    return residual_of_moves_db(compressor(**base | before), (ids(after), ids(back)), ramp_frames)


def kernel_default(name: str):
    return Kernel("compressor").values[f"compressor.{name}"]


@pytest.mark.parametrize("name", MOVES)
def test_no_move_clicks(name):
    """A jump of any parameter over the default 20 ms, RMS 20/200 ms: at most -100 dB above 5 kHz beside a 1 kHz sine."""
    moving, rest = residual_of_move_db(RMS, *MOVES[name])
    print(f"{name}: {moving:.1f} dB moving, {rest:.1f} dB at rest")
    assert moving <= -100


@pytest.mark.parametrize("name", MOVES)
def test_no_move_clicks_with_the_peak_detector(name):
    """As above at 10/100 ms, and never 3 dB more than the ripple of the setting at rest; the threshold's jump takes 15 dB more
    reduction in an attack of 10 ms while the detector ripples: -96.5 dB, what a jump of the programme's level does as well."""
    moving, rest = residual_of_move_db(PEAK, *MOVES[name])
    print(f"{name}: {moving:.1f} dB moving, {rest:.1f} dB at rest")
    assert moving <= max(-96 if name == "threshold" else -100, rest + 3)


def test_the_click_meter_sees_a_click():
    moving, rest = residual_of_move_db(RMS, *GAIN_MOVES["make-up"], ramp_frames=0)
    assert rest < -120
    assert moving > -70


def test_a_knob_that_keeps_turning_is_smooth():
    """Make-up by 0.5 dB every 10 ms, each change in the middle of the last one's ramp: at most -110 dB above 5 kHz."""
    signal = stereo(sine(1000, 1, -20))
    kernel = compressor(**RMS)
    out = [kernel(signal), kernel(signal[:4800])]
    for step in range(1, 25):
        kernel.set({"compressor.makeup_db": 0.5 * step}, 960)
        out.append(kernel(signal[480 * step : 480 * (step + 1)]))
    turned = np.concatenate(out)[24000:, 0]
    assert np.abs(turned[-480:]).max() > 0.3
    assert residual_above_db(turned, 5000, 48000) <= -110


def test_meters_keep_the_largest_reduction():
    signal = np.concatenate([steady(-40, 0.1), steady(-12, 0.2), steady(-40, 0.5)])
    kernel = compressor(link_percent=0)
    out = kernel(stereo(signal, 0.5 * signal), [64] * len(signal))
    wanted = [-gain_db(out[:, c], (signal, 0.5 * signal)[c], kernel.latency_frames).min() for c in (0, 1)]
    assert wanted[0] > 5.9
    assert list(kernel.state.reduction_db) == pytest.approx(wanted, abs=1e-6)
    kernel.state.reduction_db[0] = kernel.state.reduction_db[1] = 0
    kernel(np.full((48000, 2), 1e-4))
    kernel.state.reduction_db[0] = kernel.state.reduction_db[1] = 0
    kernel(np.full((4800, 2), 1e-4))
    assert max(kernel.state.reduction_db) < 1e-3


def test_off_shows_no_reduction():
    kernel = compressor(on=False)
    kernel(stereo(steady(0, 0.2)))
    assert list(kernel.state.reduction_db) == [0, 0]


def detector_numbers(kernel: Kernel) -> np.ndarray:
    d = kernel.state.detector
    ordinary = [d.mean_square, d.fast_db, d.held_db, d.slow_db, d.smooth_db]
    sections = [d.high_pass[section][i] for section in (0, 1) for i in (0, 1)]
    return np.array([list(both) for both in ordinary + sections])


@pytest.mark.parametrize("slope", ["off", "12", "24"])
def test_silence_leaves_no_denormal(slope):
    """A minute of silence after music: every remembered number is 0 or an ordinary one, without flush-to-zero."""
    kernel = compressor(
        sidechain_slope_db_per_oct=slope, sidechain_high_pass_hz=500, release_ms=5, attack_ms=0.1, auto_release=True
    )
    kernel(noise(0.2, 0))
    assert (detector_numbers(kernel)[:5] > 1e-3).all()
    kernel(np.zeros((60 * 48000, 2)))
    numbers = np.abs(detector_numbers(kernel))
    assert ((numbers == 0) | (numbers > 1e-250)).all()
    quiet = 1e-3 * noise(0.1, 0)
    assert np.array_equal(kernel(quiet)[kernel.latency_frames :], quiet[: len(quiet) - kernel.latency_frames])


def run(blocks: list[int], signal: np.ndarray, seed: int) -> np.ndarray:
    pairs = list(MOVES.values())
    moves = random_moves(seed, len(signal), lambda random: ids(pairs[random.integers(len(pairs))][random.integers(2)]))
    return automated(compressor(), signal, moves, blocks)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_automation_gives_the_same_bits_in_any_block(seed):
    signal = noise(0.5, 0)
    whole = run([], signal, seed)
    for block in (
        [1] * len(signal),
        [7] * len(signal),
        [64] * len(signal),
        np.random.default_rng(seed).integers(1, 300, 24000).tolist(),
    ):
        assert np.array_equal(whole, run(block, signal, seed))
    assert np.isfinite(whole).all()
    assert np.abs(whole).max() <= 10 ** ((12 + 30) / 20)  # the highest make-up and auto make-up


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf, 1e300, 1e13])
def test_poison_leaves_with_its_frame(poison):
    """What is no number touches its own frame only; the detector takes it for silence."""
    signal = noise(0.3, -6)
    clean = compressor(sidechain_slope_db_per_oct="24", detector="rms")(signal)
    signal[5000, 0] = poison
    kernel = compressor(sidechain_slope_db_per_oct="24", detector="rms")
    out = kernel(signal)
    after = slice(5001 + kernel.latency_frames, None)
    assert np.isfinite(out[after]).all()
    assert np.abs(20 * np.log10(np.abs(out[after] / clean[after]))).max() < 0.1
