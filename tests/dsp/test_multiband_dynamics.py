"""The multiband's bands against the compressor's law on bands cut by scipy: every frame, curve, times, coupling, limit."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.dynamics import curve_db, rms_db, seconds_until
from instruments.kernel import Kernel
from instruments.multiband import compress
from instruments.signals import amplitude, noise, sine, stereo

BANDS = range(1, 7)


def named(values: dict) -> dict:
    return {f"multiband.{name}": value for name, value in values.items()}


def multiband(rate: float = 48000, **values) -> Kernel:
    return Kernel("multiband", rate, named({"on": True} | values))


def all_bands(**values) -> dict:
    return {f"{band}.{name}": value for band in BANDS for name, value in values.items()}


def parameters(kernel: Kernel, prefix: str) -> dict:
    return {id.removeprefix(prefix): value for id, value in kernel.values.items() if id.startswith(prefix)}


def oracle(kernel: Kernel, signal: np.ndarray) -> np.ndarray:
    p = parameters(kernel, "multiband.")
    count = int(p["bands"])
    band = [parameters(kernel, f"multiband.{i}.") for i in range(1, count + 1)]
    return compress(signal, p, band, [p[f"crossover_{i}_hz"] for i in range(1, count)], kernel.format.sample_rate_hz)


SETTINGS = {
    "as it comes": {},
    "two bands": {"bands": "2", **all_bands(threshold_db=-40)},
    "six bands, 48": {"bands": "6", "slope_db_per_oct": "48", **all_bands(threshold_db=-40, knee_db=0, ratio=5)},
    "three bands, not linked": {"bands": "3", "link_percent": 0, **all_bands(threshold_db=-40, range_db=4)},
    "four bands, half linked": {"bands": "4", "link_percent": 50, **all_bands(threshold_db=-35, ratio=100)},
    "coupled": {"coupling_percent": 70, "2.threshold_db": -50, "2.ratio": 8, "4.on": False, "5.threshold_db": 0},
    "auto release": all_bands(auto_release=True, release_ms=60, threshold_db=-40),
    "one on auto release": {"3.auto_release": True, "3.threshold_db": -50},
    "limited": {"bands": "6", "link_percent": 30, **all_bands(limit=True, limit_db=-30, gain_db=5, threshold_db=-35)},
    "one limited": {"4.limit": True, "4.limit_db": -40, "coupling_percent": 40, "3.threshold_db": -60},
    "parallel": {"mix_percent": 40, **{f"{band}.gain_db": band - 3 for band in BANDS}, **all_bands(threshold_db=-50, ratio=9)},
    "solo, mute and off": {
        "2.solo": True,
        "3.solo": True,
        "3.mute": True,
        "5.solo": True,
        "5.on": False,
        **all_bands(threshold_db=-50),
    },
}


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("rate", [44100, 96000])
def test_every_frame_follows_the_law(name, rate):
    """A programme that jumps by 20 dB between unlike channels: every frame within -200 dBFS of the oracle."""
    signal = noise(0.12, -6, rate, seed=11)
    signal[: len(signal) // 3] *= 0.1
    signal[len(signal) // 2 :, 1] *= 0.03
    kernel = multiband(rate, **SETTINGS[name])
    out, wanted = kernel(signal), oracle(kernel, signal)
    assert np.abs(out - multiband(rate, **all_bands(ratio=1))(signal)).max() > 0.02
    assert np.abs(out - wanted).max() < 1e-10


def soloed(tone: np.ndarray, **values) -> np.ndarray:
    return multiband(**{"3.solo": True, "3.knee_db": 0, "3.threshold_db": -20, "3.ratio": 4} | values)(stereo(tone))[:, 0]


@pytest.mark.parametrize("knee", [0, 6])
def test_static_curve_of_a_band(knee):
    """-40 to 0 dBFS at 820 Hz, in the middle of band 3: within 0.1 dB of the curve at the level that the band has."""
    for level in range(-40, 1, 4):
        tone = sine(820, 1, level)
        band, out = soloed(tone, **{"3.ratio": 1}), soloed(tone, **{"3.knee_db": knee, "3.attack_ms": 10, "3.release_ms": 150})
        last = slice(-24000, None)
        level_of_band_db = rms_db(band[last]) + 3.0103
        wanted = -float(curve_db(level_of_band_db, -20, 4, knee))
        assert rms_db(out[last]) - rms_db(band[last]) == pytest.approx(wanted, abs=0.1)


@pytest.mark.parametrize(("attack", "release"), [(10, 100), (30, 300), (100, 1000)])
def test_times_of_a_band(attack, release):
    """A tone that steps from -26 to -14 dBFS and back: 63.2 % of the change in dB after attack and release."""
    level = np.repeat([-26.0, -14.0, -26.0], [24000, 96000, 192000])
    tone = amplitude(1) ** level * sine(1000, len(level) / 48000, 0)
    band = soloed(tone, **{"3.ratio": 1})
    out = soloed(tone, **{"3.attack_ms": attack, "3.release_ms": release})
    usable = np.flatnonzero(np.abs(band) > 0.02)
    gain = np.interp(np.arange(len(band)), usable, 20 * np.log10(np.abs(out[usable] / band[usable])))
    times = [seconds_until(gain[part], 1 - np.exp(-1), 48000) * 1000 for part in (slice(24000, 120000), slice(120000, None))]
    first_peak_ms = 0.8  # of the sine, behind the filters of the band
    assert abs(times[0] - attack) <= max(0.1 * attack, 0.2) + first_peak_ms
    assert abs(times[1] - release) <= 0.1 * release


def reductions(kernel: Kernel, signal: np.ndarray) -> np.ndarray:
    """What is shown for each band after the run has settled."""
    kernel(signal)
    for band in kernel.state.reduction_db:
        band[0] = band[1] = 0
    kernel(signal[: len(signal) // 4])
    return np.array([list(band) for band in kernel.state.reduction_db])


QUIET_BANDS = all_bands(threshold_db=0, ratio=1)
ONE_LOUD = QUIET_BANDS | {"3.threshold_db": -40, "3.ratio": 100, "3.knee_db": 0, "3.range_db": 12}


@pytest.mark.parametrize("coupling", [0, 25, 50, 100])
def test_a_neighbour_is_reduced_by_the_share(coupling):
    """Band 3 is reduced by its range of 12 dB; bands 2 and 4 follow by the share, bands 1 and 5 do not."""
    shown = reductions(multiband(coupling_percent=coupling, **ONE_LOUD), stereo(sine(820, 2, -6)))
    wanted = [0, 12 * coupling / 100, 12, 12 * coupling / 100, 0, 0]
    assert shown[:, 0] == pytest.approx(wanted, abs=1e-3)
    assert shown[:, 0] == pytest.approx(shown[:, 1], abs=1e-9)


def test_the_larger_of_own_and_neighbours_counts():
    """Band 2 takes 8 dB of its own: half of 12 is less, three quarters are more."""
    own = ONE_LOUD | {"2.threshold_db": -60, "2.ratio": 100, "2.range_db": 8}
    both = stereo(sine(820, 2, -6) + sine(200, 2, -12))
    assert reductions(multiband(coupling_percent=50, **own), both)[1, 0] == pytest.approx(8, abs=1e-3)
    assert reductions(multiband(coupling_percent=75, **own), both)[1, 0] == pytest.approx(9, abs=1e-3)


def test_a_band_that_is_off_is_not_coupled_and_does_not_lead():
    off = reductions(multiband(coupling_percent=100, **ONE_LOUD | {"2.on": False}), stereo(sine(820, 2, -6)))
    assert off[:, 0] == pytest.approx([0, 0, 12, 12, 0, 0], abs=1e-3)
    leader_off = reductions(multiband(coupling_percent=100, **ONE_LOUD | {"3.on": False}), stereo(sine(820, 2, -6)))
    assert leader_off.max() < 1e-20


@pytest.mark.parametrize("limit", [-40, -20, -3])
@pytest.mark.parametrize("frequency", [60, 250, 820, 3000, 10000])
def test_limit_holds_the_level_of_a_band(frequency, limit):
    """A tone at +6 dBFS in any band, 12 dB of gain, compressors off: at most 0.1 dB over the limit once it has settled; at 60 Hz
    0.3, since the release of 100 ms lets go between two peaks."""
    values = all_bands(on=False, limit=True, limit_db=limit, gain_db=12)
    band = 1 + int(np.searchsorted((100, 420, 1600, 6200), frequency))
    tone = sine(frequency, 1, 6)
    out = multiband(**values | {f"{band}.solo": True})(stereo(tone))[:, 0]
    assert 20 * np.log10(np.abs(out[24000:]).max()) <= limit + (0.3 if frequency < 100 else 0.1)
    assert 20 * np.log10(np.abs(out[24000:]).max()) >= limit - 0.6


@pytest.mark.parametrize("link", [0, 50, 100])
def test_link(link):
    """Only the left is loud: the right follows by the link's share; at 100 both are the same to 0.001 dB."""
    values = {"link_percent": link, **all_bands(threshold_db=-30, ratio=4, knee_db=0, range_db=6)}
    shown = reductions(multiband(**values), stereo(sine(820, 2, -6), sine(820, 2, -60)))
    assert shown[2] == pytest.approx([6, 6 * link / 100], abs=1e-3)


def test_full_link_under_bursts_on_one_side():
    signal = noise(0.5, -40)
    random = np.random.default_rng(5)
    for start in random.integers(0, 22000, 8):
        signal[start : start + 1500, 0] *= random.uniform(5, 90)
    shown = multiband(**all_bands(threshold_db=-50, ratio=8, attack_ms=1))
    shown(signal)
    both = np.array([list(band) for band in shown.state.reduction_db])[:5]
    assert both.min() > 3
    assert np.abs(both[:, 0] - both[:, 1]).max() <= 0.001


def test_meters_show_nothing_of_what_is_off():
    kernel = multiband(**{"on": False})
    kernel(noise(0.2, 0))
    assert not np.array([list(band) for band in kernel.state.reduction_db]).any()
    kernel = multiband(bands="3", **all_bands(threshold_db=-60))
    kernel(noise(0.2, 0))
    shown = np.array([list(band) for band in kernel.state.reduction_db])
    assert shown[:3].min() > 3
    assert shown[3:].max() < 1e-20


def test_solo_of_a_band_that_is_not_there_mutes_nothing():
    signal = noise(0.1, -6)
    assert np.array_equal(multiband(bands="3", **{"5.solo": True})(signal), multiband(bands="3")(signal))


def test_everything_muted_is_silence():
    assert not multiband(**all_bands(mute=True))(noise(0.1, -6)).any()
