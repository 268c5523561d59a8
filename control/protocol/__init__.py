"""The messages of the protocol, version 1. docs/protocol.md is normative; these structs are what both ends decode into.

`ctl` (ROUTER) carries one JSON request and one JSON answer each way; `events` (XPUB) JSON, in order; `meters` (PUB) one frame of
b"meters" and msgpack, newest wins. An unknown field in a request is refused, an unknown field in an answer or event is ignored.
"""

from __future__ import annotations

import msgspec

from masterd.control.protocol.answers import (
    Answer as Answer,
)
from masterd.control.protocol.answers import (
    AuditEntry as AuditEntry,
)
from masterd.control.protocol.answers import (
    DaemonStatus as DaemonStatus,
)
from masterd.control.protocol.answers import (
    EqResponse as EqResponse,
)
from masterd.control.protocol.answers import (
    ErrorBody as ErrorBody,
)
from masterd.control.protocol.answers import (
    Identity as Identity,
)
from masterd.control.protocol.answers import (
    Lock as Lock,
)
from masterd.control.protocol.answers import (
    Spectrum as Spectrum,
)
from masterd.control.protocol.answers import (
    StateSnapshot as StateSnapshot,
)
from masterd.control.protocol.answers import (
    Trial as Trial,
)
from masterd.control.protocol.events import (
    Alarm as Alarm,
)
from masterd.control.protocol.events import (
    AnyEvent as AnyEvent,
)
from masterd.control.protocol.events import (
    ByHand as ByHand,
)
from masterd.control.protocol.events import (
    Changed as Changed,
)
from masterd.control.protocol.events import (
    Event as Event,
)
from masterd.control.protocol.events import (
    Heartbeat as Heartbeat,
)
from masterd.control.protocol.events import (
    HostChanged as HostChanged,
)
from masterd.control.protocol.events import (
    LockChanged as LockChanged,
)
from masterd.control.protocol.events import (
    PresetsChanged as PresetsChanged,
)
from masterd.control.protocol.events import (
    TrialChanged as TrialChanged,
)
from masterd.control.protocol.meters import (
    METERS_TOPIC as METERS_TOPIC,
)
from masterd.control.protocol.meters import (
    SILENCE_DB as SILENCE_DB,
)
from masterd.control.protocol.meters import (
    Meters as Meters,
)
from masterd.control.protocol.meters import (
    PointMeters as PointMeters,
)
from masterd.control.protocol.requests import (
    DEFAULT_GLIDE_MS as DEFAULT_GLIDE_MS,
)
from masterd.control.protocol.requests import (
    MAX_GLIDE_MS as MAX_GLIDE_MS,
)
from masterd.control.protocol.requests import (
    MAX_REQUEST_BYTES as MAX_REQUEST_BYTES,
)
from masterd.control.protocol.requests import (
    VERSION as VERSION,
)
from masterd.control.protocol.requests import (
    Adjust as Adjust,
)
from masterd.control.protocol.requests import (
    AnyRequest as AnyRequest,
)
from masterd.control.protocol.requests import (
    AskAudit as AskAudit,
)
from masterd.control.protocol.requests import (
    AskEqResponse as AskEqResponse,
)
from masterd.control.protocol.requests import (
    AskSpectrum as AskSpectrum,
)
from masterd.control.protocol.requests import (
    Confirm as Confirm,
)
from masterd.control.protocol.requests import (
    Describe as Describe,
)
from masterd.control.protocol.requests import (
    Get as Get,
)
from masterd.control.protocol.requests import (
    PresetDelete as PresetDelete,
)
from masterd.control.protocol.requests import (
    PresetList as PresetList,
)
from masterd.control.protocol.requests import (
    PresetLoad as PresetLoad,
)
from masterd.control.protocol.requests import (
    PresetSave as PresetSave,
)
from masterd.control.protocol.requests import (
    Redo as Redo,
)
from masterd.control.protocol.requests import (
    Request as Request,
)
from masterd.control.protocol.requests import (
    ResetLoudness as ResetLoudness,
)
from masterd.control.protocol.requests import (
    Revert as Revert,
)
from masterd.control.protocol.requests import (
    Set as Set,
)
from masterd.control.protocol.requests import (
    Snapshot as Snapshot,
)
from masterd.control.protocol.requests import (
    Status as Status,
)
from masterd.control.protocol.requests import (
    TakeLock as TakeLock,
)
from masterd.control.protocol.requests import (
    Turning as Turning,
)
from masterd.control.protocol.requests import (
    Undo as Undo,
)
from masterd.control.protocol.requests import (
    Unlock as Unlock,
)
from masterd.control.protocol.requests import (
    WhoAmI as WhoAmI,
)
from masterd.control.protocol.roles import (
    Role as Role,
)

decode_request = msgspec.json.Decoder(AnyRequest).decode
decode_answer = msgspec.json.Decoder(Answer).decode
decode_event = msgspec.json.Decoder(AnyEvent).decode
decode_meters = msgspec.msgpack.Decoder(Meters).decode
encode_json = msgspec.json.Encoder().encode
encode_msgpack = msgspec.msgpack.Encoder().encode
