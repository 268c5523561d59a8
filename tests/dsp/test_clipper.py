"""The clipper: its curve, what it must not touch, what folds back, and its place in the latency of the chain."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.automation import automated, random_moves
from instruments.clipping import aliasing_db, clipped_spectrum, curve
from instruments.kernel import Kernel
from instruments.signals import amplitude, noise, sine, stereo
from instruments.spectrum import residual_above_db

RATES = (44100, 48000, 96000, 192000)
LATENCIES = ("normal", "low")
BOTH = pytest.mark.parametrize("latency", LATENCIES)


def ids(values: dict) -> dict:
    return {f"clipper.{name}": value for name, value in values.items()}


def clipper(rate: float = 48000, latency: str = "normal", **values) -> Kernel:
    base = {"on": True, "threshold_db": 0, "softness_percent": 0}
    return Kernel("clipper", rate, ids(base | values), latency)


def delayed(signal: np.ndarray, frames: int) -> np.ndarray:
    return np.vstack([np.zeros((frames, 2)), signal])[: len(signal)]


# ---- what it must not touch ----


@BOTH
@pytest.mark.parametrize("rate", RATES)
def test_off_is_the_delayed_input_bit_for_bit(rate, latency):
    kernel = clipper(rate, latency, on=False, drive_db=12, threshold_db=-12)
    signal = noise(0.2, 12, rate)
    assert np.array_equal(kernel(signal), delayed(signal, kernel.latency_frames))
    assert kernel.state.reduction_db == 0


@BOTH
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("softness", [0, 25, 50])
def test_what_does_not_reach_the_bend_passes_bit_for_bit(rate, latency, softness):
    """On, without drive: not one bit differs."""
    kernel = clipper(rate, latency, softness_percent=softness, threshold_db=-3)
    signal = noise(0.2, -20, rate)
    assert np.array_equal(kernel(signal), delayed(signal, kernel.latency_frames))
    assert kernel.state.reduction_db == 0


@pytest.mark.parametrize("rate", [44100, 48000])
def test_drive_below_the_bend_is_only_a_gain(rate):
    kernel = clipper(rate, drive_db=6)
    signal = noise(0.2, -20, rate)
    expected = delayed(signal, kernel.latency_frames) * amplitude(6)
    assert np.abs(kernel(signal) - expected).max() < amplitude(-300)


# ---- its law ----


@BOTH
@pytest.mark.parametrize("rate", [44100, 48000, 96000])
@pytest.mark.parametrize("softness", [0, 1, 25, 50, 100])
@pytest.mark.parametrize("threshold_db", [-12, -3, 0])
def test_static_curve(rate, latency, softness, threshold_db):
    """Constants from -3 to 3 thresholds: within 3e-6 of the threshold."""
    threshold = amplitude(threshold_db)
    for x in np.concatenate([np.linspace(-3, 3, 25), [0.999, 1.001]]) * threshold:
        out = clipper(rate, latency, softness_percent=softness, threshold_db=threshold_db)(np.full((400, 2), x))[-1, 0]
        assert out == pytest.approx(curve(np.array(x), threshold, softness / 100), abs=3e-6 * threshold)


@BOTH
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("softness", [0, 50, 100])
@pytest.mark.parametrize(("hz", "limit_db"), [(100, -100), (1000, -73), (3000, -64)])
def test_harmonics_are_those_of_clipping_at_64_times_the_rate(rate, latency, softness, hz, limit_db):
    """Amplitude and phase of every harmonic to 15 kHz, 6 dB over, against an oracle. What is left at the top is the
    line between two points, which cuts the corner of the waveform: it falls by 12 dB with twice the rate."""
    period = rate // 100
    x = 2 * np.cos(2 * np.pi * hz / rate * np.arange(period))
    kernel = clipper(rate, latency, softness_percent=softness)
    out = kernel(stereo(np.tile(x, 6)))[:, 0]
    heard = np.fft.rfft(out[3 * period + kernel.latency_frames :][:period])
    wanted = clipped_spectrum(x, 1, softness / 100)
    upto = round(15000 / 100) + 1
    error_db = 20 * np.log10(np.abs(heard - wanted)[:upto].max() / np.abs(wanted).max())
    print(f"{hz} Hz, softness {softness} at {rate}, {latency}: {error_db:.1f} dB")
    assert error_db <= limit_db - 12 * np.floor(np.log2(rate / 44100))


# ---- what folds back, of tones driven by 6 dB ----


def folded_db(hz: float, rate: int, latency: str, softness: float) -> float:
    out = clipper(rate, latency, drive_db=6, softness_percent=softness)(stereo(sine(hz, 2.5, 0, rate)))
    result = aliasing_db(out[-2 * rate :, 0], hz, rate)
    print(f"{hz} Hz, {latency} {rate} softness {softness}: {result:.1f} dB")
    return result


@BOTH
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("softness", "limit_db"), [(0, -80), (50, -100), (100, -100)])
def test_aliasing(latency, rate, softness, limit_db):
    assert folded_db(5003, rate, latency, softness) <= limit_db


@BOTH
@pytest.mark.parametrize("rate", [44100, 48000])
def test_aliasing_of_997_hz(latency, rate):
    assert folded_db(997, rate, latency, 0) <= -100


@pytest.mark.parametrize(
    ("latency", "rate", "limit_db"),
    [("normal", 44100, -80), ("normal", 48000, -80), ("low", 44100, -75), ("low", 48000, -80)],
)
def test_aliasing_up_to_15_khz(latency, rate, limit_db):
    """Low at 44.1 kHz: the 9 frames of the first filter reach to 16.8 kHz."""
    assert max(folded_db(hz, rate, latency, 0) for hz in (9973, 14983)) <= limit_db


def test_the_aliasing_meter_sees_naive_clipping():
    naive = np.clip(2 * sine(5003, 2, 0), -1, 1)
    assert -33 < aliasing_db(naive, 5003, 48000) < -29


@BOTH
def test_overshoot_of_noise_driven_hard(latency):
    """A band-limited clipper overshoots: noise below 15 kHz, 12 dB over, hard: samples within 3.5 dB of the threshold."""
    spectrum = np.fft.rfft(noise(1, 0)[:, 0])
    spectrum[15000:] = 0
    signal = 3 * np.fft.irfft(spectrum)
    out = clipper(latency=latency, drive_db=6)(stereo(signal))
    over_db = 20 * np.log10(np.abs(out).max())
    print(f"{latency}: {over_db:.2f} dB")
    assert over_db <= 3.5


# ---- latency ----


@pytest.mark.parametrize("rate", [44100, 48000, 88200, 96000, 176400, 192000])
@pytest.mark.parametrize(("latency", "limit_ms"), [("normal", 13.0), ("low", 4.0)])
def test_the_whole_chain_stays_within_its_class(rate, latency, limit_ms):
    assert Kernel("chain", rate, latency=latency).latency_frames / rate * 1000 <= limit_ms


@BOTH
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("on", [False, True])
def test_latency_is_exact_on_and_off(rate, latency, on):
    kernel = clipper(rate, latency, on=on)
    signal = np.zeros((2000, 2))
    signal[700] = 0.25
    assert np.flatnonzero(kernel(signal)[:, 0]).tolist() == [700 + kernel.latency_frames]


def test_what_is_clipped_is_not_late():
    """Clipping a pulse takes as much from its rise as from its fall."""
    width = np.hanning(61)
    signal = np.zeros(1000)
    signal[400:461] = 3 * width
    kernel = clipper()
    out = kernel(stereo(signal))[:, 0]
    centre = 430 + kernel.latency_frames
    assert np.abs(out[centre - 200 : centre + 201] - out[centre - 200 : centre + 201][::-1]).max() < 1e-5


# ---- moves ----


@BOTH
@pytest.mark.parametrize("rate", [44100, 48000, 192000])
def test_woken_it_is_as_if_it_had_never_slept(rate, latency):
    """Switched on at once in the middle of music: from the first frame the bits of one that was always on."""
    signal = noise(0.3, 6, rate)
    half = len(signal) // 2
    awake = clipper(rate, latency, softness_percent=30)
    sleeper = clipper(rate, latency, softness_percent=30, on=False)
    awake(signal[:half])
    sleeper(signal[:half])
    sleeper.set({"clipper.on": True}, ramp_frames=0)
    assert np.array_equal(sleeper(signal[half:]), awake(signal[half:]))


def test_switched_off_it_settles_to_the_exact_input():
    signal = noise(0.5, 6)
    kernel = clipper(drive_db=6)
    kernel(signal)
    kernel.set({"clipper.on": False})
    out = kernel(signal)
    after = 1000 + 200
    assert np.array_equal(out[after:], delayed(signal, kernel.latency_frames)[after:])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"on": False}, {"on": True, "drive_db": 6}),
        ({"drive_db": 0}, {"drive_db": 12}),
        ({"threshold_db": 0}, {"threshold_db": -2, "softness_percent": 20}),
    ],
)
def test_no_move_clicks(before, after):
    """1 kHz under the bend, 20 ms: at most -100 dB above 5 kHz."""
    signal = stereo(sine(1000, 0.5, -20))
    kernel = clipper(**before)
    kernel(signal)
    for target in (after, before):
        kernel.set(ids(target), 960)
        assert residual_above_db(np.concatenate([kernel(signal)]).T[0], 5000, 48000) <= -100


def test_moves_of_a_working_clipper_add_nothing_to_its_harmonics():
    """100 Hz, soft, 6 dB over: the strongest line above 10 kHz is at most 3 dB above that of the two settings at rest."""
    signal = stereo(sine(100, 0.5, 0))
    settings = ({"drive_db": 3, "softness_percent": 100}, {"drive_db": 6, "softness_percent": 60, "threshold_db": -3})
    kernel = clipper(**settings[0], threshold_db=0)
    kernel(signal)
    rest, moving = [residual_above_db(kernel(signal)[:, 0], 10000, 48000)], []
    for target in (settings[1], settings[0] | {"threshold_db": 0}):
        kernel.set(ids(target), 960)
        moving.append(residual_above_db(kernel(signal)[:, 0], 10000, 48000))
        rest.append(residual_above_db(kernel(signal)[:, 0], 10000, 48000))
    print(f"moving {moving}, at rest {rest}")
    assert max(moving) <= max(-100, max(rest) + 3)


MOVES = [
    {"on": False},
    {"on": True},
    {"drive_db": 12},
    {"drive_db": 0},
    {"threshold_db": -9},
    {"threshold_db": 0},
    {"softness_percent": 100},
    {"softness_percent": 0},
]


def run(blocks: list[int], signal: np.ndarray, seed: int) -> np.ndarray:
    moves = random_moves(seed, len(signal), lambda random: ids(MOVES[random.integers(len(MOVES))]), (0, 1, 63, 127, 500))
    return automated(clipper(), signal, moves, blocks)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_automation_gives_the_same_bits_in_any_block(seed):
    signal = noise(0.25, 3)
    whole = run([], signal, seed)
    random = np.random.default_rng(seed).integers(1, 300, len(signal)).tolist()
    for blocks in ([1] * len(signal), [7] * len(signal), [64] * len(signal), random):
        assert np.array_equal(whole, run(blocks, signal, seed))


# ---- meters, faults ----


@pytest.mark.parametrize("softness", [0, 50])
def test_meter_keeps_the_largest_reduction(softness):
    kernel = clipper(drive_db=6, softness_percent=softness)
    kernel(stereo(sine(1000, 0.2, 0)))
    peak = amplitude(6)
    wanted = 20 * np.log10(peak / curve(np.array(peak), 1, softness / 100))
    assert kernel.state.reduction_db == pytest.approx(wanted, abs=0.01)
    kernel(np.zeros((1000, 2)))
    kernel.state.reduction_db = 0
    kernel(np.zeros((1000, 2)))
    assert kernel.state.reduction_db == 0


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf, 1e10, 1e300])
def test_poison_is_silence(poison):
    signal = noise(0.1, 3)
    clean = signal.copy()
    clean[2000, 0] = 0
    signal[2000, 0] = poison
    assert np.array_equal(clipper(drive_db=6)(signal), clipper(drive_db=6)(clean))
