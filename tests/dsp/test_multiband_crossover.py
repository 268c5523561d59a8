"""The multiband's crossover: flat, steep, isolated, complementary at any mix, and in order whatever is set."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.kernel import Kernel
from instruments.multiband import bands as cut, through_all_passes
from instruments.signals import impulse, noise

RATES = (44100, 48000, 88200, 96000, 176400, 192000)
COUNTS = (2, 3, 4, 5, 6)
SLOPES = (24, 48)
EDGES_HZ = (100, 420, 1600, 6200, 12000)
FRAMES = 1 << 17


def at_unity(count: int, slope: int, rate: float = 48000, **values) -> Kernel:
    """All bands at 0 dB: compressors on, at ratio 1."""
    unity = {f"multiband.{band}.ratio": 1 for band in range(1, 7)}
    shape = {"multiband.on": True, "multiband.bands": str(count), "multiband.slope_db_per_oct": str(slope)}
    return Kernel("multiband", rate, shape | unity | {f"multiband.{name}": value for name, value in values.items()})


def edges(values: tuple[float, ...]) -> dict:
    return {f"crossover_{i}_hz": hz for i, hz in enumerate(values, 1)}


def response_db(kernel: Kernel, frames: int = FRAMES) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return 20 * np.log10(np.abs(np.fft.rfft(kernel(impulse(frames))[:, 0])))


def at_hz(response: np.ndarray, hz: float, rate: float = 48000) -> float:
    frequencies = np.arange(len(response)) * rate / FRAMES
    return float(np.interp(hz, frequencies, response))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("count", COUNTS)
def test_all_bands_at_0_db_sum_flat(count, slope, rate):
    """At most 0.001 dB peak to peak is asked; 1e-9 dB is what it must be."""
    assert np.ptp(response_db(at_unity(count, slope, rate))) <= 1e-9


@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("set_hz", [(20, 25, 31, 40, 50), (60, 150, 400, 1200, 5000), (8000, 10000, 12500, 16000, 20000)])
def test_sums_flat_at_the_edges_of_the_ranges(set_hz, slope):
    for rate in (44100, 192000):
        assert np.ptp(response_db(at_unity(6, slope, rate, **edges(set_hz)), 1 << 19)) <= 1e-8


@pytest.mark.parametrize("rate", [44100, 48000, 96000, 192000])
@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("count", COUNTS)
def test_nulls_against_the_all_passes(count, slope, rate):
    """Noise through all bands at unity, against the all-passes of scipy's Butterworth: at most -140 dBFS of difference."""
    signal = noise(0.5, -1, rate)
    wanted = through_all_passes(signal, EDGES_HZ[: count - 1], slope, rate)
    assert np.abs(wanted - signal).max() > 0.1
    assert 20 * np.log10(np.abs(at_unity(count, slope, rate)(signal) - wanted).max()) <= -200


@pytest.mark.parametrize("rate", [44100, 192000])
@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("count", COUNTS)
def test_each_band_is_that_of_the_tree(count, slope, rate):
    """Every band on solo, against low-passes, high-passes and all-passes written out."""
    signal = noise(0.3, -1, rate)
    wanted = cut(signal, EDGES_HZ[: count - 1], slope, rate)
    for band in range(count):
        out = at_unity(count, slope, rate, **{f"{band + 1}.solo": True})(signal)
        assert np.abs(wanted[band]).max() > 1e-3
        assert 20 * np.log10(np.abs(out - wanted[band]).max()) <= -200


@pytest.mark.parametrize("rate", [48000, 96000])
@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("hz", [100, 420, 1600])
def test_slope(hz, slope, rate):
    """-6.02 dB at the crossover, and the slope per octave two to three octaves out."""
    for band, outwards in ((1, 2.0), (2, 0.5)):
        response = response_db(at_unity(2, slope, rate, crossover_1_hz=hz, **{f"{band}.solo": True}))
        near, far = (at_hz(response, hz * outwards**octaves, rate) for octaves in (2, 3))
        print(f"corner {at_hz(response, hz, rate) + 6.0206:+.5f} dB, slope {far - near + slope:+.3f} dB/oct")
        assert at_hz(response, hz, rate) == pytest.approx(-6.0206, abs=0.02)
        if hz * outwards**3 < rate / 16:  # higher up the bilinear transform bends the axis
            assert far - near == pytest.approx(-slope, abs=0.5)


@pytest.mark.parametrize("rate", [48000, 96000])
@pytest.mark.parametrize(("slope", "depth"), [(24, 45), (48, 90)])
@pytest.mark.parametrize(
    ("muted", "edges_hz", "low", "high"), [(1, (200, 6400), 20, 50), (2, (200, 6400), 800, 1600), (3, (200, 5000), 20000, 23000)]
)
def test_a_muted_band_leaves_a_hole(muted, edges_hz, low, high, slope, depth, rate):
    """Two octaves inside a muted band, nothing is left of it but what its neighbours let in."""
    response = response_db(at_unity(3, slope, rate, **edges(edges_hz), **{f"{muted}.mute": True}))
    hz = np.arange(len(response)) * rate / FRAMES
    inside = response[(hz >= low) & (hz <= high)]
    assert len(inside) > 30
    print(f"band {muted}, {slope} dB/oct at {rate}: {inside.max():.1f} dB")
    assert inside.max() <= -depth


@pytest.mark.parametrize(("slope", "depth"), [(24, 45), (48, 90)])
def test_a_band_on_solo_is_isolated(slope, depth):
    for band in range(1, 6):
        response = response_db(at_unity(5, slope, **{f"{band}.solo": True}))
        if band > 1:
            assert max(at_hz(response, EDGES_HZ[band - 2] / 4 / step) for step in (1, 1.5, 2)) <= -depth
        if band < 5 and EDGES_HZ[band - 1] * 4 < 22000:
            assert max(at_hz(response, min(EDGES_HZ[band - 1] * 4 * step, 23000)) for step in (1, 1.2, 1.5)) <= -depth


@pytest.mark.parametrize("mix", [0, 1, 25, 50, 75, 99, 100])
@pytest.mark.parametrize("slope", SLOPES)
def test_no_mix_has_a_comb(slope, mix):
    """Bands at unity at any mix: flat. All bands 6 dB down, half mixed: flat too, at (1 + 10^(-6/20)) / 2."""
    assert np.ptp(response_db(at_unity(5, slope, mix_percent=mix))) <= 1e-9
    down = {f"{band}.gain_db": -6 for band in range(1, 6)}
    response = response_db(at_unity(5, slope, mix_percent=mix, **down))
    assert response == pytest.approx(20 * np.log10(1 + mix / 100 * (10 ** (-6 / 20) - 1)), abs=1e-9)


@pytest.mark.parametrize("rate", [44100, 192000])
def test_crossovers_are_put_in_order_and_kept_apart(rate):
    seed = 20261123
    print("seed", seed)
    random = np.random.default_rng(seed)
    for _ in range(200):
        set_hz = np.round(np.exp(random.uniform(np.log(20), np.log(20000), 5)), 0)
        if random.random() < 0.2:
            set_hz[:] = set_hz[0]
        count = int(random.integers(2, 7))
        got = list(at_unity(count, 24, rate, **edges(set_hz)).own_coefs.crossover_hz)[: count - 1]
        assert got[0] >= 20
        assert got[-1] <= 0.46 * rate
        assert (np.diff(np.log(got)) >= np.log(1.25) - 1e-12).all()
        rising = np.sort(set_hz[: count - 1])
        if (np.diff(np.log(rising)) > np.log(1.25)).all():
            assert got == pytest.approx(rising)


def test_crossovers_out_of_order_are_the_same_bands():
    signal = noise(0.2, -3)
    gains = {f"{band}.gain_db": -3 * band for band in range(1, 6)}
    straight = at_unity(5, 24, **edges((100, 420, 1600, 6200)), **gains)(signal)
    assert np.array_equal(straight, at_unity(5, 24, **edges((1600, 100, 6200, 420)), **gains)(signal))


@pytest.mark.parametrize("slope", SLOPES)
def test_latency_is_none(slope):
    """The first frame of an impulse leaves with it."""
    assert abs(at_unity(5, slope)(impulse(100, 10))[10, 0]) > 0.05
    assert not at_unity(5, slope)(impulse(100, 10))[:10].any()
