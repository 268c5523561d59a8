"""What the console knows of one daemon, and since when. No socket, no screen: the link feeds it, the panes read it."""

from __future__ import annotations

import math

from masterd.control.parameters import Parameter, Value
from masterd.control.protocol import (
    Alarm,
    AnyEvent,
    Changed,
    DaemonStatus,
    EqResponse,
    HostChanged,
    Lock,
    LockChanged,
    Meters,
    PresetsChanged,
    StateSnapshot,
    Trial,
    TrialChanged,
)
from masterd.control.tui.compare import Compare
from masterd.control.tui.gauges import Gauges
from masterd.control.tui.history import LoudnessHistory
from masterd.control.tui.log_book import LogBook
from masterd.control.tui.target import Target

METERS_OLD_S = 0.5
STATE_OLD_S = 2.0
"""A heartbeat is owed every second: from here on a pane says how old it is."""
FAULT_SHOWN_S = 60.0


class Station:
    """One daemon as far as it is known. Times are of a clock that only goes forward."""

    def __init__(self, name: str, now_s: float, target: Target | None = None) -> None:
        self.name, self.target = name, target
        self.trouble = "not reached yet"
        """Why nothing is heard; empty while something is."""
        self.parameters: dict[str, Parameter] = {}
        self.values: dict[str, Value] = {}
        self.presets: list[str] = []
        self.preset, self.dirty, self.revision = "", False, 0
        self.status: DaemonStatus | None = None
        self.alarms: dict[str, str] = {}
        self.lock: Lock | None = None
        self.trial: Trial | None = None
        self.frame: Meters | None = None
        self.response: EqResponse | None = None
        self.gauges, self.history, self.log, self.compare = Gauges(), LoudnessHistory(), LogBook(), Compare()
        self.version = 0
        """Moves with everything but the meters."""
        self._heard_s = self._metered_s = now_s
        self._fault_s = -math.inf

    def state_age_s(self, now_s: float) -> float:
        """How long nothing was heard of the state."""
        return now_s - self._heard_s

    def meters_age_s(self, now_s: float) -> float:
        """How long no meters came."""
        return now_s - self._metered_s

    def is_fresh(self, now_s: float) -> bool:
        """Whether what the meters show is now."""
        return self.frame is not None and self.meters_age_s(now_s) < METERS_OLD_S

    def is_faulty(self, now_s: float) -> bool:
        """Whether a block came late, or was lost, a little while ago."""
        return now_s - self._fault_s < FAULT_SHOWN_S

    def number(self, id: str) -> float | None:
        """The value of a parameter, when it is known and a number."""
        value = self.values.get(id)
        return None if value is None or isinstance(value, str) else float(value)

    def number_of(self, id: str) -> float | None:
        """The value of a choice whose names are numbers."""
        value = str(self.values.get(id, ""))
        return float(value) if value.isdigit() else None

    def lost(self, trouble: str) -> None:
        """The daemon is out of reach."""
        if trouble != self.trouble:
            self.log.note(f"out of reach: {trouble}")
        self.trouble = trouble
        self.version += 1

    def described(self, parameters: list[Parameter]) -> None:
        """What can be turned."""
        self.parameters = {parameter.id: parameter for parameter in parameters}
        self.version += 1

    def take_presets(self, names: list[str]) -> None:
        """What can be loaded."""
        self.presets = names
        self.version += 1

    def take_status(self, status: DaemonStatus) -> None:
        """How the daemon is."""
        self.status, self.lock, self.trial = status, status.lock, status.trial
        self.alarms = {code: self.alarms.get(code, "") for code in status.alarms}
        self.version += 1

    def take_response(self, response: EqResponse) -> None:
        """The equaliser's curve."""
        self.response = response
        self.version += 1

    def take_snapshot(self, snapshot: StateSnapshot, now_s: float) -> None:
        """The whole state anew."""
        self.values = dict(snapshot.values)
        self.preset, self.dirty, self.revision = snapshot.preset, snapshot.dirty, snapshot.revision
        self._heard(now_s)
        self.log.note(f"in reach: revision {snapshot.revision}, preset {snapshot.preset or '(none)'}")

    def take_event(self, event: AnyEvent, now_s: float) -> None:
        """What happened next."""
        match event:
            case Changed():
                self.values |= {id: new for id, (_, new) in event.changes.items()}
                self.preset, self.dirty = event.preset, event.dirty
            case PresetsChanged():
                self.presets = event.names
            case LockChanged():
                self.lock = event.lock
            case TrialChanged():
                self.trial = event.trial
            case Alarm():
                self.alarms = {code: text for code, text in self.alarms.items() if code != event.code}
                if event.active:
                    self.alarms[event.code] = event.message
            case HostChanged() if self.status:
                self.status.state, self.status.host, self.status.device = event.state, event.host, event.device
        self.revision = event.revision
        self.log.take(event, self.parameters)
        self._heard(now_s)

    def take_meters(self, frame: Meters, now_s: float, age_s: float = 0.0) -> None:
        """A meter frame that has been on its way for `age_s` longer than the quickest."""
        if (before := self.frame) and before.boot_id == frame.boot_id and faults(frame) > faults(before):
            self._fault_s = now_s
        self.frame, self._metered_s = frame, now_s - age_s
        self.gauges.take(frame, now_s)
        self.history.take(now_s, frame.output.momentary_lufs, frame.output.short_term_lufs)

    def settle(self, now_s: float) -> None:
        """Lets the needles fall when no frames come: old levels would be taken for the programme's."""
        if not self.is_fresh(now_s):
            self.gauges.take(None, now_s)

    def _heard(self, now_s: float) -> None:
        self._heard_s = now_s
        self.trouble = ""
        self.version += 1


def faults(frame: Meters) -> int:
    """Late and lost blocks since the daemon's start."""
    return frame.late_blocks + frame.xruns
