"""What a daemon tells everybody on `events`, in order. Unknown types and fields are ignored."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from masterd.control.parameters import Value
from masterd.control.protocol.answers import Lock, Trial


class Event(msgspec.Struct, tag_field="type", kw_only=True, omit_defaults=True):
    """What every event carries: a number without gaps, the daemon's start it belongs to, Unix time."""

    seq: int
    boot_id: str
    time: float
    revision: int


class ByHand(Event, kw_only=True):
    """What somebody did. `origin` is the client's own word; `who` and `address` are what the daemon knows: the name of the
    key, or local/USER; `daemon` when nobody asked. Empty from a daemon that does not say."""

    origin: str
    who: str = ""
    address: str = ""


class Changed(ByHand, tag="changed", kw_only=True):
    """The state went to `revision`. `changes` maps id to [old, new]; `cause` is the operation that did it."""

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


class PresetsChanged(ByHand, tag="presets", kw_only=True):
    """The list of presets changed."""

    names: list[str]


class LockChanged(ByHand, tag="lock", kw_only=True):
    """The lock was taken or renewed; `lock` is None when it was given back, was overridden, or has run out."""

    lock: Lock | None


class TrialChanged(ByHand, tag="trial", kw_only=True):
    """A change that waits to be confirmed: `outcome` is begun, confirmed, reverted (it went back) or superseded (all that it
    would take back has been turned since). `who` is who began or ended it; `trial` is there only when begun."""

    outcome: str
    trial: Trial | None = None


class MonitorChanged(ByHand, tag="monitor", kw_only=True):
    """Somebody listens through another loudspeaker."""

    simulation: str
    dim_db: float


class Analysed(Event, tag="analysed"):
    """An analysis is through: `findings` are their titles; `ok` is false when it could not be finished."""

    origin: str
    point: str
    ok: bool
    findings: list[str]


AnyEvent: TypeAlias = (
    Changed | Heartbeat | HostChanged | Alarm | PresetsChanged | MonitorChanged | Analysed | LockChanged | TrialChanged
)
