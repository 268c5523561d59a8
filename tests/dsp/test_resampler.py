"""The resampler by itself, against the tone it should have read: level, delay, purity, at a steady ratio and one that jumps."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.distortion import thd_n_db

from masterd.native import ffi, lib

RATE_HZ = 48000
LATE = lib.RESAMPLER_LATENCY_FRAMES
SETTLED = slice(2 * lib.RESAMPLER_TAPS, None)
TONES_HZ = (20, 100, 1000, 5000, 10000, 15000, 18000, 19000, 20000)
COEFS = ffi.new("resampler_coefs *")
lib.resampler_design(COEFS)


class Resampler:
    """Reads a stereo signal with any blocks, and remembers at which place of it every frame was read."""

    def __init__(self) -> None:
        self.state, self.taken, self.place = ffi.new("resampler *"), 0, 0
        lib.resampler_reset(self.state)
        entries = (lib.resampler_entry(self.state, side) for side in (0, 1))
        self.entry = [np.frombuffer(ffi.buffer(it, 8 * lib.RESAMPLER_TAKES_FRAMES)) for it in entries]

    def __call__(self, signal: np.ndarray, deviation: float, frames: int) -> tuple[np.ndarray, np.ndarray]:
        """(frames, 2) of output, and the place of each in the signal; at most a chunk."""
        stride = lib.resampler_stride(deviation)
        takes = lib.resampler_takes(self.state, stride, frames)
        for side in (0, 1):
            self.entry[side][:takes] = signal[self.taken : self.taken + takes, side]
        out = np.zeros((2, frames))
        lib.resampler_process(self.state, COEFS, stride, *(ffi.from_buffer("double[]", it) for it in out), frames)
        places = self.place + stride * np.arange(frames, dtype=object)
        self.place, self.taken = self.place + stride * frames, self.taken + takes
        return out.T, places.astype(float) * 2.0**-48 - LATE

    def all(self, signal: np.ndarray, steps) -> tuple[np.ndarray, np.ndarray]:
        """Of (deviation, frames) after (deviation, frames)."""
        made = [self(signal, *step) for step in steps]
        return np.concatenate([it for it, _ in made]), np.concatenate([it for _, it in made])


def tone(frequency_hz: float, frames: int, rate_hz: float = RATE_HZ) -> np.ndarray:
    phase = 2 * np.pi * frequency_hz / rate_hz * np.arange(frames)
    return np.stack([np.sin(phase), np.cos(phase)], axis=1)


def steady(deviation: float, frames: int):
    return [(deviation, min(256, frames - at)) for at in range(0, frames, 256)]


def purity_db(frequency_hz: float, ppm: float) -> float:
    frames = RATE_HZ + SETTLED.start
    signal = tone(frequency_hz / (1 + 1e-6 * ppm), frames + 100)
    out, _ = Resampler().all(signal, steady(1e-6 * ppm, frames))
    return max(thd_n_db(side, frequency_hz, RATE_HZ) for side in out[SETTLED].T)


def level_error_db(frequency_hz: float, rate_hz: float) -> float:
    frames = 8192
    out, places = Resampler().all(tone(frequency_hz, frames + 100, rate_hz), steady(200e-6, frames))
    wave = np.exp(2j * np.pi * frequency_hz / rate_hz * places[SETTLED])
    fitted = np.linalg.lstsq(np.stack([wave.real, wave.imag], axis=1), out[SETTLED, 0], rcond=None)[0]
    return abs(20 * float(np.log10(np.hypot(*fitted))))


@pytest.mark.parametrize("ppm", [100, -100, 200, -200])
@pytest.mark.parametrize("frequency_hz", [1000, 10000, 20000])
def test_a_tone_stays_pure(frequency_hz, ppm):
    worst_db = purity_db(frequency_hz, ppm)
    print(f"{frequency_hz} Hz at {ppm:+} ppm: {worst_db:.1f} dB")
    assert worst_db <= -145


@pytest.mark.parametrize("rate_hz", [44100, 48000])
def test_the_level_is_flat_to_20_khz(rate_hz):
    worst_db = max(level_error_db(frequency_hz, rate_hz) for frequency_hz in TONES_HZ)
    print(f"{rate_hz} Hz: {worst_db:.1e} dB")
    assert worst_db <= 1e-5


def test_every_frame_is_the_tone_where_it_was_read_while_the_ratio_jumps():
    """So a jump is a jump of the speed and of nothing else."""
    random = np.random.default_rng(4)
    steps = [(random.uniform(-0.005, 0.005), int(random.integers(1, 257))) for _ in range(400)]
    out, places = Resampler().all(tone(7000, 60000), steps)
    phase = 2 * np.pi * 7000 / RATE_HZ * places[SETTLED]
    error = out[SETTLED] - np.stack([np.sin(phase), np.cos(phase)], axis=1)
    print(f"{20 * np.log10(np.abs(error).max()):.1f} dB")
    assert np.abs(error).max() <= 10 ** (-140 / 20)


def test_the_blocks_do_not_matter():
    random = np.random.default_rng(5)
    signal, frames = random.uniform(-1, 1, (20000, 2)), 16384
    whole, _ = Resampler().all(signal, steady(137e-6, frames))
    for lengths in (np.ones(frames, int), random.integers(1, 257, frames)):
        ends = np.minimum(np.cumsum(lengths), frames)
        blocks = np.diff(np.concatenate([[0], ends]))
        cut, _ = Resampler().all(signal, [(137e-6, int(it)) for it in blocks if it])
        assert np.array_equal(cut, whole)


def test_without_a_drift_nothing_changes_but_the_time():
    signal = np.random.default_rng(6).uniform(-1, 1, (9000, 2))
    out, _ = Resampler().all(signal, steady(0.0, 8192))
    assert np.array_equal(out[LATE:], signal[: 8192 - LATE])


def test_frames_that_pass_unheard_leave_it_where_it_would_be():
    signal = np.random.default_rng(7).uniform(-1, 1, (9000, 2))
    heard, passing = Resampler(), Resampler()
    heard.all(signal, steady(-90e-6, 4096))
    for deviation, frames in steady(-90e-6, 4096):
        stride = lib.resampler_stride(deviation)
        takes = lib.resampler_takes(passing.state, stride, frames)
        for side in (0, 1):
            passing.entry[side][:takes] = signal[passing.taken : passing.taken + takes, side]
        lib.resampler_pass(passing.state, stride, frames)
        passing.taken += takes
    assert np.array_equal(heard(signal, -90e-6, 256)[0], passing(signal, -90e-6, 256)[0])


def test_silence_is_silence():
    out, _ = Resampler().all(np.zeros((9000, 2)), steady(200e-6, 8192))
    assert not out.any()
