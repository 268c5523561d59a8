"""A daemon on PipeWire, by its JACK library: what leaves is what came, to the sample; a PipeWire that dies is no lost show."""

from __future__ import annotations

import numpy as np
import zmq
from instruments.daemon import Daemon
from instruments.jackplay import playing
from instruments.pipewire import needs_pipewire, pipewire
from system.test_daemon_life import next_event

from masterd.control import protocol

pytestmark = needs_pipewire

RATE_HZ = 48000
ATTEMPTS = 4
"""A shared machine may take a cycle."""
FLAT = '[daemon]\npreset = "flat"\n'


def test_what_leaves_is_what_came_after_the_reported_latency() -> None:
    came = np.random.default_rng(20261128).uniform(-0.25, 0.25, (2 * RATE_HZ, 2)).astype(np.float32)
    with pipewire() as server, Daemon(config=FLAT, host="jack", environment=server.env) as daemon:
        status = daemon.ask(op="status")["result"]
        assert (status["host"], status["state"], status["sample_rate_hz"]) == ("jack", "running", RATE_HZ)
        for _ in range(ATTEMPTS):
            with playing(server, came) as player:
                report, heard = player.result()
            if not report["xruns"] and not report["lost_cycles"]:
                break
        assert daemon.stop() == 0
    assert report["frames"] >= len(came)
    latency_frames = status["latency_frames"]
    np.testing.assert_array_equal(heard[latency_frames : len(came)], came[: len(came) - latency_frames])


def test_it_dies_and_comes_back() -> None:
    with pipewire() as server, Daemon(config=FLAT, host="jack", environment=server.env) as daemon:
        events = daemon.connect(zmq.SUB, "events", b"")
        next_event(events, protocol.Heartbeat)
        server.kill()
        assert next_event(events, protocol.HostChanged, lambda it: it.state == "lost").reason
        assert daemon.set(limiter__drive_db=4)["ok"], "turned while nothing sounds"
        server.start()
        next_event(events, protocol.HostChanged, lambda it: it.state == "running")
        status = daemon.ask(op="status")["result"]
        assert (status["state"], status["host_losses"]) == ("running", 1)
        assert daemon.ask(op="get", ids=["limiter.drive_db"])["result"] == {"limiter.drive_db": 4.0}
        assert daemon.stop() == 0
