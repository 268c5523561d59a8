"""Every error that a person or a client can meet, each with a stable code that travels in the protocol.

    MasterdError                    code
    ├── Refused
    │   ├── UnknownParameter        unknown_parameter
    │   ├── WrongType               wrong_type
    │   ├── OutOfRange              out_of_range
    │   ├── UnknownPreset           unknown_preset
    │   ├── ImmutablePreset         immutable_preset
    │   ├── AnalysisRunning         analysis_running
    │   ├── NoAnalysis              no_analysis
    │   ├── BrokenCorridor          broken_corridor
    │   ├── UnknownSimulation       unknown_simulation
    │   ├── NoMonitor               no_monitor
    │   ├── RevisionConflict        revision_conflict
    │   ├── NothingToUndo           nothing_to_undo
    │   ├── UnsafeParameter         unsafe_parameter
    │   ├── NoMidiProcess           no_midi_process
    │   ├── LearnBusy               learn_busy
    │   ├── NotLearning             not_learning
    │   ├── NothingToConfirm        nothing_to_confirm
    │   ├── Forbidden               forbidden
    │   ├── Locked                  locked
    │   ├── RateLimited             rate_limited
    │   └── BadRequest              bad_request
    ├── Unreachable                 unreachable
    │   ├── SilentDaemon            silent
    │   ├── UnknownKey              unknown_key
    │   └── WrongServerKey          wrong_server_key
    ├── BadAnswer                   bad_answer
    ├── NotGuarded                  not_guarded
    ├── CannotListen                cannot_listen
    └── MissingExtra                missing_extra

A refused request has changed nothing. The text says what was wrong, where, and what would be right.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class MasterdError(Exception):
    """Anything that went wrong and can be told to a person."""

    code = "error"
    parameter: str | None = None


class Refused(MasterdError):
    """The daemon understood nothing wrong with itself: the request was wrong, and nothing changed."""


class UnknownParameter(Refused):
    """No parameter has that id."""

    code = "unknown_parameter"

    def __init__(self, id: str, known: Iterable[str]) -> None:
        self.parameter = id[:80]
        near = difflib.get_close_matches(id[:80], list(known), 3)
        super().__init__(f"no parameter {id[:80]!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))


class WrongType(Refused):
    """The value is not of the parameter's kind."""

    code = "wrong_type"

    def __init__(self, id: str, value: object, wanted: str) -> None:
        self.parameter = id
        super().__init__(f"{id}: {str(value)[:80]!r} is not {wanted}")


class OutOfRange(Refused):
    """The number is outside the parameter's range, or is NaN."""

    code = "out_of_range"

    def __init__(self, id: str, value: object, low: float, high: float, unit: str) -> None:
        self.parameter = id
        super().__init__(f"{id}: {str(value)[:80]} is outside {low:g} to {high:g} {unit}".rstrip())


class UnknownPreset(Refused):
    """No preset has that name."""

    code = "unknown_preset"


class ImmutablePreset(Refused):
    """Factory presets cannot be overwritten or deleted."""

    code = "immutable_preset"


class AnalysisRunning(Refused):
    """One analysis at a time."""

    code = "analysis_running"


class NoAnalysis(Refused):
    """Nothing has been analysed yet."""

    code = "no_analysis"


class BrokenCorridor(Refused):
    """A file is not a corridor, or there is none of that name."""

    code = "broken_corridor"


class UnknownSimulation(Refused):
    """No simulation of a loudspeaker has that name."""

    code = "unknown_simulation"


class NoMonitor(Refused):
    """The daemon has no monitor output configured."""

    code = "no_monitor"


class RevisionConflict(Refused):
    """The state moved on since the revision the request was made for."""

    code = "revision_conflict"


class NothingToUndo(Refused):
    """The history has no step in that direction."""

    code = "nothing_to_undo"


class UnsafeParameter(Refused):
    """The parameter decides how loud the air gets: no knob may turn it unless the user says so."""

    code = "unsafe_parameter"

    def __init__(self, id: str, permission: str) -> None:
        self.parameter = id
        super().__init__(f"{id} decides how loud the air gets; say {permission} if a knob may turn it")


class NoMidiProcess(Refused):
    """No process that hears MIDI reports to this daemon."""

    code = "no_midi_process"


class LearnBusy(Refused):
    """Another control is being learned."""

    code = "learn_busy"


class NotLearning(Refused):
    """No learning waits for a confirmation."""

    code = "not_learning"


class NothingToConfirm(Refused):
    """No change waits for this token: it was confirmed, went back, or was replaced by a later one."""

    code = "nothing_to_confirm"


class Forbidden(Refused):
    """The role of the asker is not enough."""

    code = "forbidden"


class Locked(Refused):
    """Somebody else holds the lock."""

    code = "locked"


class RateLimited(Refused):
    """The asker has sent more requests than it may."""

    code = "rate_limited"


class BadRequest(Refused):
    """The message is not a request of the protocol: malformed, oversized, unknown operation or field."""

    code = "bad_request"


class Unreachable(MasterdError):
    """No daemon can be spoken to there. It may come: whoever follows one tries again."""

    code = "unreachable"


class SilentDaemon(Unreachable):
    """Somebody is there, and does not answer in time."""

    code = "silent"


class UnknownKey(Unreachable):
    """The daemon does not know the key of this client."""

    code = "unknown_key"


class WrongServerKey(Unreachable):
    """Whoever is there does not have the key of the daemon that was meant."""

    code = "wrong_server_key"


class BadAnswer(MasterdError):
    """The answer is none that the protocol knows: another version, or no masterd."""

    code = "bad_answer"


class NotGuarded(MasterdError):
    """A surface that knows no keys would be open to everybody."""

    code = "not_guarded"

    def __init__(self, listen: str) -> None:
        super().__init__(
            f"{listen} is open to the network, and whoever reaches it needs no key: "
            "name the addresses or networks that may (allow), or listen on 127.0.0.1"
        )


class CannotListen(MasterdError):
    """The address is not this machine's, or somebody else listens there."""

    code = "cannot_listen"

    def __init__(self, listen: str, port: int, error: OSError) -> None:
        super().__init__(f"cannot listen on {listen} port {port}: {error.strerror or error}")


class MissingExtra(MasterdError):
    """A library is not installed that only this part needs."""

    code = "missing_extra"

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(f"{library} is not installed: pip install 'masterd[{extra}]'")
