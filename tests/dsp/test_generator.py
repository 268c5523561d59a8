"""Line-up tone and pink noise: exact, at their level, and faded in and out."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.distortion import thd_n_db
from instruments.kernel import Kernel
from instruments.signals import amplitude, noise, sine, stereo
from instruments.spectrum import residual_above_db
from scipy import signal as sp

from masterd.native import ffi

RATES = (44100, 48000, 88200, 96000, 192000)


def generator(rate: float = 48000, **values) -> Kernel:
    return Kernel("generator", rate, {f"generator.{name}": value for name, value in ({"on": True} | values).items()})


def change(kernel: Kernel, ramp_frames: int = 1000, **values) -> None:
    kernel.set({f"generator.{name}": value for name, value in values.items()}, ramp_frames)


def silence(frames: int) -> np.ndarray:
    return np.zeros((frames, 2))


# ---- tone ----


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("hz", [20, 997, 19997])
@pytest.mark.parametrize("level_dbfs", [-60, -18, 0])
def test_tone_is_the_sine(rate, hz, level_dbfs):
    """Every sample for a second, within 1e-11 of the amplitude (the frequency is a double): level, frequency and phase."""
    turns = (hz * np.arange(rate) % rate) / rate
    out = generator(rate, frequency_hz=hz, level_dbfs=level_dbfs)(silence(rate))
    assert np.array_equal(out[:, 0], out[:, 1])
    assert np.abs(out[:, 0] - amplitude(level_dbfs) * np.sin(2 * np.pi * turns)).max() < 1e-11 * amplitude(level_dbfs)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("hz", [100, 997, 10007])
def test_tone_distortion(rate, hz):
    """After an hour's worth of phase: at most -140 dB."""
    kernel = generator(rate, frequency_hz=hz, level_dbfs=-1)
    kernel.state.phase = 0x123456789ABCDEF0
    assert thd_n_db(kernel(silence(2 * rate))[:, 0], hz, rate) <= -140


def test_frequency_is_kept_over_ten_minutes():
    kernel = generator(frequency_hz=1000.1, level_dbfs=0)
    for _ in range(60):
        out = kernel(silence(480000))[-1000:, 0]
    at = 60 * 480000 - 1000 + np.arange(1000)
    assert np.abs(out - np.sin(2 * np.pi * np.modf(1000.1 / 48000 * at)[0])).max() < 1e-7


def test_a_change_of_frequency_has_no_step():
    """1000 to 1100 Hz and back over 20 ms: phase and slope go on, at most -100 dB above 5 kHz."""
    kernel = generator(level_dbfs=-1)
    out = [kernel(silence(24000))]
    for hz in (1100, 1000):
        change(kernel, 960, frequency_hz=hz)
        out.append(kernel(silence(24000)))
    assert residual_above_db(np.concatenate(out)[:, 0], 5000, 48000) <= -100
    assert thd_n_db(out[1][-19200:, 0], 1100, 48000) <= -120


# ---- pink noise ----

MASK = 2**64 - 1


def white(counter: int, frames: int) -> np.ndarray:
    """The triangular noise of SplitMix64, from the definition."""
    out = np.empty(frames)
    for n in range(frames):
        counter = (counter + 0x9E3779B97F4A7C15) & MASK
        z = ((counter ^ (counter >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        out[n] = ((z & 0xFFFFFFFF) + (z >> 32) + 1) * 2.0**-32 - 1
    return out


def measured_response(rate: int, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Hz and gain in dB of white to pink, from the two noises as they are."""
    kernel = generator(rate, signal="pink", level_dbfs=0)
    source = white(kernel.state.counter, frames)
    pink = kernel(silence(frames))[:, 0]
    window = {"fs": rate, "window": "blackmanharris", "nperseg": 1 << 16}
    hz, cross = sp.csd(source, pink, **window)
    _, own = sp.welch(source, **window)
    return hz, 20 * np.log10(np.abs(cross / own))


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
def test_pink_slope_measured(rate):
    """Octave means of what leaves against what goes in: -3.01 dB/oct +-0.3 dB, 20 Hz to 20 kHz."""
    hz, gain_db = measured_response(rate, 1 << 19)
    centres = 20 * 2 ** np.arange(0.5, 10)
    levels = [
        np.mean((gain_db + 10 * np.log10(np.maximum(hz, 1)))[(hz >= c / 2**0.5) & (hz < c * 2**0.5)])
        for c in centres
        if c < 20000
    ]
    print(np.round(np.array(levels) - np.median(levels), 3))
    assert np.abs(np.array(levels) - np.median(levels)).max() <= 0.3


@pytest.mark.parametrize("rate", [*RATES, 176400])
def test_pink_response_by_design(rate):
    """The sum of poles, at 2000 frequencies: within 0.3 dB of -3.0103 dB/oct from 20 Hz to 20 kHz, both ends included."""
    kernel = generator(rate, signal="pink")
    coefs = kernel.own_coefs
    hz = np.geomspace(20, 20000, 2000)
    z = np.exp(-2j * np.pi * hz / rate)
    response = coefs.direct + sum(coefs.share[k] / (1 - coefs.pole[k] * z) for k in range(12))
    off_db = 20 * np.log10(np.abs(response)) + 10 * np.log10(hz)
    off_db -= off_db[np.argmin(np.abs(hz - 1000))]
    print(f"{rate}: {off_db.min():+.3f} {off_db.max():+.3f} dB")
    assert np.abs(off_db).max() <= 0.3


@pytest.mark.parametrize("rate", [44100, 48000, 192000])
def test_pink_has_the_power_of_a_sine_of_that_level(rate):
    out = generator(rate, signal="pink", level_dbfs=-18)(silence(30 * rate))
    assert np.array_equal(out[:, 0], out[:, 1])
    assert 10 * np.log10(np.mean(out[:, 0] ** 2)) == pytest.approx(-18 - 3.0103, abs=0.15)
    assert abs(np.mean(out[:, 0])) < 1e-3


def test_pink_is_the_same_after_every_reset():
    kernel = generator(signal="pink")
    first = kernel(silence(5000))
    kernel.reset()
    assert np.array_equal(kernel(silence(5000)), first)


# ---- in and out ----


@pytest.mark.parametrize("signal", ["tone", "pink"])
def test_on_nothing_of_the_programme_is_heard_and_off_it_is_untouched(signal):
    kernel = generator(on=False, signal=signal)
    programme = noise(0.2, 0)
    assert np.array_equal(kernel(programme), programme)
    change(kernel, on=True)
    kernel(programme)
    poisoned = programme.copy()
    poisoned[:] = np.nan
    assert np.isfinite(kernel(poisoned)).all()
    change(kernel, on=False)
    kernel(programme)
    assert np.array_equal(kernel(programme), programme)


@pytest.mark.parametrize("level_dbfs", [-60, 0])
def test_fades_are_straight_and_do_not_click(level_dbfs):
    programme = stereo(sine(1000, 0.3, -18))
    kernel = generator(on=False, level_dbfs=level_dbfs)
    out = [kernel(programme)]
    for on in (True, False):
        change(kernel, 960, on=on)
        out.append(kernel(programme))
    assert residual_above_db(np.concatenate(out)[:, 0], 5000, 48000) <= -100


def test_tone_and_noise_fade_into_each_other():
    kernel = generator(level_dbfs=0)
    kernel(silence(1000))
    change(kernel, 1000, signal="pink")
    kernel(silence(500))
    assert kernel.state.now.tone == pytest.approx(0.5)
    assert kernel.state.now.pink == pytest.approx(0.5 * np.sqrt(0.5))


@pytest.mark.parametrize("seed", [1, 2])
def test_moves_give_the_same_bits_in_any_block(seed):
    def run(blocks: list[int]) -> np.ndarray:
        random, kernel, at, out = np.random.default_rng(seed), generator(), 0, []
        for until in np.sort(random.integers(0, 12000, 30)):
            out.append(kernel(programme[at:until], blocks))
            move = {"on": bool(random.integers(4)), "signal": str(random.choice(["tone", "pink"]))}
            change(kernel, int(random.choice([0, 1, 300])), **move, frequency_hz=random.uniform(20, 20000))
            at = until
        return np.concatenate(out)

    programme = noise(0.25, -6)
    whole = run([])
    for blocks in ([1] * 12000, [7] * 12000, [64] * 12000):
        assert np.array_equal(whole, run(blocks))


def test_two_engines_give_the_same_noise():
    states = [generator(signal="pink") for _ in range(2)]
    assert np.array_equal(*(kernel(silence(1000)) for kernel in states))
    assert ffi.sizeof("generator") < 1024
