"""What a daemon answers on `ctl`: the envelope, and the results that have a shape of their own. Unknown fields are ignored."""

from __future__ import annotations

from typing import Any

import msgspec

from masterd.control.parameters import Value


class ErrorBody(msgspec.Struct, omit_defaults=True):
    """Why a request was refused. `code` is stable; `message` is for people; `parameter` is the id it is about."""

    code: str
    message: str
    parameter: str | None = None


class Answer(msgspec.Struct, omit_defaults=True):
    """The answer to one request: `result` when `ok`, else `error`. `revision` is the state's after the request."""

    id: int | str
    ok: bool
    revision: int
    result: Any = None
    error: ErrorBody | None = None


class Lock(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Somebody holds the lock: `who`, from where, since when and until when (Unix time; None: until it is given back)."""

    who: str
    address: str
    note: str
    since: float
    until: float | None = None


class Trial(msgspec.Struct, kw_only=True):
    """A change that waits to be confirmed: whose it is, when it goes back (Unix time), and how many parameters would."""

    who: str
    address: str
    until: float
    parameters: int


class Identity(msgspec.Struct, kw_only=True):
    """The result of `whoami`."""

    who: str
    address: str
    role: str


class AuditEntry(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Something that was asked for: when (UTC), by whom, from where, and what came of it. Requests that turned the same
    parameters one after the other are one entry, of `count`."""

    time: str
    who: str
    address: str
    op: str
    code: str
    """`ok`, or the error's code."""
    role: str = ""
    origin: str = ""
    revision: int = 0
    count: int = 1
    details: dict[str, Any] = {}
    """What the request said; values of parameters only when it was refused."""
    changes: dict[str, tuple[Value, Value]] = {}
    """From what to what, of as many parameters as an entry holds."""
    more_changes: int = 0
    """How many others changed."""


class InputClock(msgspec.Struct, kw_only=True):
    """How an input device with a clock of its own is followed. Counters run since it was opened."""

    plays: bool
    drift_ppm: float
    delay_ms: float
    slips: int


class DaemonStatus(msgspec.Struct, kw_only=True):
    """The result of `status`."""

    name: str
    version: str
    boot_id: str
    uptime_s: float
    host: str
    device: str
    state: str
    sample_rate_hz: float
    block_frames: int
    latency: str
    latency_frames: int
    blocks: int
    late_blocks: int
    xruns: int
    nonfinite_samples: int
    load_percent: float
    longest_block_us: float
    block_histogram: list[int]
    revision: int
    preset: str
    dirty: bool
    realtime: bool
    realtime_reason: str
    memory_locked: bool
    host_losses: int
    alarms: list[str]
    processing_s: float = 0.0
    clients: int = 0
    refused_connections: int = 0
    lock: Lock | None = None
    trial: Trial | None = None
    input_clock: InputClock | None = None


class Spectrum(msgspec.Struct, kw_only=True):
    """The result of `spectrum`: RMS levels, in which a full-scale sine reads -3.01."""

    point: str
    kind: str
    sample_rate_hz: float
    frequencies_hz: list[float]
    left_dbfs: list[float]
    right_dbfs: list[float]


class MonitorState(msgspec.Struct, kw_only=True):
    """The result of `monitor` and `monitor.hear`."""

    simulation: str
    dim_db: float
    state: str
    host: str
    device: str
    reason: str
    slips: int
    simulations: dict[str, str]
    drift_ppm: float = 0.0
    delay_ms: float = 0.0


class EqResponse(msgspec.Struct, kw_only=True):
    """The result of `eq.response`: what is left of left in left, right in right, mid in mid, side in side."""

    revision: int
    sample_rate_hz: float
    frequencies_hz: list[float]
    left_db: list[float]
    right_db: list[float]
    mid_db: list[float]
    side_db: list[float]


class StateSnapshot(msgspec.Struct, kw_only=True):
    """The result of `snapshot`: apply events with a higher seq and the same boot_id on top of it."""

    boot_id: str
    seq: int
    revision: int
    preset: str
    dirty: bool
    values: dict[str, Value]
    lock: Lock | None = None
    trial: Trial | None = None
