"""Events in words: who did what, what the sound card did, which alarm stands."""

from __future__ import annotations

from collections.abc import Mapping

from masterd.control.parameters import PARAMETERS, Parameter, Value
from masterd.control.protocol import Alarm, Analysed, AnyEvent, Changed, Heartbeat, HostChanged, MonitorChanged, PresetsChanged
from masterd.control.text import value_text


def event_text(event: AnyEvent, parameters: Mapping[str, Parameter]) -> str:
    """An event in words."""
    match event:
        case Changed():
            who = f"[{event.revision}] {event.origin or 'somebody'} {event.cause}"
            changes = [change_text(id, old, new, parameters) for id, (old, new) in event.changes.items()]
            return f"{who} {event.preset}" if event.cause == "preset.load" else f"{who}: {', '.join(changes)}"
        case MonitorChanged():
            return f"monitor {event.simulation}" + (f", {event.dim_db:g} dB quieter" if event.dim_db else "")
        case Analysed():
            found = ", ".join(event.findings) or "nothing deviates"
            return f"{event.origin or 'somebody'} analysed the {event.point}: {found if event.ok else 'it could not be finished'}"
        case PresetsChanged():
            return f"{event.origin or 'somebody'} presets are now: {', '.join(event.names)}"
        case HostChanged():
            return f"audio {event.state}: {event.host} {event.device} {event.reason}".rstrip()
        case Alarm():
            return f"{'ALARM' if event.active else 'alarm over'} {event.code}: {event.message}"
        case Heartbeat():
            return f"alive: {event.blocks} blocks, {event.xruns} xruns"


def change_text(id: str, old: Value, new: Value, parameters: Mapping[str, Parameter]) -> str:
    """`limiter.ceiling_dbtp -1.0 dBTP -> -2.0 dBTP`."""
    parameter = parameters.get(id) or PARAMETERS.get(id)
    if parameter is None:
        return f"{id} {old} -> {new}"
    return f"{id} {value_text(parameter, old)} -> {value_text(parameter, new)}"
