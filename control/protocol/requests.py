"""What can be asked of a daemon on `ctl`. An unknown operation or field is refused."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

import msgspec

from masterd.control.parameters import Value
from masterd.control.protocol.roles import Role

VERSION = 1
MAX_REQUEST_BYTES = 65536
DEFAULT_GLIDE_MS = 20.0
MAX_GLIDE_MS = 60000.0


class Request(msgspec.Struct, forbid_unknown_fields=True, tag_field="op", kw_only=True, omit_defaults=True):
    """What every request carries. `id` comes back in the answer; `origin` names the client in events; `override` is an admin's:
    done although somebody else holds the lock. `role` is the least that may ask it; what is not `harmless` waits for the lock."""

    role: ClassVar[Role] = Role.VIEWER
    harmless: ClassVar[bool] = False

    id: int | str = 0
    v: int = VERSION
    origin: str = ""
    override: bool = False


class Turning(Request, kw_only=True):
    """What every request carries that turns something: how long the way there takes, and, if it is to be confirmed, within
    which time; unconfirmed it goes back."""

    role: ClassVar[Role] = Role.OPERATOR
    glide_ms: float = DEFAULT_GLIDE_MS
    confirm_within_s: float | None = None


class Describe(Request, tag="describe"):
    """What can be turned: every parameter, or those named."""

    ids: list[str] | None = None


class Get(Request, tag="get"):
    """Values now: all, or those named."""

    ids: list[str] | None = None


class Set(Turning, tag="set", kw_only=True):
    """Several parameters at once, all or nothing, reached after `glide_ms`."""

    values: dict[str, Value]
    if_revision: int | None = None


class Adjust(Turning, tag="adjust", kw_only=True):
    """Moves parameters by an amount, held at the ends of their range: in their unit (positions for choices), or in
    knob travel (1.0 is the whole range along the curve) when `travel` is true. Switches turn on above 0, off below."""

    values: dict[str, float]
    travel: bool = False
    if_revision: int | None = None


class PresetList(Request, tag="preset.list"):
    """Names of all presets, factory ones first."""


class PresetLoad(Turning, tag="preset.load", kw_only=True):
    """Goes to a preset."""

    name: str
    if_revision: int | None = None


class PresetSave(Request, tag="preset.save"):
    """Keeps the present values under a name; factory names are refused."""

    role: ClassVar[Role] = Role.OPERATOR
    name: str


class PresetDelete(Request, tag="preset.delete"):
    """Removes a user preset."""

    role: ClassVar[Role] = Role.OPERATOR
    name: str


class Undo(Turning, tag="undo", kw_only=True):
    """Back by `steps` changes."""

    steps: int = 1


class Redo(Turning, tag="redo", kw_only=True):
    """Forward again by `steps` changes."""

    steps: int = 1


class Confirm(Request, tag="confirm"):
    """Keeps what was turned with `confirm_within_s`; the token is in its answer."""

    role: ClassVar[Role] = Role.OPERATOR
    harmless: ClassVar[bool] = True
    token: str


class Revert(Request, tag="revert"):
    """Takes it back now instead of waiting for the time to run out."""

    role: ClassVar[Role] = Role.OPERATOR
    harmless: ClassVar[bool] = True
    token: str


class TakeLock(Request, tag="lock"):
    """On air, hands off: until `unlock`, or for `seconds`, nobody else turns anything. Asked again it renews note and time."""

    role: ClassVar[Role] = Role.OPERATOR
    note: str = ""
    seconds: float | None = None


class Unlock(Request, tag="unlock"):
    """Lets others turn again: the holder, or an admin with `override`."""

    role: ClassVar[Role] = Role.OPERATOR


class WhoAmI(Request, tag="whoami"):
    """Who the daemon takes the asker for."""


class AskAudit(Request, tag="audit"):
    """The newest entries of the audit log."""

    role: ClassVar[Role] = Role.ADMIN
    harmless: ClassVar[bool] = True
    count: int = 100


class Snapshot(Request, tag="snapshot"):
    """Everything a follower needs: values, revision, and the event number up to which they are true."""


class Status(Request, tag="status"):
    """How the daemon is."""


class ResetLoudness(Request, tag="loudness.reset"):
    """Starts integrated loudness, range, maxima, PLR, the least PSR and DR anew, at input and output."""

    role: ClassVar[Role] = Role.OPERATOR


class AskSpectrum(Request, tag="spectrum"):
    """The spectrum at a point now: levels in 1/3 octaves, or the lines of an FFT."""

    point: Literal["input", "output"] = "output"
    kind: Literal["third_octave", "fft"] = "third_octave"


class AskMonitor(Request, tag="monitor"):
    """What the monitor output plays now, and what it could."""


class MonitorHear(Request, tag="monitor.hear"):
    """Listens through another loudspeaker, `dim_db` (0 to 24) quieter. The air does not change."""

    role: ClassVar[Role] = Role.OPERATOR
    harmless: ClassVar[bool] = True

    simulation: str
    dim_db: float = 0.0


class AskEqResponse(Request, tag="eq.response"):
    """What the equaliser does, as designed for the present values: levels at `points` frequencies of equal ratio."""

    points: int = 128


class AnalyseBegin(Request, tag="analyse.begin"):
    """Listens at a point for some seconds; the event `analysed` tells when it is through. Changes nothing."""

    role: ClassVar[Role] = Role.OPERATOR
    harmless: ClassVar[bool] = True

    point: Literal["input", "output"] = "output"
    seconds: float = 30.0
    corridor: str = "neutral"
    target_lufs: float | None = None
    match: bool = False


class AnalyseResult(Request, tag="analyse.result"):
    """The report of the last analysis: as an object, as text, as a proposal in TOML, or as a page."""

    form: Literal["object", "text", "proposal", "html"] = "object"


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
    | Confirm
    | Revert
    | TakeLock
    | Unlock
    | WhoAmI
    | AskAudit
    | Snapshot
    | Status
    | ResetLoudness
    | AskSpectrum
    | AskMonitor
    | MonitorHear
    | AnalyseBegin
    | AnalyseResult
    | AskEqResponse
)
