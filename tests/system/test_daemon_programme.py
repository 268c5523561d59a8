"""`masterd run FILE` with a recording: what goes in comes out, whole, and the end is told."""

import numpy as np
import pytest
import soundfile
import zmq
from instruments.beside import eventually
from instruments.daemon import Daemon
from instruments.jackd import client_environment, jackd, needs_jack
from instruments.signals import sine, stereo
from system.test_daemon_life import next_event

from masterd.control import protocol


def test_a_file_is_played_mastered_recorded_and_its_end_told(tmp_path):
    tone = stereo(sine(440, 2.0, -12))
    soundfile.write(tmp_path / "in.wav", tone, 48000, subtype="FLOAT")
    config = f'[daemon]\npreset = "flat"\n[source]\nloop = false\n[record]\npath = "{tmp_path / "out.wav"}"\n'
    with Daemon(str(tmp_path / "in.wav"), config=config) as daemon:
        events = daemon.connect(zmq.SUB, "events", b"")
        next_event(events, protocol.HostChanged, lambda it: it.state == "finished")
        status = daemon.ask(op="status")["result"]
        assert (status["state"], status["alarms"]) == ("finished", [])
        assert daemon.set(limiter__drive_db=1)["ok"], "requests go on"
        assert daemon.stop() == 0
        out, rate_hz = soundfile.read(tmp_path / "out.wav")
        assert rate_hz == 48000
        assert out.shape == tone.shape
        np.testing.assert_array_equal(out.astype(np.float32), tone.astype(np.float32))


def test_a_second_run_does_not_overwrite_the_recording(tmp_path):
    config = f'[record]\npath = "{tmp_path / "out.flac"}"\n'
    for name in ("out.flac", "out-2.flac"):
        with Daemon(config=config) as daemon:
            assert daemon.stop() == 0
        assert soundfile.info(tmp_path / name).frames > 0


def test_a_session_that_cannot_be_kept_is_an_alarm_and_the_air_goes_on(tmp_path):
    (tmp_path / "file").touch()
    with Daemon(config=f'[record]\nsession = "{tmp_path / "file" / "sessions"}"\n') as daemon:
        eventually(lambda: "programme_stopped" in daemon.ask(op="status")["result"]["alarms"])
        assert "no session is recorded: " in daemon.log
        before = daemon.ask(op="status")["result"]["blocks"]
        eventually(lambda: daemon.ask(op="status")["result"]["blocks"] > before)


@needs_jack
@pytest.mark.jack
def test_a_disk_that_is_full_stops_the_recordings_and_what_they_hold_stays(tmp_path):
    """No file may grow beyond 1 MB: 2.7 s of stereo in 32-bit float."""
    config = f'[record]\npath = "{tmp_path / "out.wav"}"\nsession = "{tmp_path / "sessions"}"\n'
    within = ["prlimit", "--fsize=1048576"]
    with (
        jackd() as server,
        Daemon(config=config, host="jack", environment=client_environment(server.name), within=within) as daemon,
    ):
        eventually(lambda: "programme_stopped" in daemon.ask(op="status")["result"]["alarms"])
        eventually(lambda: (tmp_path / "out.wav").exists() and list(tmp_path.glob("sessions/*/input.wav")))
        before = daemon.ask(op="status")["result"]["blocks"]
        eventually(lambda: daemon.ask(op="status")["result"]["blocks"] > before)
        assert daemon.stop() == 0
    for path in (tmp_path / "out.wav", *tmp_path.glob("sessions/*/input.wav")):
        assert len(soundfile.read(path)[0]) > 100_000
    assert not list(tmp_path.rglob("*.part"))


def test_without_a_sound_card_the_built_in_programme_is_heard():
    with Daemon() as daemon:
        meters = daemon.connect(zmq.SUB, "meters", b"meters")
        loudest = -200.0
        while loudest < -40:
            assert meters.poll(5000)
            loudest = max(loudest, *protocol.decode_meters(meters.recv()[6:]).output.true_peak_dbtp)
