"""The leveller: where it brings the loudness, how fast, and when it stays away."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.kernel import Kernel
from instruments.loudness_meter import bins, integrated, lufs, windows
from instruments.programme import pink
from instruments.signals import noise
from instruments.spectrum import residual_above_db

from masterd.native import ffi, lib

ON = {"agc.on": True}
TICK_S = 0.1


def recalled(values: dict, bass_db: float, master_db: float, rate: float = 48000) -> Kernel:
    kernel = Kernel("agc", rate, ON | values)
    lib.agc_recall(kernel.state, ffi.new("double[2]", [bass_db, master_db]))
    return kernel


def run(kernel: Kernel, signal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The output, and the applied gains of bass and master after every 100 ms."""
    step = round(TICK_S * kernel.format.sample_rate_hz)
    out, gains = [], []
    for at in range(0, len(signal), step):
        out.append(kernel(signal[at : at + step], [512] * step))
        gains.append(list(kernel.state.applied_db))
    return np.concatenate(out), np.array(gains)


def loudness(signal: np.ndarray, rate: float = 48000) -> float:
    return float(lufs(bins(signal, rate).mean()))


@pytest.mark.parametrize("rate", [44100, 48000, 96000, 192000])
@pytest.mark.parametrize("coupling", [0, 75, 100])
def test_pink_noise_comes_to_the_target(rate, coupling):
    signal = pink(11, -25, rate)
    out, _ = run(Kernel("agc", rate, ON | {"agc.window_db": 0, "agc.bass_coupling_percent": coupling}), signal)
    found = loudness(out[-5 * rate :], rate)
    print(found)
    assert found == pytest.approx(-20, abs=0.1)


@pytest.mark.parametrize("rates_db_per_s", [(3, 1.5), (1, 1), (6, 6), (20, 20), (3, 0.5)], ids=str)
@pytest.mark.parametrize("step_db", [10, -10])
def test_a_step_is_met_in_the_time_of_the_way_and_a_fifth(rates_db_per_s, step_db):
    """Pink noise, 10 dB up or down; then the loudness of 400 ms, and never again outside."""
    attack, release = rates_db_per_s
    rate_db_per_s = attack if step_db > 0 else release
    settle, allowed = 12, 1.2 * 10 / rate_db_per_s
    values = ON | {"agc.attack_db_per_s": attack, "agc.release_db_per_s": release, "agc.range_db": 24}
    signal = pink(settle + allowed + 6, -23)
    signal[: settle * 48000] *= 10 ** (-step_db / 20)
    kernel = recalled(values, step_db, step_db)
    out, _ = run(kernel, signal)
    after = bins(out, 48000)[round((settle + allowed) * 100) :]
    before = bins(out, 48000)[(settle - 2) * 100 : settle * 100]
    assert float(lufs(before.mean())) == pytest.approx(-20, abs=1.5)
    found = lufs(windows(after, 40))
    print(step_db, found.min(), found.max())
    assert np.abs(found + 20).max() <= 1.5


@pytest.mark.parametrize("rate_db_per_s", [0.5, 3, 20])
def test_no_gain_moves_faster_than_its_rate(rate_db_per_s):
    signal = pink(12, -12)
    signal[6 * 48000 :] *= 0.1
    kernel = Kernel("agc", values=ON | {"agc.attack_db_per_s": rate_db_per_s, "agc.release_db_per_s": rate_db_per_s / 2})
    _, gains = run(kernel, signal)
    moved = np.diff(gains[:, 1]) / TICK_S
    assert moved.min() == pytest.approx(-rate_db_per_s, rel=1e-6)
    assert moved.max() <= rate_db_per_s / 2 * (1 + 1e-6)
    assert np.abs(np.diff(gains[:, 0])).max() <= (rate_db_per_s + 1e-6) * TICK_S


@pytest.mark.parametrize("platform_drift", [(0, 0), (-10, 0.1), (6, 0.1)], ids=str)
def test_the_gate_freezes_and_drifts_as_stated(platform_drift):
    """30 s at -60 dBFS: the gain leaves by the stated drift and nothing else."""
    platform_db, drift_db_per_s = platform_drift
    signal = pink(44, -26)
    signal[12 * 48000 : 42 * 48000] *= 10 ** (-34 / 20)
    values = ON | {"agc.platform_db": platform_db, "agc.drift_db_per_s": drift_db_per_s}
    kernel = Kernel("agc", values=values)
    _, before = run(kernel, signal[: 12 * 48000])
    _, during = run(kernel, signal[12 * 48000 : 42 * 48000])
    assert kernel.state.frozen
    way_db = np.clip(platform_db - before[-1], -29 * drift_db_per_s, 29 * drift_db_per_s)
    found = during[-1] - before[-1]
    print(found, way_db)
    assert np.abs(found - way_db).max() < 0.5
    assert np.ptp(during[10:, 1]) <= 30 * drift_db_per_s + 1e-9
    _, after = run(kernel, signal[42 * 48000 :])
    assert not kernel.state.frozen
    assert np.abs(np.diff(after[:, 1])).max() <= 3 * TICK_S + 1e-9


def test_drift_ends_at_the_platform():
    kernel = recalled({"agc.platform_db": -4, "agc.drift_db_per_s": 1}, 5, 5)
    _, gains = run(kernel, np.zeros((12 * 48000, 2)))
    assert gains[-1] == pytest.approx([-4, -4], abs=1e-9)
    assert gains[9, 1] == 5  # a pause of a second moves nothing
    assert np.diff(gains[12:90, 1]) == pytest.approx(-0.1, abs=1e-9)


def test_what_the_gate_holds_off_is_not_measured():
    """After three seconds of silence the gain is still right: the level has not learnt the silence."""
    signal = pink(20, -26)
    signal[10 * 48000 : 13 * 48000] = 0
    _, gains = run(Kernel("agc", values=ON | {"agc.drift_db_per_s": 0}), signal)
    found = np.ptp(gains[98:, 1])
    print(found)
    assert found < 0.5


@pytest.mark.parametrize("period_s", [1, 5, 10, 20, 60])
def test_inside_the_window_it_hardly_moves(period_s):
    """A wobble of +-1 dB round the target, at the defaults: under 0.1 dB/s."""
    signal = pink(40, -26)
    signal *= 10 ** ((-20 - loudness(signal)) / 20)
    n = np.arange(len(signal))
    signal *= 10 ** (np.sin(2 * np.pi * n / 48000 / period_s) / 20)[:, None]
    _, gains = run(Kernel("agc", values=ON), signal)
    fastest = np.abs(np.diff(gains, axis=0)).max() / TICK_S
    print(fastest)
    assert fastest < 0.1


@pytest.mark.parametrize("level_db", [-44, -2])
@pytest.mark.parametrize("range_db", [0, 6, 24])
def test_the_range_bounds_it(level_db, range_db):
    values = ON | {"agc.range_db": range_db, "agc.gate_lufs": -60, "agc.attack_db_per_s": 20, "agc.release_db_per_s": 20}
    signal = pink(5, level_db)
    _, gains = run(Kernel("agc", values=values), signal)
    assert np.abs(gains).max() <= range_db
    assert gains[-1, 1] == pytest.approx(np.clip(-20 - loudness(signal), -range_db, range_db), abs=0.5)


def test_a_narrower_range_is_walked_to():
    kernel = Kernel("agc", values=ON)
    run(kernel, pink(12, -36))
    assert kernel.state.gain_db[1] == pytest.approx(12, abs=0.1)
    kernel.set({"agc.range_db": 3})
    _, gains = run(kernel, pink(6, -36))
    assert -np.diff(gains[:, 1]).min() <= 3 * TICK_S + 1e-9
    assert gains[-1, 1] == pytest.approx(3)


def test_switching_on_starts_at_0_db():
    """30 dB below the target: no jump, neither of the gain nor of the sound."""
    kernel, signal = Kernel("agc"), pink(3, -36)
    kernel(signal)
    kernel.set(ON)
    out, gains = run(kernel, signal)
    assert np.array_equal(out[:19200], signal[:19200])
    assert np.diff(gains[:, 1]).max() <= 0.15 + 1e-9
    assert np.abs(20 * np.log10(np.abs(out[:24000]) / np.abs(signal[:24000]))).max() < 0.3


def test_off_is_every_bit_and_fades_there():
    kernel, signal = recalled({"agc.bass_coupling_percent": 100}, 3, -8), pink(1, -30)
    kernel(signal)
    start = kernel.state.path[0]
    kernel.set({"agc.on": False}, 900)
    out = kernel(signal)
    assert np.array_equal(out[900:], signal[900:])
    gain = (out / signal)[:900, 0]
    assert gain == pytest.approx(start + (1 - start) * np.arange(1, 901) / 900, abs=1e-9)
    assert list(kernel.state.gain_db) == [0, 0]


def test_on_again_during_the_fade_does_not_jump():
    kernel, tone = recalled({}, -10, -10), 0.05 * np.ones((48000, 2))
    tone *= np.sin(2 * np.pi * 1000 / 48000 * np.arange(48000))[:, None]
    kernel(tone)
    kernel.set({"agc.on": False}, 2000)
    first = kernel(tone[:1000])
    kernel.set(ON, 2000)
    out = np.concatenate([first, kernel(tone[1000:])])
    peaks = np.abs(out[:, 0]).reshape(-1, 48).max(axis=1) / 0.05
    assert np.abs(np.diff(peaks)).max() < 0.03
    assert peaks[45:70] == pytest.approx(1, abs=0.01)


def test_recall_starts_where_it_left():
    signal = pink(24, -30)
    left = Kernel("agc", values=ON)
    run(left, signal)
    saved = list(left.state.gain_db)
    back = recalled({}, *saved)
    out, gains = run(back, signal)
    assert saved[1] == pytest.approx(6.2, abs=1)
    assert np.abs(gains - left.state.applied_db[1]).max() < 0.5
    assert loudness(out[:48000]) == pytest.approx(loudness(left(signal[:48000])), abs=0.3)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1e9])
def test_recall_refuses_what_is_no_gain(bad):
    kernel = recalled({}, bad, 99)
    kernel(noise(0.05))
    assert list(kernel.state.gain_db) == [0, 12]


@pytest.mark.parametrize("rate", [44100, 48000, 96000, 192000])
@pytest.mark.parametrize("gains", [(0, 0), (6, -6), (-10, 2), (12, 12), (24, -24)], ids=str)
@pytest.mark.parametrize("crossover_hz", [80, 200, 400])
def test_the_bands_add_in_power(rate, gains, crossover_hz):
    """|y/x|^2 against the closed form, from an impulse into a frozen leveller: with equal gains every bit, else 1e-9 dB."""
    values = {"agc.crossover_hz": crossover_hz, "agc.range_db": 24, "agc.bass_coupling_percent": 0, "agc.drift_db_per_s": 0}
    impulse = np.zeros((rate, 2))
    impulse[0] = 0.001
    out = recalled(values, *gains, rate)(impulse)
    bass, master = (10 ** (gain / 20) for gain in gains)
    if bass == master:
        assert np.array_equal(out[1:], impulse[1:])
        assert out[0] == pytest.approx(impulse[0] * bass, rel=1e-12)
    hz = np.fft.rfftfreq(rate, 1 / rate)[:-1]
    w8 = (np.tan(np.pi * hz / rate) / np.tan(np.pi * crossover_hz / rate)) ** 8
    wanted = 10 * np.log10((bass**2 + master**2 * w8) / (1 + w8))
    got = 20 * np.log10(np.abs(np.fft.rfft(out[:, 0]) / 0.001))[:-1]
    error = np.abs(got - wanted).max()
    print(error)
    assert error < 1e-8
    assert np.diff(got).max() < 1e-8 or np.diff(got).min() > -1e-8  # monotonic: no ripple


def test_coupling_holds_the_bass_to_the_master():
    """Bass-heavy programme: uncoupled the bass has its own gain, coupled by 75 % it has a quarter of that freedom."""
    signal = pink(14, -30)
    spectrum = np.fft.rfft(signal, axis=0)
    spectrum[np.fft.rfftfreq(len(signal), 1 / 48000) < 150] *= 2
    signal = np.fft.irfft(spectrum, len(signal), axis=0)
    apart = {}
    for coupling in (0, 75, 100):
        kernel = Kernel("agc", values=ON | {"agc.bass_coupling_percent": coupling, "agc.window_db": 0})
        out, gains = run(kernel, signal)
        apart[coupling] = gains[-1, 1] - gains[-1, 0]
        assert loudness(out[-4 * 48000 :]) == pytest.approx(-20, abs=0.15)
    print(apart)
    assert apart[0] > 4
    assert apart[75] == pytest.approx(apart[0] / 4, abs=0.35)
    assert apart[100] == pytest.approx(0, abs=1e-9)


def test_a_programme_without_bass_keeps_its_rumble_where_it_is():
    n = np.arange(12 * 48000)
    speech = 0.05 * np.sin(2 * np.pi * 1000 / 48000 * n) + 0.0003 * np.sin(2 * np.pi * 50 / 48000 * n)
    kernel = Kernel("agc", values=ON | {"agc.bass_coupling_percent": 0})
    _, gains = run(kernel, np.stack([speech, speech], axis=1))
    assert gains[-1, 0] == pytest.approx(gains[-1, 1], abs=0.2)


def test_both_channels_have_one_gain():
    signal = pink(6, -30)
    tenth = np.stack([signal[:, 0], 0.1 * signal[:, 0]], axis=1)
    both = Kernel("agc", values=ON)(tenth)
    assert np.allclose(both[:, 1], 0.1 * both[:, 0], rtol=0, atol=1e-12)


def test_moving_gains_make_no_zipper():
    """200 Hz while the gain falls by 20 dB/s: nothing but the tone's own skirt above 4 kHz."""
    tone = 0.3 * np.sin(2 * np.pi * 200 / 48000 * np.arange(2 * 48000))
    kernel = Kernel("agc", values=ON | {"agc.attack_db_per_s": 20, "agc.target_lufs": -30, "agc.range_db": 24})
    out, gains = run(kernel, np.stack([tone, tone], axis=1))
    assert gains[-1, 1] < -10
    found = residual_above_db(out[:, 0], 4000)
    print(found)
    assert found <= -100


def test_reading_of_the_level():
    signal = pink(8, -26)
    kernel = Kernel("agc", values=ON)
    run(kernel, signal)
    assert kernel.state.level_lufs == pytest.approx(loudness(signal[-3 * 48000 :]), abs=0.02)
    assert integrated(bins(signal, 48000)) == pytest.approx(kernel.state.level_lufs, abs=0.3)


def travelling(blocks: list[int], kernel: Kernel | None = None) -> np.ndarray:
    """Pauses, steps and turns of parameters, all while the gains move."""
    signal = pink(5, -32)
    signal[round(2.2 * 48000) : 3 * 48000] *= 0.001
    kernel = kernel or Kernel("agc", values=ON | {"agc.release_db_per_s": 10, "agc.bass_coupling_percent": 20})
    turns = iter([{"agc.crossover_hz": 90}, {"agc.target_lufs": -10}, {"agc.on": False}, ON | {"agc.platform_db": 3}, {}])
    parts = []
    for at in range(0, len(signal), 48000):
        parts.append(kernel(signal[at : at + 48000], blocks))
        kernel.set(next(turns))
    out = np.concatenate(parts)
    assert not np.allclose(out[3 * 48000 :], signal[3 * 48000 :], rtol=0.1)
    return out


@pytest.mark.parametrize("block", [7, 64, 1024, "random"])
def test_moving_gains_do_not_know_the_block_size(block):
    random = np.random.default_rng(6).integers(1, 900, 48000).tolist()
    assert np.array_equal(travelling(random if block == "random" else [block] * 48000), travelling([]))


def test_reset_forgets_every_gain():
    values = ON | {"agc.release_db_per_s": 10, "agc.bass_coupling_percent": 20}
    used = Kernel("agc", values=values)
    run(used, pink(3, -36))
    used.reset()
    assert np.array_equal(travelling([], used), travelling([]))


@pytest.mark.parametrize("poison", [np.nan, np.inf, 1e300, 1e30])
def test_poison_moves_no_gain(poison):
    """One bad frame each second: the gain stays within what the programme asks for, the sound returns at once."""
    signal = pink(12, -26)
    clean = Kernel("agc", values=ON)
    expected, gains = run(clean, signal)
    bad = signal.copy()
    bad[48000 * np.arange(1, 12) + 17] = poison
    with np.errstate(all="ignore"):
        out, found = run(Kernel("agc", values=ON), bad)
    print(np.abs(found - gains).max())
    assert np.abs(found - gains).max() < 0.2
    after = np.ones(len(signal), bool)
    for second in range(1, 12):
        after[second * 48000 : second * 48000 + 2400] = False
    error = np.abs(out - expected)[after].max() / np.abs(expected).max()
    print(error)
    assert error < 0.02
