"""Spectra of a running engine, and by the protocol."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.daemon import Daemon
from instruments.signals import noise, sine, stereo

from masterd.control.parameters import defaults
from masterd.daemon.engine import Engine
from masterd.daemon.spectra import MOST_FRAMES, Analyser, lines_hz
from masterd.native import lib


def engine(rate: float = 48000) -> Engine:
    made = Engine(rate, "normal", defaults())
    made.attach()
    made.gate(True, 0)
    return made


def play(into: Engine, signal: np.ndarray) -> None:
    pairs = np.ascontiguousarray(signal, np.float32)
    for at in range(0, len(pairs), 4096):
        into.process(np.ascontiguousarray(pairs[at : at + 4096]))


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
def test_a_sine_stands_on_its_line_with_its_rms_level(rate):
    running, analyser = engine(rate), Analyser(lib.POINT_INPUT)
    line_hz = 300 * rate / 8192
    play(running, stereo(sine(line_hz, 1, -20, rate), sine(2 * line_hz, 1, -40, rate)))
    frequencies_hz, left, right = analyser.fft(running)
    assert frequencies_hz == lines_hz(rate)
    assert (np.argmax(left), np.argmax(right)) == (300, 600)
    assert left[300] == pytest.approx(-23.01, abs=0.01)
    assert right[600] == pytest.approx(-43.01, abs=0.01)
    assert np.max([left[:290], left[310:600]][0]) < -140


def test_fft_of_noise_equals_scipy():
    from scipy.signal import welch

    running, analyser = engine(), Analyser(lib.POINT_INPUT)
    signal = noise(1, -12).astype(np.float32)
    play(running, signal)
    newest = signal[-(8192 + 7 * 2048) :].astype(float)
    power = welch(newest, 48000, "hann", 8192, 8192 - 2048, detrend=False, scaling="spectrum", axis=0)[1]
    _, left, right = analyser.fft(running)
    assert np.abs(np.array(left) - 10 * np.log10(power[:, 0])).max() < 0.006
    assert np.abs(np.array(right) - 10 * np.log10(power[:, 1])).max() < 0.006


def test_third_octaves_go_on_between_calls_and_begin_anew_after_a_gap_and_with_another_engine():
    running, analyser = engine(), Analyser(lib.POINT_INPUT)
    for _ in range(4):
        play(running, stereo(sine(1000, 2, -10)))
        frequencies_hz, left, right = analyser.third_octave(running)
    assert frequencies_hz[16] == 1000
    assert left == right
    assert left[16] == pytest.approx(-13.01, abs=0.1)
    play(running, np.zeros((48000, 2)))
    assert analyser.third_octave(running)[1][16] - left[16] == pytest.approx(-4.34, abs=0.05)  # a second of silence: e^-1
    play(running, np.zeros((MOST_FRAMES + 48000, 2)))
    assert analyser.third_octave(running)[1][16] == -200  # more than the ring holds has gone by: only silence is known
    other = engine(96000)
    play(other, stereo(sine(1000, 2, -30, 96000)))
    assert analyser.third_octave(other)[1][16] == pytest.approx(-33.01, abs=0.1)


def test_before_anything_was_played_there_is_silence():
    analyser, running = Analyser(lib.POINT_OUTPUT), engine()
    assert set(analyser.third_octave(running)[1]) == {-200.0}
    assert set(analyser.fft(running)[1]) == {-200.0}


def test_by_the_protocol():
    with Daemon() as daemon:
        for kind, count in (("third_octave", 30), ("fft", 4097)):
            answer = daemon.ask(op="spectrum", kind=kind, point="output")
            result = answer["result"]
            assert {len(result[it]) for it in ("frequencies_hz", "left_dbfs", "right_dbfs")} == {count}
            assert result["kind"] == kind
            assert all(-200 <= level < 20 for level in result["left_dbfs"])
        assert daemon.ask(op="spectrum", kind="wavelet")["error"]["code"] == "bad_request"
