"""Events in words: who did what, what the sound card did, which alarm stands."""

from __future__ import annotations

from collections.abc import Mapping

from masterd.control.clock import clock_text
from masterd.control.parameters import PARAMETERS, Parameter, Value
from masterd.control.protocol import (
    Alarm,
    Analysed,
    AnyEvent,
    ByHand,
    Changed,
    Heartbeat,
    HostChanged,
    Lock,
    LockChanged,
    MidiChanged,
    MidiMoves,
    MidiState,
    MonitorChanged,
    PresetsChanged,
    Trial,
    TrialChanged,
)
from masterd.control.text import value_text


def event_text(event: AnyEvent, parameters: Mapping[str, Parameter]) -> str:
    """An event in words."""
    match event:
        case Changed():
            who = f"[{event.revision}] {by(event)} {event.cause}"
            changes = [change_text(id, old, new, parameters) for id, (old, new) in event.changes.items()]
            return f"{who} {event.preset}" if event.cause == "preset.load" else f"{who}: {', '.join(changes)}"
        case MonitorChanged():
            return f"monitor {event.simulation}" + (f", {event.dim_db:g} dB quieter" if event.dim_db else "")
        case Analysed():
            found = ", ".join(event.findings) or "nothing deviates"
            return f"{event.origin or 'somebody'} analysed the {event.point}: {found if event.ok else 'it could not be finished'}"
        case PresetsChanged():
            return f"{by(event)} presets are now: {', '.join(event.names)}"
        case LockChanged(lock=Lock() as lock):
            return f"{by(event)} LOCKED{f': {lock.note}' if lock.note else ''}"
        case LockChanged():
            return f"{by(event)} the lock is open"
        case TrialChanged(trial=Trial() as trial):
            return f"{by(event)} {trial.parameters} parameters wait to be confirmed until {clock_text(trial.until)}"
        case TrialChanged():
            return f"{by(event)} what waited to be confirmed is {event.outcome}"
        case HostChanged():
            return f"audio {event.state}: {event.host} {event.device} {event.reason}".rstrip()
        case Alarm():
            return f"{'ALARM' if event.active else 'alarm over'} {event.code}: {event.message}"
        case MidiChanged():
            return f"midi: {midi_text(event.state)}"
        case MidiMoves():
            return "; ".join(f"midi {move.box} {move.control or move.bytes}: {move.did}" for move in event.moves)
        case Heartbeat():
            return f"alive: {event.blocks} blocks, {event.xruns} xruns"


def midi_text(state: MidiState) -> str:
    """The boxes, and learning while it is under way."""
    parts = [f"{box.name} {box.state}" for process in state.processes for box in process.boxes]
    if state.learning and not state.learning.step.is_over:
        parts.append(f"learning {state.learning.parameter}: {state.learning.step}")
    return ", ".join(parts) or "no box"


def by(event: ByHand) -> str:
    """Who did it: the daemon's knowledge, and in brackets the client's word."""
    known = f"{event.who}@{event.address}" if event.address not in ("", "local") else event.who
    return f"{known} ({event.origin})" if known and event.origin else known or event.origin or "somebody"


def change_text(id: str, old: Value, new: Value, parameters: Mapping[str, Parameter]) -> str:
    """`limiter.ceiling_dbtp -1.0 dBTP -> -2.0 dBTP`."""
    parameter = parameters.get(id) or PARAMETERS.get(id)
    if parameter is None:
        return f"{id} {old} -> {new}"
    return f"{id} {value_text(parameter, old)} -> {value_text(parameter, new)}"
