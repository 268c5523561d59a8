"""The monitor: what is on air, heard through somebody else's loudspeaker, on an output of its own.

A second engine with a host of its own plays what a tap of the first one gives; a thread carries the frames over. Nothing goes the
other way: the first engine cannot tell whether anybody listens, and under JACK the monitor's ports are another client's.

The two may run by different clocks. CUSHION_MS of programme wait between them; when they are used up, or have grown by SLACK_MS,
the monitor jumps back to the cushion, and counts it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from masterd.control.parameters import Value
from masterd.daemon.air import Air, AirEvent, AirSettings
from masterd.daemon.engine import Engine, Float32
from masterd.daemon.hosts.carriers import CHUNK_FRAMES
from masterd.daemon.hosts.choice import OpenSink
from masterd.daemon.translation import simulation

CUSHION_MS, SLACK_MS = 80.0, 200.0
SWITCH_MS = 30.0


@dataclass(frozen=True)
class MonitorStatus:
    """How it stands. `reason` is empty where nothing is wrong."""

    simulation: str
    dim_db: float
    state: str
    host: str
    device: str
    reason: str
    slips: int


class Monitor:
    """Listens to `air`. Control thread; `start` and `stop` once each."""

    def __init__(
        self,
        air: Air,
        settings: AirSettings,
        on_event: Callable[[AirEvent], None],
        simulation: str = "direct",
        open_sink: OpenSink | None = None,
    ) -> None:
        """`settings`: of the monitor's own output, which is never asked for an input. UnknownSimulation."""
        self._source, self.simulation, self.dim_db = air, simulation, 0.0
        self._relay = Relay(air)
        self._settings = replace(settings, alone=None)
        self._own = Air(self._settings, on_event, open_sink=open_sink, relay=self._relay.carry)
        self._values()

    def _values(self) -> dict[str, Value]:
        return dict(simulation(self.simulation).values) | {"output.trim_db": -self.dim_db}

    def start(self) -> None:
        """Begins to listen, and to open the output."""
        self._source.tap("monitor", True)
        self._own.start(self._values())

    def hear(self, simulation_name: str, dim_db: float = 0.0) -> None:
        """Goes over to another loudspeaker, `dim_db` (0 to 24) quieter. UnknownSimulation: nothing has changed."""
        simulation(simulation_name)
        self.simulation, self.dim_db = simulation_name, dim_db
        self._own.publish(self._values(), SWITCH_MS)

    def status(self) -> MonitorStatus:
        """How it stands."""
        own = self._own.status()
        reason = own.reason or self._relay.complaint
        return MonitorStatus(self.simulation, self.dim_db, own.state, own.host, own.device, reason, self._relay.slips)

    def stop(self) -> None:
        """Fades out and lets go."""
        self._own.stop()
        self._source.tap("monitor", False)


class Relay:
    """Carries frames from one engine's tap into another's player, and keeps the cushion between them."""

    def __init__(self, source: Air) -> None:
        self._source = source
        self._filled: Engine | None = None
        self._plays = False
        self.slips = 0
        self.complaint = ""

    def carry(self, engine: Engine) -> None:
        """One round, in the carrier's thread."""
        if engine is not self._filled:
            self._refill(engine)
        if engine.sample_rate_hz != self._source.sample_rate_hz:
            self.complaint = f"the air runs at {self._source.sample_rate_hz:g} Hz and the monitor at {engine.sample_rate_hz:g} Hz"
            self._source.tap_read("monitor", CHUNK_FRAMES)
            return
        self.complaint = ""
        while len(block := self._source.tap_read("monitor", CHUNK_FRAMES)):
            self._give(engine, block)

    def _refill(self, engine: Engine) -> None:
        """A fresh engine: what had waited is old."""
        while len(self._source.tap_read("monitor", CHUNK_FRAMES)):
            pass
        self._filled, self._plays = engine, False

    def _give(self, engine: Engine, block: Float32) -> None:
        waiting, cushion = engine.player_waiting, engine.frames_of(CUSHION_MS)
        if not waiting:
            engine.player_write(np.zeros((cushion, 2), np.float32))
            self.slips += self._plays
            self._plays = True
        elif waiting > cushion + engine.frames_of(SLACK_MS):
            self.slips += 1
            return  # this block is left out
        engine.player_write(np.ascontiguousarray(block))
