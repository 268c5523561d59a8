"""The monitor output."""

from __future__ import annotations

import math
from dataclasses import asdict

from masterd.control import protocol as ask
from masterd.control.errors import BadRequest, NoMonitor
from masterd.daemon.desk import Desk
from masterd.daemon.handlers.checks import Handlers
from masterd.daemon.monitor import Monitor
from masterd.daemon.translation import NAMES, simulation

MOST_DIM_DB = 24.0


def monitor_of(desk: Desk) -> Monitor:
    """The desk's monitor, or NoMonitor."""
    if desk.monitor is None:
        raise NoMonitor("this daemon has no monitor output; [monitor] on = true in its configuration makes one")
    return desk.monitor


def monitor(desk: Desk, request: ask.AskMonitor) -> ask.MonitorState:  # noqa: D103
    descriptions = {name: simulation(name).description for name in NAMES}
    return ask.MonitorState(**asdict(monitor_of(desk).status()), simulations=descriptions)


def hear(desk: Desk, request: ask.MonitorHear) -> ask.MonitorState:  # noqa: D103
    if not (math.isfinite(request.dim_db) and 0 <= request.dim_db <= MOST_DIM_DB):
        raise BadRequest(f"dim_db: {request.dim_db:g} is outside 0 to {MOST_DIM_DB:g} dB")
    monitor_of(desk).hear(request.simulation, request.dim_db)
    desk.events.by_hand(ask.MonitorChanged, request.origin, simulation=request.simulation, dim_db=request.dim_db)
    return monitor(desk, ask.AskMonitor())


HANDLERS: Handlers = {
    ask.AskMonitor: monitor,
    ask.MonitorHear: hear,
}
