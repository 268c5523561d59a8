"""Dynamic bands of the equaliser: how far, how fast and how cleanly their gain follows the level."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.equaliser import TYPES, fill_band, stream
from instruments.kernel import Kernel
from instruments.signals import amplitude, noise, sine, stereo
from instruments.spectrum import residual_above_db

from masterd.native import ffi, lib

RATE = 48000
RATES = (44100, 48000, 96000, 192000)
DYNAMIC = {"eq.1.on": True, "eq.1.dynamic": True, "eq.1.q": 1}


def band(**values) -> dict:
    return DYNAMIC | {f"eq.1.{name}": value for name, value in values.items()}


def settled_db(values: dict, signal: np.ndarray, rate: float = RATE) -> float:
    """The offset of band 1 after all of `signal`."""
    kernel = Kernel("eq", rate, values)
    kernel(signal if signal.ndim == 2 else stereo(signal))
    return kernel.state.offset_db[0]


def law_db(level_db, threshold_db: float, ratio: float, range_db: float):
    over = np.maximum(0, np.asarray(level_db, float) - threshold_db)
    return np.sign(range_db) * np.minimum(abs(range_db), (1 - 1 / ratio) * over)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("frequency_hz", [40, 100, 1000, 5000, 8000, 12000])
def test_static_curve_of_a_bell_s_own_detector(frequency_hz, rate):
    """A sine at the band's frequency, also where every period has the same few samples."""
    values = band(frequency_hz=frequency_hz, threshold_db=-40, ratio=3, range_db=-12, release_ms=150)
    for level_db in (-60, -41, -39, -35, -30, -24, -12, -3):
        wanted = law_db(level_db, -40, 3, -12)
        assert settled_db(values, sine(frequency_hz, 1, level_db, rate), rate) == pytest.approx(wanted, abs=0.1), level_db


@pytest.mark.parametrize(("kind", "frequency_hz", "heard_hz"), [("low_shelf", 400, 100), ("low_shelf", 4000, 100), ("high_shelf", 1000, 8000), ("high_shelf", 5000, 18000)])
def test_static_curve_of_a_shelf_s_own_detector(kind, frequency_hz, heard_hz):
    """In its shelf a shelf hears everything as loud as it is: the filter's own loss, which scipy could tell, is taken off."""
    values = band(type=kind, q=0.7, frequency_hz=frequency_hz, threshold_db=-40, ratio=3, range_db=12, release_ms=150)
    s = 1j * np.tan(np.pi * heard_hz / RATE) / np.tan(np.pi * frequency_hz / RATE)
    loss_db = 20 * np.log10(abs((1 if kind == "low_shelf" else s * s) / (s * s + s / 0.7 + 1)))
    for level_db in (-60, -35, -20, -6):
        wanted = law_db(level_db + loss_db, -40, 3, 12)
        assert settled_db(values, sine(heard_hz, 1, level_db)) == pytest.approx(wanted, abs=0.1), level_db


@pytest.mark.parametrize("frequency_hz", [100, 997, 9001])
def test_static_curve_of_the_wide_detector(frequency_hz):
    values = band(detector="wide", frequency_hz=3000, threshold_db=-40, ratio=2, range_db=-18, release_ms=150)
    for level_db in (-60, -35, -20, -6):
        wanted = law_db(level_db, -40, 2, -18)
        assert settled_db(values, sine(frequency_hz, 1, level_db)) == pytest.approx(wanted, abs=0.1), level_db


@pytest.mark.parametrize("q", [0.5, 1, 4])
@pytest.mark.parametrize("octaves", [-3, -1, 0.5, 2])
def test_own_detector_hears_the_band_pass(q, octaves):
    """Away from its frequency a tone counts by as much as the band-pass leaves of it; the ripple of the mean adds a little."""
    frequency_hz = 1000.0
    heard_hz = frequency_hz * 2**octaves
    values = band(q=q, frequency_hz=frequency_hz, threshold_db=-60, ratio=20, range_db=-24, release_ms=300)
    s = 1j * np.tan(np.pi * heard_hz / RATE) / np.tan(np.pi * frequency_hz / RATE)
    loss_db = 20 * np.log10(abs((s / q) / (s * s + s / q + 1)))
    level_db = -45 - loss_db
    found = settled_db(values, sine(heard_hz, 1, level_db))
    print(q, octaves, found - law_db(-45, -60, 20, -24))
    assert found == pytest.approx(law_db(-45, -60, 20, -24), abs=1.5)


@pytest.mark.parametrize("range_db", [-24, -6, 0.5, 3, 12, 24])
def test_range_is_the_most_and_gives_the_direction(range_db):
    values = band(frequency_hz=1000, threshold_db=-60, ratio=20, range_db=range_db, attack_ms=5)
    assert settled_db(values, sine(1000, 1, -1)) == pytest.approx(range_db, abs=1e-6)


@pytest.mark.parametrize("ratio", [1, 1.5, 2, 4, 20])
def test_ratio_is_the_share_of_what_is_over(ratio):
    values = band(frequency_hz=1000, threshold_db=-30, ratio=ratio, range_db=-24)
    assert settled_db(values, sine(1000, 1, -15)) == pytest.approx(-15 * (1 - 1 / ratio), abs=0.1)


@pytest.mark.parametrize(("gain_db", "range_db"), [(0, -9), (0, 9), (6, -12), (-4, 8)])
@pytest.mark.parametrize("kind", ["bell", "low_shelf", "high_shelf"])
def test_what_is_heard_is_gain_plus_offset(kind, gain_db, range_db):
    """The tone that moves the band is changed by what the analog band of gain + offset does to it, within 0.1 dB."""
    from instruments.analog import ONE_BAND, db, response

    frequency_hz, heard_hz = 1000, {"bell": 1000, "low_shelf": 300, "high_shelf": 4000}[kind]
    kernel = Kernel("eq", RATE, band(type=kind, q=0.7, frequency_hz=frequency_hz, gain_db=gain_db, threshold_db=-30, ratio=3, range_db=range_db))
    tone = sine(heard_hz, 2, -20)
    out = kernel(stereo(tone))[RATE:, 0]
    change_db = 10 * np.log10(np.mean(out**2) / np.mean(tone[RATE:] ** 2))
    offset_db = kernel.state.offset_db[0]
    assert abs(offset_db) > 1
    wanted = db(response(ONE_BAND[kind](gain_db + offset_db, 0.7), frequency_hz, np.array([float(heard_hz)])))[0]
    assert change_db == pytest.approx(wanted, abs=0.1)


def offsets(values: dict, signal: np.ndarray, rate: float = RATE, block: int = 16) -> np.ndarray:
    """The offset after every block."""
    kernel, found = Kernel("eq", rate, values), []
    for at in range(0, len(signal) - block + 1, block):
        kernel(signal[at : at + block])
        found.append(kernel.state.offset_db[0])
    return np.array(found)


def heard_offsets(values: dict, before: np.ndarray, after: np.ndarray, rate: float) -> np.ndarray:
    """Offset in dB at every frame after a step, by the level a probe takes: band 1 is on the left lane's detector but works on both."""
    return offsets(values, np.concatenate([before, after]), rate, 1)[len(before) :]


@pytest.mark.parametrize("rate", [44100, 48000, 192000])
@pytest.mark.parametrize("detector", ["own", "wide"])
@pytest.mark.parametrize("attack_ms", [0.5, 2, 10, 100, 500])
def test_attack_covers_63_percent_in_its_time(attack_ms, detector, rate):
    values = band(frequency_hz=5000, detector=detector, threshold_db=-30, ratio=4, range_db=-24, attack_ms=attack_ms, release_ms=1250)
    before, after = stereo(sine(5000, 0.2, -60, rate)), stereo(sine(5000, 0.01 + 0.006 * attack_ms, -10, rate))
    trace = heard_offsets(values, before, after, rate)
    took_ms = 1000 * np.argmax(trace <= -15 * (1 - np.exp(-1))) / rate
    print(attack_ms, rate, took_ms)
    assert abs(took_ms - attack_ms) <= max(0.1 * attack_ms, 0.5)


@pytest.mark.parametrize("rate", [44100, 192000])
@pytest.mark.parametrize(("attack_ms", "release_ms"), [(1, 5), (10, 20), (0.5, 100), (100, 100), (20, 1000)])
def test_release_covers_63_percent_in_its_time(attack_ms, release_ms, rate):
    values = band(frequency_hz=5000, threshold_db=-30, ratio=4, range_db=-24, attack_ms=attack_ms, release_ms=release_ms)
    seconds = 0.05 + 0.008 * attack_ms
    before, after = stereo(sine(5000, seconds, -10, rate)), stereo(sine(5000, 0.01 + 0.002 * release_ms, -60, rate))
    trace = heard_offsets(values, before, after, rate)
    took_ms = 1000 * np.argmax(trace >= trace[0] * np.exp(-1)) / rate
    print(release_ms, rate, took_ms)
    assert abs(took_ms - release_ms) <= max(0.1 * release_ms, 0.5)
