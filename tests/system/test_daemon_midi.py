"""The MIDI process beside the daemon: started with it, restarted, and never left behind."""

import os
import signal
import time
from pathlib import Path

import pytest
from instruments.daemon import Daemon

MAP = 'port = "no such box"\n[[control]]\ncc = 7\nparameter = "compressor.threshold_db"\n'


@pytest.fixture
def with_midi(tmp_path):
    (tmp_path / "box.toml").write_text(MAP)
    return f'[midi]\non = true\nmap = "{tmp_path / "box.toml"}"\n'


def children(pid):
    return [int(it) for it in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_for(check, within_s=15):
    until = time.monotonic() + within_s
    while not (found := check()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return found


def midi_of(daemon, other_than=None):
    def look():
        return [it for it in children(daemon.pid) if it != other_than and b"\0midi\0" in Path(f"/proc/{it}/cmdline").read_bytes()]

    return wait_for(look)[0]


def gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_it_comes_and_goes_with_the_daemon(with_midi):
    with Daemon(config=with_midi) as daemon:
        midi = midi_of(daemon)
        assert daemon.stop() == 0
        wait_for(lambda: gone(midi))


def test_killed_it_is_started_again_and_the_alarm_tells(with_midi):
    with Daemon(config=with_midi) as daemon:
        midi = midi_of(daemon)
        os.kill(midi, signal.SIGKILL)
        wait_for(lambda: "midi_stopped" in daemon.ask(op="status")["result"]["alarms"])
        assert midi_of(daemon, other_than=midi) != midi
        wait_for(lambda: "midi_stopped" not in daemon.ask(op="status")["result"]["alarms"])


def test_it_does_not_outlive_a_daemon_that_is_killed(with_midi):
    with Daemon(config=with_midi) as daemon:
        midi = midi_of(daemon)
        daemon.stop(signal.SIGKILL)
        wait_for(lambda: gone(midi))


def test_a_map_that_is_not_there_is_an_alarm_and_harms_nothing():
    with Daemon(config='[midi]\non = true\nmap = "/nowhere.toml"\n') as daemon:
        wait_for(lambda: "midi_stopped" in daemon.ask(op="status")["result"]["alarms"])
        assert daemon.set(limiter__drive_db=1)["ok"]


def test_it_is_not_there_unless_asked_for():
    with Daemon() as daemon:
        assert daemon.set(limiter__drive_db=1)["ok"]
        assert children(daemon.pid) == []
