"""Under JACK the monitor is a client of its own, and no connection brings it to the air: whoever makes one, it is taken apart."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.daemon_on_jack import daemon_on_jack
from instruments.jackd import Server, jackd, needs_jack
from instruments.jackplay import PORTS_IN, playing
from instruments.on_air import eventually

pytestmark = [pytest.mark.jack, needs_jack]

RATE_HZ, PERIOD_FRAMES = 48000, 512
CONFIG = """
[jack]
playback = "system:playback_1$"
[monitor]
on = true
playback = "system:playback_2$"
simulation = "mono"
"""


def connections(server: Server, port: str) -> list[str]:
    lines = server.tool("jack_lsp", "-c", port).splitlines()
    return [line.strip() for line in lines if line.startswith(" ")]


def test_the_monitor_plays_beside_the_air_and_never_into_it() -> None:
    rng = np.random.default_rng(1)
    noise = (0.1 * rng.standard_normal((3 * RATE_HZ, 2))).astype(np.float32)
    with jackd(RATE_HZ, PERIOD_FRAMES) as server, daemon_on_jack(server, "flat", config=CONFIG) as daemon:
        eventually(lambda: connections(server, "masterd-monitor:out_1") == ["system:playback_2"])
        eventually(lambda: connections(server, "masterd:out_1") == ["system:playback_1"])
        assert daemon.ask(op="monitor")["result"]["state"] == "running"
        with playing(server, noise, PORTS_IN, ("masterd-monitor:out_1", "masterd-monitor:out_2")) as player:
            _, heard = player.result()
        assert np.abs(heard[2 * RATE_HZ :]).max() > 0.05
        assert np.array_equal(heard[:, 0], heard[:, 1]), "it is mono"
        stands = daemon.ask(op="monitor")["result"]
        print({key: stands[key] for key in ("drift_ppm", "delay_ms", "slips")})
        assert stands["slips"] == 0
        assert stands["delay_ms"] > 80
        for forbidden in ("system:playback_1", "masterd:in_1"):
            server.connect("masterd-monitor:out_2", forbidden)
            eventually(lambda there=forbidden: "masterd-monitor:out_2" not in connections(server, there))
        server.connect("masterd:out_2", "system:playback_2")
        eventually(lambda: connections(server, "system:playback_2") == ["masterd:out_2"])
