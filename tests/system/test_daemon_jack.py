"""A daemon on a JACK server that dies and comes back: told, survived, nothing lost."""

import json
import subprocess
import sys

import pytest
import zmq
from instruments.daemon import Daemon
from instruments.jackd import jackd, needs_jack
from system.test_daemon_life import next_event

from masterd.control import protocol

pytestmark = [pytest.mark.jack, needs_jack]


def config(server):
    return (
        f'[audio]\nhost = "jack"\n[jack]\nserver = "{server}"\ncapture = "system:capture_.*"\nplayback = "system:playback_.*"\n'
    )


def test_the_server_dies_and_comes_back_and_requests_go_on():
    with (
        jackd(rate_hz=48000, period_frames=256) as server,
        Daemon(config=config(server.name), host=None, environment=server.env) as daemon,
    ):
        events = daemon.connect(zmq.SUB, "events", b"")
        next_event(events, protocol.Heartbeat)
        status = daemon.ask(op="status")["result"]
        assert (status["host"], status["state"], status["block_frames"]) == ("jack", "running", 256)
        assert daemon.set(limiter__drive_db=3)["ok"]
        blocks = status["blocks"]

        server.kill()
        lost = next_event(events, protocol.HostChanged, lambda it: it.state == "lost")
        assert lost.reason
        assert next_event(events, protocol.Alarm, lambda it: it.code == "host_lost").active
        assert daemon.set(limiter__drive_db=4)["ok"], "turned while nothing sounds"
        assert "host_lost" in daemon.ask(op="status")["result"]["alarms"]
        daemon.hear_status("trying again")

        with jackd(rate_hz=48000, period_frames=256, name=server.name):
            next_event(events, protocol.HostChanged, lambda it: it.state == "running")
            assert not next_event(events, protocol.Alarm, lambda it: it.code == "host_lost").active
            status = daemon.ask(op="status")["result"]
            assert (status["state"], status["host_losses"]) == ("running", 1)
            assert status["blocks"] >= blocks
            assert daemon.ask(op="get", ids=["limiter.drive_db"])["result"] == {"limiter.drive_db": 4.0}
            assert daemon.stop() == 0


def test_it_waits_for_a_server_with_requests_answered_and_systemd_told():
    with jackd(rate_hz=48000, period_frames=256) as server:
        pass
    daemon = Daemon(config=config(server.name), host=None, environment=server.env)
    daemon.launch()
    try:
        daemon.hear_status("opening, trying again")
        assert any(it.startswith("EXTEND_TIMEOUT_USEC=") for it in daemon.told)
        assert "READY=1" not in daemon.told
        assert daemon.set(limiter__drive_db=3)["ok"]
        assert daemon.ask(op="status")["result"]["state"] == "opening"
        with jackd(rate_hz=48000, period_frames=256, name=server.name):
            daemon.hear("READY=1")
            assert daemon.stop() == 0
    finally:
        daemon.__exit__(None, None, None)


def test_stopped_while_it_waits_it_leaves_at_once():
    daemon = Daemon(config=config("masterd-test-nobody"), host=None, environment={"JACK_NO_START_SERVER": "1"})
    daemon.launch()
    try:
        daemon.hear_status("opening")
        assert daemon.stop() == 0
        assert "READY=1" not in daemon.told
    finally:
        daemon.__exit__(None, None, None)


def test_two_daemons_share_a_server():
    with (
        jackd(rate_hz=48000, period_frames=256) as server,
        Daemon(name="one", config=config(server.name), host=None, environment=server.env) as one,
        Daemon(name="two", folder=one.folder, config=config(server.name), host=None, environment=server.env) as two,
    ):
        assert one.ask(op="status")["result"]["device"] != two.ask(op="status")["result"]["device"]


def test_masterd_devices_shows_the_server():
    with jackd(rate_hz=44100, period_frames=256) as server:
        run = subprocess.run(
            [sys.executable, "-m", "masterd.daemon.main", "devices", "--json"],
            env=server.env,
            capture_output=True,
            text=True,
            timeout=30,
        )
        found = next(it for it in json.loads(run.stdout) if it["host"] == "jack")
        assert (found["device"], found["sample_rate_hz"], found["reason"]) == (server.name, 44100, "")
