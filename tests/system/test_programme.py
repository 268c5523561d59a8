"""A file plays and a recording is made while a real device paces the engine, also over a loss of the device."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.jackd import jackd, needs_jack
from instruments.on_air import eventually, on_air
from instruments.tape import Reel, Tape

from masterd.control.parameters import defaults
from masterd.daemon.air import AirSettings
from masterd.daemon.engine import Engine
from masterd.daemon.hosts.jack import JackOptions

pytestmark = [pytest.mark.jack, needs_jack]


def programme(frames):
    return np.random.default_rng(7).uniform(-0.2, 0.2, (frames, 2)).astype(np.float32)


def rendered(stereo, rate_hz):
    engine = Engine(rate_hz, "normal", defaults())
    engine.attach()
    engine.gate(True, 0)
    return engine.process(np.concatenate([stereo, np.zeros((engine.latency_frames, 2), np.float32)]))


def test_the_recording_is_what_the_engine_makes_of_the_file():
    stereo = programme(3 * 48000)
    tape, reels = Tape(stereo, 48000), []

    def open_sink(rate_hz):
        reels.append(Reel(rate_hz))
        return reels[-1]

    with jackd(48000, 256) as server:
        settings = AirSettings(host="jack", jack=JackOptions(server=server.name), fade_ms=20)
        with on_air(settings, open_source=lambda rate_hz: tape, open_sink=open_sink) as it:
            it.wait_for("finished")
            eventually(lambda: len(reels[0].stereo) > len(stereo) + it.air.status().latency_frames)
            assert it.air.status().tap_lost_frames == (0, 0)
    assert (tape.closed, len(reels), reels[0].closed, reels[0].sample_rate_hz) == (1, 1, 1, 48000)
    expected, got = rendered(stereo, 48000), reels[0].stereo
    begin = len(expected) // 2
    window = expected[begin : begin + 4800]
    starts = [
        at for at in range(begin, begin + 48000) if got[at, 0] == window[0, 0] and np.array_equal(got[at : at + 4800], window)
    ]
    assert len(starts) == 1, "the middle of the programme, bit for bit, once"
    shift = starts[0] - begin
    faded_in = 48000
    np.testing.assert_array_equal(got[shift + faded_in : shift + len(expected)], expected[faded_in:])
    assert np.abs(got[: shift + faded_in]).max() <= np.abs(expected).max() + 1e-6


def test_over_a_loss_the_file_goes_on_and_the_recording_too():
    tape, reels = Tape(programme(20 * 48000), 48000), []

    def open_sink(rate_hz):
        reels.append(Reel(rate_hz))
        return reels[-1]

    with jackd(48000, 256) as first:
        settings = AirSettings(host="jack", jack=JackOptions(server=first.name))
        with on_air(settings, open_source=lambda rate_hz: tape, open_sink=open_sink) as it:
            it.wait_for("running")
            eventually(lambda: len(reels[0].stereo) > 24000)
            first.kill()
            it.wait_for("lost")
            with jackd(48000, 256, name=first.name):
                it.wait_for("running", times=2)
                frames = len(reels[0].stereo)
                eventually(lambda: len(reels[0].stereo) > frames + 24000)
    assert (len(reels), reels[0].closed, tape.closed) == (1, 1, 1)
    assert np.abs(reels[0].stereo[-24000:-4000]).max() > 0.05


def test_a_file_at_another_rate_is_refused_and_told():
    with jackd(48000, 256) as server:
        settings = AirSettings(host="jack", jack=JackOptions(server=server.name))
        with on_air(settings, open_source=lambda rate_hz: Tape(programme(100), 44100)) as it:
            assert it.wait_for("opening").reason == "the programme plays at 44100 Hz, the device at 48000 Hz"


def test_a_recording_that_fails_is_told_and_the_air_goes_on():
    class Full(Reel):
        def write(self, block):
            raise OSError("no space left on device")

    with jackd(48000, 256) as server:
        settings = AirSettings(host="jack", jack=JackOptions(server=server.name))
        with on_air(settings, open_sink=Full) as it:
            told = it.wait_for("running", times=2)
            assert told.reason == "OSError: no space left on device"
            blocks = it.air.status().blocks
            eventually(lambda: it.air.status().blocks > blocks + 20)
            assert it.air.status().reason == told.reason
            assert it.count("lost") == 0
