"""The messages of the protocol, version 1. docs/protocol.md is normative; these structs are what both ends decode into.

`ctl` (ROUTER) carries one JSON request and one JSON answer each way; `events` (XPUB) JSON, in order; `meters` (PUB) one frame of
b"meters" and msgpack, newest wins. An unknown field in a request is refused, an unknown field in an answer or event is ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from masterd.control.decoding import guarded
from masterd.control.protocol import events, midi, requests
from masterd.control.protocol.answers import (
    Answer as Answer,
    AuditEntry as AuditEntry,
    DaemonStatus as DaemonStatus,
    EqResponse as EqResponse,
    ErrorBody as ErrorBody,
    Identity as Identity,
    InputClock as InputClock,
    Lock as Lock,
    MonitorState as MonitorState,
    Spectrum as Spectrum,
    StateSnapshot as StateSnapshot,
    Trial as Trial,
)
from masterd.control.protocol.events import (
    Alarm as Alarm,
    Analysed as Analysed,
    ByHand as ByHand,
    Changed as Changed,
    Event as Event,
    Heartbeat as Heartbeat,
    HostChanged as HostChanged,
    LockChanged as LockChanged,
    MonitorChanged as MonitorChanged,
    PresetsChanged as PresetsChanged,
    TrialChanged as TrialChanged,
)
from masterd.control.protocol.meters import (
    METERS_TOPIC as METERS_TOPIC,
    SILENCE_DB as SILENCE_DB,
    Meters as Meters,
    PointMeters as PointMeters,
    decode_meters as decode_meters,
)
from masterd.control.protocol.midi import (
    LearnStep as LearnStep,
    MidiBox as MidiBox,
    MidiChanged as MidiChanged,
    MidiLearn as MidiLearn,
    MidiLearnCancel as MidiLearnCancel,
    MidiLearnConfirm as MidiLearnConfirm,
    MidiLearning as MidiLearning,
    MidiList as MidiList,
    MidiMonitor as MidiMonitor,
    MidiMove as MidiMove,
    MidiMoves as MidiMoves,
    MidiProcess as MidiProcess,
    MidiReport as MidiReport,
    MidiState as MidiState,
)
from masterd.control.protocol.requests import (
    DEFAULT_GLIDE_MS as DEFAULT_GLIDE_MS,
    MAX_GLIDE_MS as MAX_GLIDE_MS,
    MAX_REQUEST_BYTES as MAX_REQUEST_BYTES,
    VERSION as VERSION,
    Adjust as Adjust,
    AnalyseBegin as AnalyseBegin,
    AnalyseResult as AnalyseResult,
    AskAudit as AskAudit,
    AskEqResponse as AskEqResponse,
    AskMonitor as AskMonitor,
    AskSpectrum as AskSpectrum,
    Confirm as Confirm,
    Describe as Describe,
    Get as Get,
    MonitorHear as MonitorHear,
    PresetDelete as PresetDelete,
    PresetList as PresetList,
    PresetLoad as PresetLoad,
    PresetSave as PresetSave,
    Redo as Redo,
    Request as Request,
    ResetLoudness as ResetLoudness,
    Revert as Revert,
    Set as Set,
    Snapshot as Snapshot,
    Status as Status,
    TakeLock as TakeLock,
    Turning as Turning,
    Undo as Undo,
    Unlock as Unlock,
    WhoAmI as WhoAmI,
)
from masterd.control.protocol.roles import (
    Role as Role,
)

AnyRequest: TypeAlias = requests.AnyRequest | midi.MidiRequest
AnyEvent: TypeAlias = events.AnyEvent | midi.MidiEvent

decode_request: Callable[[bytes], Request] = guarded(msgspec.json.Decoder(AnyRequest).decode)
decode_answer: Callable[[bytes], Answer] = guarded(msgspec.json.Decoder(Answer).decode)
decode_event: Callable[[bytes], AnyEvent] = guarded(msgspec.json.Decoder(AnyEvent).decode)
encode_json = msgspec.json.Encoder().encode
encode_msgpack = msgspec.msgpack.Encoder().encode
