"""The messages of the protocol, version 1. docs/protocol.md is normative; these structs are what both ends decode into.

`ctl` (ROUTER) carries one JSON request and one JSON answer each way; `events` (XPUB) JSON, in order; `meters` (PUB) one frame of
b"meters" and msgpack, newest wins. An unknown field in a request is refused, an unknown field in an answer or event is ignored.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from masterd.control.parameters import Value

VERSION = 1
MAX_REQUEST_BYTES = 65536
DEFAULT_GLIDE_MS = 20.0
MAX_GLIDE_MS = 60000.0
METERS_TOPIC = b"meters"
SILENCE_DB = -200.0
"""What every level and loudness says when there is nothing to measure; never NaN or infinity."""


class Request(msgspec.Struct, forbid_unknown_fields=True, tag_field="op", kw_only=True, omit_defaults=True):
    """What every request carries. `id` comes back in the answer; `origin` names the client in events."""

    id: int | str = 0
    v: int = VERSION
    origin: str = ""


class Describe(Request, tag="describe"):
    """What can be turned: every parameter, or those named."""

    ids: list[str] | None = None


class Get(Request, tag="get"):
    """Values now: all, or those named."""

    ids: list[str] | None = None


class Set(Request, tag="set"):
    """Several parameters at once, all or nothing, reached after `glide_ms`."""

    values: dict[str, Value]
    glide_ms: float = DEFAULT_GLIDE_MS
    if_revision: int | None = None


class Adjust(Request, tag="adjust"):
    """Moves parameters by an amount, held at the ends of their range: in their unit (positions for choices), or in
    knob travel (1.0 is the whole range along the curve) when `travel` is true. Switches turn on above 0, off below."""

    values: dict[str, float]
    travel: bool = False
    glide_ms: float = DEFAULT_GLIDE_MS
    if_revision: int | None = None


class PresetList(Request, tag="preset.list"):
    """Names of all presets, factory ones first."""


class PresetLoad(Request, tag="preset.load"):
    """Goes to a preset."""

    name: str
    glide_ms: float = DEFAULT_GLIDE_MS
    if_revision: int | None = None


class PresetSave(Request, tag="preset.save"):
    """Keeps the present values under a name; factory names are refused."""

    name: str


class PresetDelete(Request, tag="preset.delete"):
    """Removes a user preset."""

    name: str


class Undo(Request, tag="undo"):
    """Back by `steps` changes."""

    steps: int = 1
    glide_ms: float = DEFAULT_GLIDE_MS


class Redo(Request, tag="redo"):
    """Forward again by `steps` changes."""

    steps: int = 1
    glide_ms: float = DEFAULT_GLIDE_MS


class Snapshot(Request, tag="snapshot"):
    """Everything a follower needs: values, revision, and the event number up to which they are true."""


class Status(Request, tag="status"):
    """How the daemon is."""


class ResetLoudness(Request, tag="loudness.reset"):
    """Starts integrated loudness, range, maxima, PLR, the least PSR and DR anew, at input and output."""


class AskSpectrum(Request, tag="spectrum"):
    """The spectrum at a point now: levels in 1/3 octaves, or the lines of an FFT."""

    point: Literal["input", "output"] = "output"
    kind: Literal["third_octave", "fft"] = "third_octave"


AnyRequest: TypeAlias = (
    Describe
    | Get
    | Set
    | Adjust
    | PresetList
    | PresetLoad
    | PresetSave
    | PresetDelete
    | Undo
    | Redo
    | Snapshot
    | Status
    | ResetLoudness
    | AskSpectrum
)


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


AnyEvent: TypeAlias = Changed | Heartbeat | HostChanged | Alarm | PresetsChanged


class PointMeters(msgspec.Struct):
    """Levels at one point: per channel the highest since the message before, loudness by BS.1770-5 and EBU Tech 3341/3342.

    Fields with a default came later: a daemon that does not send them leaves them there.
    """

    sample_peak_dbfs: tuple[float, float]
    true_peak_dbtp: tuple[float, float]
    rms_dbfs: tuple[float, float]
    momentary_lufs: float
    short_term_lufs: float
    integrated_lufs: float
    loudness_range_lu: float
    momentary_max_lufs: float
    short_term_max_lufs: float
    true_peak_max_dbtp: float
    correlation: float = 0.0
    balance_db: float = 0.0
    width_db: float = SILENCE_DB
    dc_percent: tuple[float, float] = (0.0, 0.0)
    crest_db: tuple[float, float] = (SILENCE_DB, SILENCE_DB)
    psr_db: float = SILENCE_DB
    psr_min_db: float = SILENCE_DB
    plr_db: float = SILENCE_DB
    dr_db: float = SILENCE_DB


class Meters(msgspec.Struct):
    """One meter frame. Reductions are the largest since the message before, in dB, 0 and above."""

    seq: int
    boot_id: str
    time: float
    frames: int
    blocks: int
    late_blocks: int
    xruns: int
    load_percent: float
    input: PointMeters
    output: PointMeters
    compressor_reduction_db: tuple[float, float]
    limiter_reduction_db: float
    agc_gain_db: tuple[float, float] = (0.0, 0.0)
    agc_frozen: bool = False
    multiband_reduction_db: tuple[tuple[float, float], ...] = ()
    clipper_reduction_db: float = 0.0


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


class Spectrum(msgspec.Struct, kw_only=True):
    """The result of `spectrum`: RMS levels, in which a full-scale sine reads -3.01."""

    point: str
    kind: str
    sample_rate_hz: float
    frequencies_hz: list[float]
    left_dbfs: list[float]
    right_dbfs: list[float]


class StateSnapshot(msgspec.Struct, kw_only=True):
    """The result of `snapshot`: apply events with a higher seq and the same boot_id on top of it."""

    boot_id: str
    seq: int
    revision: int
    preset: str
    dirty: bool
    values: dict[str, Value]


decode_request = msgspec.json.Decoder(AnyRequest).decode
decode_answer = msgspec.json.Decoder(Answer).decode
decode_event = msgspec.json.Decoder(AnyEvent).decode
decode_meters = msgspec.msgpack.Decoder(Meters).decode
encode_json = msgspec.json.Encoder().encode
encode_msgpack = msgspec.msgpack.Encoder().encode
