"""What can be asked of a daemon, in the words of a client: each makes a question, which both faces of the library ask.

A word is written once, here; `Client` and `AsyncClient` name those they have, and get signature, types and docstring with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from masterd.control import protocol
from masterd.control.calls import Question
from masterd.control.parameters import Parameter, Value
from masterd.control.protocol import (
    DEFAULT_GLIDE_MS,
    Answer,
    AuditEntry,
    DaemonStatus,
    EqResponse,
    Identity,
    Lock,
    MidiLearning,
    MidiState,
    MonitorState,
    Spectrum,
    StateSnapshot,
)


def describe(*ids: str) -> Question[list[Parameter]]:
    """What can be turned: all parameters, or those named, as the daemon has them."""
    return Question(protocol.Describe(ids=list(ids) or None), list[Parameter])


def get(*ids: str) -> Question[dict[str, Value]]:
    """Values now: all, or those named."""
    return Question(protocol.Get(ids=list(ids) or None), dict[str, Value])


def set(
    values: Mapping[str, Value],
    glide_ms: float = DEFAULT_GLIDE_MS,
    if_revision: int | None = None,
    confirm_within_s: float | None = None,
) -> Question[Answer]:
    """Sets all of `values` or none; with `if_revision` only when nobody changed anything since; with `confirm_within_s` it goes
    back unless the token in the answer is confirmed in time."""
    return Question(
        protocol.Set(values=dict(values), glide_ms=glide_ms, if_revision=if_revision, confirm_within_s=confirm_within_s)
    )


def adjust(
    values: Mapping[str, float],
    travel: bool = False,
    glide_ms: float = DEFAULT_GLIDE_MS,
    if_revision: int | None = None,
    confirm_within_s: float | None = None,
) -> Question[Answer]:
    """Moves by amounts in each parameter's unit, or in knob travel (1.0 is the whole range); held at the ends."""
    return Question(
        protocol.Adjust(
            values=dict(values), travel=travel, glide_ms=glide_ms, if_revision=if_revision, confirm_within_s=confirm_within_s
        )
    )


def preset_list() -> Question[list[str]]:
    """Names of all presets, factory ones first."""
    return Question(protocol.PresetList(), list[str])


def preset_load(
    name: str,
    glide_ms: float = DEFAULT_GLIDE_MS,
    if_revision: int | None = None,
    confirm_within_s: float | None = None,
) -> Question[Answer]:
    """Goes to a preset."""
    return Question(protocol.PresetLoad(name=name, glide_ms=glide_ms, if_revision=if_revision, confirm_within_s=confirm_within_s))


def preset_save(name: str) -> Question[Answer]:
    """Keeps the present values under `name`; ImmutablePreset for factory names."""
    return Question(protocol.PresetSave(name=name))


def preset_delete(name: str) -> Question[Answer]:
    """Removes a user preset."""
    return Question(protocol.PresetDelete(name=name))


def undo(steps: int = 1, glide_ms: float = DEFAULT_GLIDE_MS, confirm_within_s: float | None = None) -> Question[Answer]:
    """Back by `steps` changes; NothingToUndo at the beginning of history."""
    return Question(protocol.Undo(steps=steps, glide_ms=glide_ms, confirm_within_s=confirm_within_s))


def redo(steps: int = 1, glide_ms: float = DEFAULT_GLIDE_MS, confirm_within_s: float | None = None) -> Question[Answer]:
    """Forward again by `steps` changes."""
    return Question(protocol.Redo(steps=steps, glide_ms=glide_ms, confirm_within_s=confirm_within_s))


def confirm(token: str) -> Question[Answer]:
    """Keeps what was turned with `confirm_within_s`; NothingToConfirm when that is over."""
    return Question(protocol.Confirm(token=token))


def revert(token: str) -> Question[Answer]:
    """Takes it back now instead of waiting for the time to run out."""
    return Question(protocol.Revert(token=token))


def lock(note: str = "", seconds: float | None = None) -> Question[Lock]:
    """On air, hands off: nobody else turns anything until `unlock`, or for `seconds`. Asked again it renews note and time."""
    return Question(protocol.TakeLock(note=note, seconds=seconds), Lock)


def unlock() -> Question[Answer]:
    """Lets others turn again."""
    return Question(protocol.Unlock())


def whoami() -> Question[Identity]:
    """Who the daemon takes this client for, and what it may do."""
    return Question(protocol.WhoAmI(), Identity)


def audit(count: int = 100) -> Question[list[AuditEntry]]:
    """The newest entries of the log of who did what; Forbidden to all but admins."""
    return Question(protocol.AskAudit(count=count), list[AuditEntry])


def snapshot() -> Question[StateSnapshot]:
    """All values, and the event number up to which they are true."""
    return Question(protocol.Snapshot(), StateSnapshot)


def status() -> Question[DaemonStatus]:
    """How the daemon is."""
    return Question(protocol.Status(), DaemonStatus)


def reset_loudness() -> Question[Answer]:
    """Starts integrated loudness, range and maxima anew."""
    return Question(protocol.ResetLoudness())


def spectrum(
    point: Literal["input", "output"] = "output", kind: Literal["third_octave", "fft"] = "third_octave"
) -> Question[Spectrum]:
    """What sounds there now: 1/3 octaves (averaged over 1 s) or an FFT of 8192 frames."""
    return Question(protocol.AskSpectrum(point=point, kind=kind), Spectrum)


def eq_response(points: int = 128) -> Question[EqResponse]:
    """What the equaliser does at `points` frequencies from 20 Hz to 20 kHz, as the daemon's kernel is designed now."""
    return Question(protocol.AskEqResponse(points=points), EqResponse)


def monitor() -> Question[MonitorState]:
    """What the monitor output plays; NoMonitor."""
    return Question(protocol.AskMonitor(), MonitorState)


def monitor_hear(simulation: str, dim_db: float = 0.0) -> Question[MonitorState]:
    """Listens through another loudspeaker; UnknownSimulation, NoMonitor."""
    return Question(protocol.MonitorHear(simulation=simulation, dim_db=dim_db), MonitorState)


def analyse_begin(
    point: Literal["input", "output"] = "output",
    seconds: float = 30.0,
    corridor: str = "neutral",
    target_lufs: float | None = None,
    match: bool = False,
) -> Question[Answer]:
    """Listens for some seconds; AnalysisRunning, BrokenCorridor. The event `analysed` tells when it is through."""
    request = protocol.AnalyseBegin(point=point, seconds=seconds, corridor=corridor, target_lufs=target_lufs, match=match)
    return Question(request)


def analyse_result(form: Literal["object", "text", "proposal", "html"] = "text") -> Question[Any]:
    """The report of the last analysis: an object as a dict, the others as text. AnalysisRunning, NoAnalysis."""
    return Question(protocol.AnalyseResult(form=form), Any)


def midi_list() -> Question[MidiState]:
    """The boxes of all MIDI processes, and where learning is."""
    return Question(protocol.MidiList(), MidiState)


def midi_learn(parameter: str, box: str = "", allow_unsafe: bool = False) -> Question[MidiLearning]:
    """Begins to learn which control turns `parameter`; the steps are events. NoMidiProcess, LearnBusy, UnsafeParameter."""
    return Question(protocol.MidiLearn(parameter=parameter, box=box, allow_unsafe=allow_unsafe), MidiLearning)


def midi_learn_confirm() -> Question[MidiLearning]:
    """Lets the control lose what it turned before."""
    return Question(protocol.MidiLearnConfirm(), MidiLearning)


def midi_learn_cancel() -> Question[MidiLearning | None]:
    """Ends learning."""
    return Question(protocol.MidiLearnCancel(), MidiLearning | None)


def midi_monitor(seconds: float) -> Question[Answer]:
    """Moves come as events for so long."""
    return Question(protocol.MidiMonitor(seconds=seconds))
