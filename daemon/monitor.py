"""The monitor: what is on air, heard through somebody else's loudspeaker, on an output of its own.

A second engine with a host of its own plays what the first one feeds into a bridge. Nothing goes the other way: the first engine
cannot tell whether anybody listens, and under JACK the monitor's ports are another client's.

The two may run by different clocks: the bridge follows. MARGIN_MS of programme wait in it beyond what the blocks take, since a
simulated host is an ordinary thread, and late when the machine is busy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from masterd.control.parameters import Value
from masterd.daemon.air import Air, AirEvent, AirSettings
from masterd.daemon.bridge import Bridge, BridgeStatus
from masterd.daemon.engine import Engine
from masterd.daemon.hosts.choice import OpenSink
from masterd.daemon.translation import simulation

MARGIN_MS = 80.0
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
    drift_ppm: float
    delay_ms: float


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
        self.simulation, self.dim_db = simulation, 0.0
        self._link = Link(air)
        self._settings = replace(settings, alone=None)
        self._own = Air(self._settings, on_event, open_sink=open_sink, link=self._link)
        self._values()

    def _values(self) -> dict[str, Value]:
        return dict(simulation(self.simulation).values) | {"output.trim_db": -self.dim_db}

    def start(self) -> None:
        """Begins to open the output, and to listen."""
        self._own.start(self._values())

    def hear(self, simulation_name: str, dim_db: float = 0.0) -> None:
        """Goes over to another loudspeaker, `dim_db` (0 to 24) quieter. UnknownSimulation: nothing has changed."""
        simulation(simulation_name)
        self.simulation, self.dim_db = simulation_name, dim_db
        self._own.publish(self._values(), SWITCH_MS)

    def status(self) -> MonitorStatus:
        """How it stands."""
        own, bridge = self._own.status(), self._link.status()
        return MonitorStatus(
            simulation=self.simulation,
            dim_db=self.dim_db,
            state=own.state,
            host=own.host,
            device=own.device,
            reason=own.reason or self._link.complaint,
            slips=self._link.slips_before + (bridge.slips if bridge else 0),
            drift_ppm=bridge.drift_ppm if bridge else 0.0,
            delay_ms=bridge.delay_ms if bridge else 0.0,
        )

    def stop(self) -> None:
        """Fades out and lets go."""
        self._own.stop()
        self._link.end()


class Link:
    """Keeps a bridge between two engines, and makes a new one when either is another: that happens when a sample rate changes."""

    def __init__(self, source: Air) -> None:
        self._source = source
        self._linked: tuple[Engine, Engine] | None = None
        self._bridge: Bridge | None = None
        self.slips_before = 0
        """Of bridges that are no more."""
        self.complaint = ""

    def __call__(self, engine: Engine) -> None:
        """One look, in a thread of its own. `engine` is the one that hears."""
        pair = (self._source.engine, engine)
        if pair != self._linked:
            self._linked = pair
            self._connect(*pair)

    def _connect(self, feeding: Engine, hearing: Engine) -> None:
        self.slips_before += self._bridge.status().slips if self._bridge else 0
        rates_hz = feeding.sample_rate_hz, hearing.sample_rate_hz
        fits = rates_hz[0] == rates_hz[1]
        self.complaint = "" if fits else f"the air runs at {rates_hz[0]:g} Hz and the monitor at {rates_hz[1]:g} Hz"
        self._bridge = Bridge(rates_hz[0], MARGIN_MS) if fits else None
        hearing.hear(self._bridge)
        feeding.feed(self._bridge)

    def status(self) -> BridgeStatus | None:
        """Of the bridge there is. Any thread."""
        bridge = self._bridge
        return bridge.status() if bridge else None

    def end(self) -> None:
        """Nothing is fed any more."""
        if self._linked:
            self._linked[0].feed(None)
