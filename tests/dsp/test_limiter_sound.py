"""What the limiter does to sound: nothing below the ceiling; above it a clean gain that comes back as it should."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.distortion import distortion_and_noise_db
from instruments.hot_signals import HOT, hot
from instruments.kernel import Kernel
from instruments.signals import amplitude, noise, sine, stereo
from instruments.true_peak_meter import true_peak_dbtp

LATENCIES = ("normal", "low")
CEILING_DBTP = -1.0


def limiter(rate: float = 48000, latency: str = "normal", **settings: float) -> Kernel:
    values = {"ceiling_dbtp": CEILING_DBTP, **settings}
    return Kernel("limiter", rate, {f"limiter.{name}": value for name, value in values.items()}, latency)


def delayed(signal: np.ndarray, frames: int) -> np.ndarray:
    return np.vstack([np.zeros((frames, 2)), signal])[: len(signal)]


# ---- below the ceiling ----


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("rate", [44100, 48000, 96000, 192000])
@pytest.mark.parametrize("name", [name for name in HOT if name != "white noise"])
def test_peaks_a_tenth_of_a_db_below_pass_bit_for_bit(name, rate, latency):
    signal = hot(name, 0.5, rate)
    signal = signal * amplitude(CEILING_DBTP - 0.1 - true_peak_dbtp(signal))
    kernel = limiter(rate, latency)
    assert np.array_equal(kernel(signal), delayed(signal, kernel.latency_frames))
    assert kernel.state.reduction_db == 0


@pytest.mark.parametrize("latency", LATENCIES)
def test_full_band_noise_a_tenth_of_a_db_below_passes_bit_for_bit(latency):
    signal = noise(1, -12)
    signal *= amplitude(CEILING_DBTP - 0.1 - true_peak_dbtp(signal))
    kernel = limiter(48000, latency)
    assert np.array_equal(kernel(signal), delayed(signal, kernel.latency_frames))


def test_the_gain_is_exactly_1_again_some_time_after_heavy_limiting():
    """No tail of the release keeps a bit from coming back: 20 s after 20 dB of reduction."""
    kernel = limiter(drive_db=12)
    kernel(noise(2, 12))
    kernel(np.zeros((20 * 48000, 2)))
    for octaves in (kernel.state.fast, kernel.state.slow):
        assert octaves == 0 or octaves > 1e-25  # nothing on its way to a denormal
    kernel.set({"limiter.drive_db": 0}, ramp_frames=0)
    signal = noise(0.2, -12)
    assert np.array_equal(kernel(signal), delayed(signal, kernel.latency_frames))


def test_what_is_tiny_stays_as_it_is():
    signal = noise(0.1, -12) * 1e-300
    kernel = limiter()
    assert np.array_equal(kernel(signal), delayed(signal, kernel.latency_frames))


@pytest.mark.parametrize(("latency", "seconds"), [("normal", 0.005), ("low", 0.0015)])
@pytest.mark.parametrize("rate", [44100, 48000, 88200, 96000, 176400, 192000])
def test_latency_is_exact_and_stands_still(rate, latency, seconds):
    kernel = limiter(rate, latency)
    assert kernel.latency_frames == int(np.floor(seconds * rate + 0.5)) + 68
    moves = [{"limiter.hold_ms": 0.0, "limiter.release_ms": 10.0}, {"limiter.hold_ms": 50.0, "limiter.ceiling_dbtp": 0.0}]
    for move in [{}, *moves]:
        kernel.set(move)
        signal = np.zeros((6000, 2))
        signal[2000] = 0.25
        assert np.flatnonzero(kernel(signal)[:, 0]).tolist() == [2000 + kernel.latency_frames]


# ---- distortion, a steady signal 6 dB above the ceiling ----


def distortion(tones: dict[float, float], rate: float, latency: str = "normal", **settings: float) -> float:
    """THD+N after 2 s to settle, over 4 s. `tones`: frequency to share of the ceiling's amplitude."""
    parts = [amplitude(CEILING_DBTP) * share * sine(hz, 6, 0, rate, phase=n) for n, (hz, share) in enumerate(tones.items())]
    out = limiter(rate, latency, drive_db=6, **settings)(stereo(np.sum(parts, axis=0)))
    result = distortion_and_noise_db(out[2 * round(rate) :, 0], rate, tones)
    print(f"{tones} at {rate} {latency} {settings}: {result:.1f} dB")
    return result


@pytest.mark.parametrize("rate", [48000, 96000])
@pytest.mark.parametrize(("hz", "limit_db"), [(31, -60), (50, -90), (100, -90), (997, -90), (5003, -90)])
def test_sine_distortion(hz, limit_db, rate):
    assert distortion({hz: 1}, rate) <= limit_db


@pytest.mark.parametrize("rate", [48000, 96000])
@pytest.mark.parametrize("hz", [50, 100, 997])
def test_sine_distortion_low_latency(hz, rate):
    assert distortion({hz: 1}, rate, "low") <= -90


def test_hold_over_half_a_period_spares_the_lowest_octave():
    assert distortion({20: 1}, 48000, hold_ms=20) <= -90
    assert distortion({31: 1}, 48000, "low", hold_ms=16) <= -90


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("rate", [48000, 96000])
def test_intermodulation(rate, latency):
    assert distortion({60: 0.8, 7000: 0.2}, rate, latency) <= -70  # SMPTE, 4:1
    assert distortion({19000: 0.5, 20000: 0.5}, rate, latency) <= -90  # CCIF


# ---- the law of the gain, read with a quiet constant under the programme ----

PROBE = 1e-3
RECTANGLE = 4.0  # +12 dB


def reduction_after(kernel: Kernel, burst: np.ndarray, seconds: float, rate: float = 48000) -> np.ndarray:
    """dB for each frame after the burst's end, aligned with the input."""
    rest = np.full(round(seconds * rate), PROBE)
    lead = np.full(round(0.1 * rate), PROBE)
    out = kernel(stereo(np.concatenate([lead, burst * amplitude(kernel.values["limiter.ceiling_dbtp"]), rest])))
    start = len(lead) + len(burst) + kernel.latency_frames
    gain = out[start:, 0] / PROBE
    assert gain.max() <= 1
    return -20 * np.log10(gain)


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize(
    ("hold_ms", "release_ms", "release_slow_ms"),
    [(10, 60, 800), (0, 10, 100), (50, 10, 100), (0, 1000, 5000), (20, 200, 300), (5, 30, 1000)],
)
def test_recovery_from_a_click_of_1_ms(latency, hold_ms, release_ms, release_slow_ms):
    kernel = limiter(48000, latency, hold_ms=hold_ms, release_ms=release_ms, release_slow_ms=release_slow_ms)
    reduction_db = reduction_after(kernel, np.full(48, RECTANGLE), 4)
    most_db = kernel.state.reduction_db
    assert most_db > 12
    back_ms = np.flatnonzero(reduction_db > 0.1 * most_db)[-1] / 48
    print(f"{latency} hold {hold_ms} release {release_ms}/{release_slow_ms}: 90 % back after {back_ms:.1f} ms")
    assert back_ms <= hold_ms + 3 * release_ms


@pytest.mark.parametrize("hold_ms", [0, 10, 50])
def test_hold_keeps_the_reduction_so_long(hold_ms):
    reduction_db = reduction_after(limiter(hold_ms=hold_ms, release_ms=200), np.full(48, RECTANGLE), 0.5)
    flat_ms = np.flatnonzero(reduction_db > reduction_db[0] - 1e-3)[-1] / 48
    assert hold_ms - 0.1 <= flat_ms <= hold_ms + 2  # the filters of the detector ring for a millisecond, the boxes start softly


@pytest.mark.parametrize("release_ms", [30, 60, 300])
def test_fast_release_is_exponential_in_decibels(release_ms):
    reduction_db = reduction_after(limiter(release_ms=release_ms, release_slow_ms=5000), np.full(48, RECTANGLE), 2)
    after = round((0.020 + 0.5e-3 * release_ms) * 48000)
    step = round(1e-3 * release_ms * 48000)
    assert reduction_db[after + step] / reduction_db[after] == pytest.approx(np.exp(-1), rel=0.01)


@pytest.mark.parametrize("release_slow_ms", [400, 1000])
@pytest.mark.parametrize("seconds", [0.2, 2])
def test_slow_release_charges_with_the_mean_reduction_and_returns_exponentially(release_slow_ms, seconds):
    """A tone 6 dB above: the slow stage reaches 1 - exp(-T/tau) of the reduction, and alone remains when the fast one is gone."""
    kernel = limiter(release_ms=10, release_slow_ms=release_slow_ms)
    burst = sine(1000, seconds, 20 * np.log10(2))
    reduction_db = reduction_after(kernel, burst, 1.5)
    tau, wait = release_slow_ms / 1000, 0.15
    expected_db = 6.07 * (1 - np.exp(-(seconds + 0.005) / tau)) * np.exp(-(wait - 0.005) / tau)
    assert reduction_db[round(wait * 48000)] == pytest.approx(expected_db, rel=0.02)
    later = wait + tau / 2
    assert reduction_db[round(later * 48000)] / reduction_db[round(wait * 48000)] == pytest.approx(np.exp(-0.5), rel=0.01)


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("level_db", [0.5, 6, 23])
def test_reduction_is_what_the_level_asks(latency, level_db):
    """And 0.05 dB more; at low latency another 0.4 percent of it."""
    kernel = limiter(48000, latency, drive_db=level_db, ceiling_dbtp=-3)
    out = kernel(stereo(sine(997, 1, -3)))
    spare_db = 0.05 + (0.004 * level_db if latency == "low" else 0)
    assert kernel.state.reduction_db == pytest.approx(level_db + spare_db, abs=0.01)
    assert true_peak_dbtp(out[24000:-400] * np.hanning(len(out) - 24400)[:, None]) == pytest.approx(-3 - spare_db, abs=0.01)


def test_both_channels_get_the_same_gain():
    left, right = sine(440, 1, 0), sine(550, 1, -20)
    out = limiter(drive_db=9)(np.stack([left, right], axis=1))
    given = delayed(np.stack([left, right], axis=1), limiter().latency_frames) * amplitude(9)
    heard = np.abs(given).min(axis=1) > 1e-3
    gain = out[heard] / given[heard]
    assert np.abs(gain[:, 0] - gain[:, 1]).max() < 1e-13


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf, 1e10, 1e300])
def test_poison_costs_only_its_own_frame(poison):
    """What is no signal is silence: the gain of the programme around it does not move."""
    signal = noise(0.2, -6)
    clean = limiter()(signal)
    spoilt = signal.copy()
    spoilt[5000, 0] = poison
    kernel = limiter()
    out = kernel(spoilt)
    at = 5000 + kernel.latency_frames
    assert out[at, 0] == 0
    assert set(np.argwhere(out != clean)[:, 0]) == {at}
