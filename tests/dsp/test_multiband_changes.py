"""What moves in the multiband must not click; off is the programme itself; nothing bad stays."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.automation import automated, random_moves, residual_of_moves_db
from instruments.distortion import thd_n_db
from instruments.kernel import Kernel
from instruments.signals import noise, sine, stereo

from masterd.native import ffi

BANDS = range(1, 7)


def named(values: dict) -> dict:
    return {f"multiband.{name}": value for name, value in values.items()}


def all_bands(**values) -> dict:
    return {f"{band}.{name}": value for band in BANDS for name, value in values.items()}


BASE = {"on": True, **all_bands(threshold_db=-30, ratio=3, knee_db=6, attack_ms=20, release_ms=300)}


def multiband(rate: float = 48000, **values) -> Kernel:
    return Kernel("multiband", rate, named(BASE | values))


CONTINUOUS = {
    "crossover": ({}, {"crossover_2_hz": 500}),
    "crossover by two octaves": ({}, {"crossover_3_hz": 6400, "crossover_4_hz": 12000}),
    "all crossovers": ({}, {f"crossover_{i}_hz": hz for i, hz in enumerate((200, 800, 3000, 9000), 1)}),
    "coupling": ({}, {"coupling_percent": 100, "2.threshold_db": -60}),
    "link": ({"link_percent": 100}, {"link_percent": 0}),
    "mix": ({}, {"mix_percent": 0}),
    "threshold": ({}, all_bands(threshold_db=-45)),
    "ratio": ({}, all_bands(ratio=100)),
    "knee": ({}, all_bands(knee_db=24)),
    "attack": ({}, all_bands(attack_ms=200)),
    "release": ({}, all_bands(release_ms=2000)),
    "auto release": ({}, all_bands(auto_release=True)),
    "range": ({}, all_bands(range_db=2)),
    "gain": ({}, all_bands(gain_db=-6)),
    "gain by 24 dB": ({"3.gain_db": -12}, {"3.gain_db": 12}),
    "band on": ({}, {"3.on": False}),
    "limit": ({}, {"3.limit": True, "3.limit_db": -20}),
    "solo": ({}, {"3.solo": True}),
    "mute": ({}, {"3.mute": True}),
    "on": ({}, {"on": False}),
}
TOPOLOGY = {
    "5 to 2 bands": ({}, {"bands": "2"}),
    "2 to 6 bands": ({"bands": "2"}, {"bands": "6"}),
    "3 to 4 bands": ({"bands": "3"}, {"bands": "4"}),
    "slope": ({}, {"slope_db_per_oct": "48"}),
    "bands, slope and crossovers": ({}, {"bands": "3", "slope_db_per_oct": "48", "crossover_1_hz": 600}),
}


def residual_of_move_db(before: dict, after: dict, ramp_frames: int = 960) -> tuple[float, float]:
    """There and back, as residual_of_moves_db has it."""
    defaults = Kernel("multiband").values
    back = {name: (BASE | before).get(name, defaults[f"multiband.{name}"]) for name in after}
    return residual_of_moves_db(multiband(**before), (named(after), named(back)), ramp_frames)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_no_move_clicks(name):
    """Every parameter over the default 20 ms: at most -100 dB above 5 kHz beside a 1 kHz sine."""
    moving, rest = residual_of_move_db(*CONTINUOUS[name])
    print(f"{name}: {moving:.1f} dB moving, {rest:.1f} dB at rest")
    assert moving <= -100


@pytest.mark.parametrize("name", TOPOLOGY)
def test_no_change_of_bands_clicks(name):
    """At most -70 dB is asked."""
    moving, rest = residual_of_move_db(*TOPOLOGY[name])
    print(f"{name}: {moving:.1f} dB moving, {rest:.1f} dB at rest")
    assert moving <= -100


def test_the_click_meter_sees_a_click():
    moving, rest = residual_of_move_db(*CONTINUOUS["gain"], ramp_frames=0)
    assert rest < -105
    assert moving > -70


def test_the_level_stays_while_bands_change():
    """New bands start with the old ones' reductions, here 12 dB: the fade is not louder than the old and the new bands, both
    settled, by 0.5 dB, nor softer by 2 dB, what the phase between two all-passes takes away.
    Times are long, to hide no start from nothing.
    """
    tone = stereo(sine(1000, 1, -8))
    kernel = multiband(**all_bands(threshold_db=-26, ratio=100, range_db=12, release_ms=5000, attack_ms=200))
    for bands in ("2", "6", "4"):
        kernel(tone), kernel(tone)
        before = kernel(tone)[-240:, 0]
        kernel.set(named({"bands": bands}), 960)
        run = np.concatenate([before, kernel(tone)[:, 0], kernel(tone)[:, 0]]).reshape(-1, 240)
        level_db = 10 * np.log10(np.mean(run**2, axis=1))
        print(bands, level_db[0], level_db[:20].min(), level_db[:20].max(), level_db[-1])
        assert level_db.max() <= max(level_db[0], level_db[-1]) + 0.5
        assert level_db.min() >= min(level_db[0], level_db[-1]) - 2


@pytest.mark.parametrize("rate", [44100, 192000])
def test_off_is_the_programme_bit_for_bit(rate):
    signal = noise(0.2, 0, rate)
    assert np.array_equal(multiband(rate, on=False)(signal), signal)
    kernel = multiband(rate)
    assert not np.array_equal(kernel(signal), signal)
    kernel.set(named({"on": False}))
    assert np.array_equal(kernel(signal)[1000:], signal[1000:])
    kernel.set(named({"bands": "3", "1.gain_db": 5}))
    assert np.array_equal(kernel(signal), signal)
    kernel.set(named({"on": True}))
    again = kernel(signal)
    assert np.abs(again[1000:] - signal[1000:]).max() > 0.1


def test_what_is_set_during_a_fade_arrives():
    """Other bands twice within one fade: at the end it is what was set last."""
    signal = noise(1, -6)
    kernel = multiband()
    kernel(signal[:10000])
    for at, bands in ((0, "2"), (300, "6"), (600, "3")):
        kernel.set(named({"bands": bands, "1.gain_db": int(bands)}), 1000)
        kernel(signal[10000 + at : 10300 + at])
    out = kernel(signal[10900:])
    straight = multiband(bands="3", **{"1.gain_db": 3})(signal)
    assert kernel.state.now.bands == 3
    assert np.abs(out[-4800:] - straight[-4800:]).max() < 1e-4


def run(blocks: list[int], signal: np.ndarray, seed: int) -> np.ndarray:
    pairs = list((CONTINUOUS | TOPOLOGY).values())

    def choose(random: np.random.Generator) -> dict:
        before, after = pairs[random.integers(len(pairs))]
        return named(after if random.random() < 0.6 else BASE | before)

    return automated(multiband(), signal, random_moves(seed, len(signal), choose), blocks)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_automation_gives_the_same_bits_in_any_block(seed):
    signal = noise(0.4, 0)
    whole = run([], signal, seed)
    for blocks in ([1] * len(signal), [7] * len(signal), [64] * len(signal)):
        assert np.array_equal(whole, run(blocks, signal, seed))
    assert np.isfinite(whole).all()
    assert np.abs(whole).max() <= 10 ** ((24 + 12) / 20)


def memory(kernel: Kernel) -> np.ndarray:
    """Every number that the bands remember."""
    split = ffi.addressof(kernel.state, "now")
    numbers = ffi.buffer(
        ffi.addressof(split, "filters"), ffi.sizeof("multiband_split") - ffi.offsetof("multiband_split", "filters")
    )
    return np.frombuffer(bytes(numbers))


@pytest.mark.parametrize("slope", ["24", "48"])
def test_silence_leaves_no_denormal(slope):
    """A minute of silence after noise: every remembered number is 0 or an ordinary one, without flush-to-zero."""
    kernel = multiband(
        slope_db_per_oct=slope, bands="6", crossover_1_hz=20, **all_bands(limit=True, limit_db=-40, auto_release=True)
    )
    kernel(noise(0.3, 0))
    assert np.abs(memory(kernel)).max() > 1e-3
    out = kernel(np.zeros((60 * 48000, 2)))
    numbers = np.abs(memory(kernel))
    assert ((numbers == 0) | (numbers > 1e-250)).all()
    assert not out[-48000:].any()


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf, 1e300, 1e200])
@pytest.mark.parametrize("slope", ["24", "48"])
def test_poison_leaves_with_its_block(poison, slope):
    """Also when it comes while bands fade."""
    signal = noise(0.6, -6)
    for change in ({}, {"bands": "3"}):
        kernel = multiband(slope_db_per_oct=slope)
        kernel(signal[:9600], [64] * 200)
        kernel.set(named(change))
        hit = signal[9600:9664].copy()
        hit[20] = poison
        with np.errstate(all="ignore"):
            kernel(hit)
        out = kernel(signal[9664:], [64] * 1000)
        assert np.isfinite(out).all()
        clean = multiband(slope_db_per_oct=slope, **change)(signal)
        assert np.abs(out[-4800:] - clean[-4800:]).max() < 1e-3


@pytest.mark.parametrize("rate", [44100, 48000, 96000, 192000])
def test_gain_alone_distorts_nothing(rate):
    """997 Hz at -1 dBFS through five bands at unity with 0.1 dB of gain: at most -140 dB."""
    out = multiband(rate, **all_bands(ratio=1, gain_db=0.1))(stereo(sine(997, 2, -1, rate)))[-rate:, 0]
    assert np.abs(out).max() == pytest.approx(10 ** (-0.9 / 20), rel=1e-3)
    assert thd_n_db(out, 997, rate) <= -140


@pytest.mark.parametrize(("frequency", "limit"), [(100, -65), (1000, -100)])
def test_distortion_at_6_db_over(frequency, limit):
    """As the compressor's: ratio 4, 10/100 ms, hard knee, peak level 6 dB over the threshold of its band."""
    values = all_bands(threshold_db=-20, ratio=4, knee_db=0, attack_ms=10, release_ms=100)
    out = multiband(crossover_1_hz=300, crossover_2_hz=500, **values)(stereo(sine(frequency, 3, -14)))[-48000:, 0]
    assert thd_n_db(out, frequency, 48000) <= limit
