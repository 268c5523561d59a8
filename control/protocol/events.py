"""What a daemon tells everybody on `events`, in order. Unknown types and fields are ignored."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from masterd.control.parameters import Value


class Event(msgspec.Struct, tag_field="type", kw_only=True, omit_defaults=True):
    """What every event carries: a number without gaps, the daemon's start it belongs to, Unix time."""

    seq: int
    boot_id: str
    time: float
    revision: int


class Changed(Event, tag="changed"):
    """The state went to `revision`. `changes` maps id to [old, new]; `cause` is the operation that did it."""

    origin: str
    cause: str
    changes: dict[str, tuple[Value, Value]]
    glide_ms: float
    preset: str
    dirty: bool


class Heartbeat(Event, tag="heartbeat"):
    """Nothing happened for a second; the daemon is alive."""

    uptime_s: float
    blocks: int
    xruns: int


class HostChanged(Event, tag="host"):
    """The sound card came, went, or was opened again: `state` is running, lost or opening; `reason` is for people."""

    state: str
    host: str
    device: str
    reason: str


class Alarm(Event, tag="alarm"):
    """Something needs a person: `code` is stable, `active` false when it is over."""

    code: str
    message: str
    active: bool


class PresetsChanged(Event, tag="presets"):
    """The list of presets changed."""

    origin: str
    names: list[str]


class MonitorChanged(Event, tag="monitor"):
    """Somebody listens through another loudspeaker."""

    origin: str
    simulation: str
    dim_db: float


class Analysed(Event, tag="analysed"):
    """An analysis is through: `findings` are their titles; `ok` is false when it could not be finished."""

    origin: str
    point: str
    ok: bool
    findings: list[str]


AnyEvent: TypeAlias = Changed | Heartbeat | HostChanged | Alarm | PresetsChanged | MonitorChanged | Analysed
