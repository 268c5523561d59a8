"""The simulated host, alone and under Air: every frame of the source, aligned, then the end."""

from __future__ import annotations

import os
import threading
import time
import weakref

import numpy as np
import pytest
import soundfile
from instruments.on_air import eventually, on_air
from instruments.tape import Reel, Tape

from masterd.control.parameters import defaults
from masterd.daemon import audio
from masterd.daemon.air import AirSettings
from masterd.daemon.engine import Engine
from masterd.daemon.hosts.simulated import SimulatedHost

RATE_HZ = 48000


def programme(frames: int, seed: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (0.3 * rng.standard_normal((frames, 2))).astype(np.float32)


def rendered(stereo: np.ndarray, sample_rate_hz: float = RATE_HZ) -> np.ndarray:
    """What the engine makes of it in one block, aligned."""
    engine = Engine(sample_rate_hz, "normal", defaults())
    engine.attach()
    engine.gate(True, 0)
    tail = np.zeros((engine.latency_frames, 2), np.float32)
    return engine.process(np.concatenate([stereo, tail]))[engine.latency_frames :]


@pytest.mark.parametrize(("frames", "block_frames"), [(20_000, 512), (511, 512), (512, 512), (1, 64), (0, 64), (10_240, 512)])
def test_every_frame_comes_out_aligned(frames, block_frames):
    tape, reel = Tape(programme(frames)), Reel()
    settings = AirSettings(host="simulated", block_frames=block_frames, paced=False)
    with on_air(settings, open_source=lambda rate: tape, open_sink=lambda rate: reel) as it:
        it.wait_for("finished")
    assert (tape.closed, reel.closed) == (1, 1)
    np.testing.assert_array_equal(reel.stereo, rendered(tape.stereo))


def test_it_takes_the_rate_of_its_source():
    tape, reel = Tape(programme(4000), 96000), Reel()
    rates = []

    def open_sink(rate):
        rates.append(rate)
        return reel

    with on_air(AirSettings(host="simulated", paced=False), open_source=lambda rate: tape, open_sink=open_sink) as it:
        it.wait_for("finished")
        assert it.air.status().sample_rate_hz == 96000
    assert rates == [96000]
    np.testing.assert_array_equal(reel.stereo, rendered(tape.stereo, 96000))


def test_without_a_source_it_plays_silence_and_never_runs_ahead_of_the_clock():
    engine = Engine(RATE_HZ, "normal", defaults())
    host = SimulatedHost(RATE_HZ, 64)
    assert host.open().block_frames == 64
    began = time.monotonic()
    host.start(engine, engine.attach())
    eventually(lambda: engine.blocks > 20)
    blocks, took_s = engine.blocks, time.monotonic() - began
    host.stop()
    assert blocks * 64 / RATE_HZ <= took_s + 64 / RATE_HZ
    assert not host.finished
    meters = engine.collect()
    assert meters
    assert meters.output.sample_peak == (0, 0)


def test_a_source_that_breaks_is_told_and_the_programme_begins_again():
    reel = Reel()
    tapes = [Tape(programme(100_000), breaks_after=20_000), Tape(programme(100))]
    opened = []

    def open_source(rate):
        opened.append(tapes[len(opened)])
        return opened[-1]

    with on_air(AirSettings(host="simulated", paced=False), open_source=open_source, open_sink=lambda rate: reel) as it:
        it.wait_for("finished")
    said = [event.reason for _, event in it.events if event.state in ("lost", "opening")]
    assert said == ["OSError: the tape is torn"]
    assert [tape.closed for tape in tapes] == [1, 1]


def test_a_missing_programme_is_told_and_tried_again():
    attempts = []

    def open_source(rate):
        attempts.append(rate)
        raise OSError("no such file")

    with on_air(AirSettings(host="simulated"), open_source=open_source) as it:
        assert it.wait_for("opening").reason == "no such file"
        eventually(lambda: len(attempts) > 1)
        assert it.count("opening") == 1, "the same reason is told once"
        assert it.air.status().state == "opening"


def test_a_stop_in_the_middle_fades_out_and_completes_the_recording():
    tape, reel = Tape(np.full((20 * RATE_HZ, 2), 0.1, np.float32)), Reel()
    with on_air(
        AirSettings(host="simulated"), {"bypass.on": True}, open_source=lambda rate: tape, open_sink=lambda rate: reel
    ) as it:
        it.wait_for("running")
        eventually(lambda: len(reel.blocks) > 10)
    assert (tape.closed, reel.closed) == (1, 1)
    out = reel.stereo[:, 0]
    assert out[-1] == 0
    assert np.all(out[:4000] == np.float32(0.1))
    assert np.abs(np.diff(out)).max() < 0.1 * 1.6 / (0.040 * RATE_HZ), "steeper than the fade of 40 ms, 3/2 at its middle"


class StuckTape(Tape):
    """Plays all but its last block, then does not come back until `release` is set."""

    def __init__(self, stereo: np.ndarray, sample_rate_hz: float = 48000) -> None:
        super().__init__(stereo, sample_rate_hz)
        self.release = threading.Event()

    def read(self, frames: int) -> np.ndarray:
        if self.at + frames > len(self.stereo):
            self.release.wait()
        return super().read(frames)


def test_a_host_that_is_left_and_one_that_follows_it_record_into_files_of_their_own(tmp_path):
    """The first hangs, and lets go only when the second has long begun, at another rate; nothing that either recorded is lost."""
    stuck, second = StuckTape(programme(20 * 512)), Tape(programme(60 * 512, seed=6), 96000)
    tapes = iter([stuck, second])
    sink = audio.opened_at(tmp_path / "air.wav", "record.path")
    settings = AirSettings(host="simulated", paced=False)
    with on_air(settings, open_source=lambda rate: next(tapes), open_sink=sink) as it:
        it.wait_for("finished")
        assert (stuck.closed, second.closed) == (0, 1)
        stuck.release.set()
        eventually(lambda: (tmp_path / "air.wav").exists() and stuck.closed == 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["air-2.wav", "air.wav"]
    early, early_hz = soundfile.read(tmp_path / "air.wav", dtype="float32")
    late, late_hz = soundfile.read(tmp_path / "air-2.wav", dtype="float32")
    assert (early_hz, late_hz, len(late)) == (48000, 96000, len(second.stereo))
    whole = rendered(stuck.stereo)[: len(early)]
    assert len(early) == 20 * 512 - Engine(RATE_HZ, "normal", defaults()).latency_frames
    np.testing.assert_array_equal(early, whole)
    assert late.any()


def test_a_name_is_taken_as_long_as_somebody_records_under_it(tmp_path):
    """Also by a daemon that died, whose number this process may have got: its recording is still there to be read."""
    dead = tmp_path / f".air.wav.{os.getpid()}.part"
    dead.write_bytes(b"what it recorded")
    open_sink = audio.opened_at(tmp_path / "air.wav", "record.path")
    sinks = [open_sink(48000) for _ in range(3)]
    for n, sink in enumerate(sinks):
        sink.write(programme(100 + n))
        sink.close()
    assert dead.read_bytes() == b"what it recorded"
    frames = {path.name: soundfile.info(path).frames for path in tmp_path.glob("*.wav")}
    assert frames == {"air-2.wav": 100, "air-3.wav": 101, "air-4.wav": 102}


def test_a_host_that_was_never_started_lets_go_of_its_streams():
    tape, reel = Tape(programme(100)), Reel()
    host = SimulatedHost(source=tape, sinks=[reel])
    host.stop()
    assert (tape.closed, reel.closed) == (1, 1)


def test_a_host_that_was_left_is_forgotten_once_it_is_closed():
    """Nothing of a C library's may still touch its memory, and 3 MB of programme hang on it."""
    host = SimulatedHost(source=Tape(programme(100)))
    engine = Engine(RATE_HZ, "normal", defaults())
    host.start(engine, engine.attach())
    left = weakref.ref(host)
    host.abandon()
    del host
    eventually(lambda: left() is None)
