"""What happened at one daemon, as lines of the event log. What repeats quickly is one line that goes on."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from masterd.control.clock import clock_text
from masterd.control.event_text import by, change_text, event_text
from masterd.control.parameters import Parameter
from masterd.control.protocol import (
    Alarm,
    AnyEvent,
    Changed,
    Heartbeat,
    HostChanged,
    Lock,
    LockChanged,
    PresetsChanged,
    Trial,
    TrialChanged,
)

Kind = Literal["change", "guard", "alarm", "over", "host", "link"]

LONGEST = 2000
FLOOD_S = 1.0
FEW = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: Unix time, what sort of thing, who did it, what."""

    time: float
    kind: Kind
    who: str
    text: str

    @property
    def clock(self) -> str:
        """Local time."""
        return clock_text(self.time)


class LogBook:
    """The newest LONGEST entries; `version` moves with each of them."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=LONGEST)
        self.version = 0
        self._turn: Changed | None = None

    def write(self, entry: Entry) -> None:
        """One more."""
        self.entries.append(entry)
        self.version += 1
        self._turn = None

    def note(self, text: str, now: float | None = None) -> None:
        """What the console itself has to say."""
        self.write(Entry(time.time() if now is None else now, "link", "console", text))

    def take(self, event: AnyEvent, parameters: Mapping[str, Parameter]) -> None:
        """An event of the daemon; signs of life are not written down."""
        match event:
            case Heartbeat():
                return
            case Changed():
                self._changed(event, parameters)
            case Alarm(active=True):
                self.write(Entry(event.time, "alarm", "alarm", f"{event.code}: {event.message}"))
            case Alarm():
                self.write(Entry(event.time, "over", "alarm", f"{event.code} is over"))
            case HostChanged():
                told = f"{event.state}: {event.host} {event.device} {event.reason}"
                self.write(Entry(event.time, "host", "audio", told.rstrip()))
            case PresetsChanged():
                self.write(Entry(event.time, "change", by(event), f"presets are now: {', '.join(event.names)}"))
            case LockChanged(lock=Lock() as lock):
                self.write(Entry(event.time, "guard", by(event), f"locks{f': {lock.note}' if lock.note else ''}"))
            case LockChanged():
                self.write(Entry(event.time, "guard", by(event), "opens the lock"))
            case TrialChanged(trial=Trial() as trial):
                waits = f"{trial.parameters} parameters go back at {clock_text(trial.until)} unless confirmed"
                self.write(Entry(event.time, "guard", by(event), waits))
            case TrialChanged():
                self.write(Entry(event.time, "guard", by(event), f"what waited to be confirmed is {event.outcome}"))
            case _:
                self.write(Entry(event.time, "change", "", event_text(event, parameters)))

    def _changed(self, event: Changed, parameters: Mapping[str, Parameter]) -> None:
        if (before := self._turn) and goes_on(before, event):
            self.entries.pop()
            event = joined(before, event)
        self.write(Entry(event.time, "change", by(event), changes_text(event, parameters)))
        self._turn = event


def goes_on(before: Changed, after: Changed) -> bool:
    """Whether both are one turn of the same knobs by the same hand."""
    same = (by(before), before.cause, before.changes.keys()) == (by(after), after.cause, after.changes.keys())
    return same and after.cause in ("set", "adjust") and after.time - before.time < FLOOD_S


def joined(before: Changed, after: Changed) -> Changed:
    """From where the first one began to where the second ended."""
    changes = {id: (before.changes[id][0], new) for id, (_, new) in after.changes.items()}
    return msgspec.structs.replace(after, changes=changes)


def changes_text(event: Changed, parameters: Mapping[str, Parameter]) -> str:
    """What was done: the operation, and the values where they are few."""
    told = [change_text(id, old, new, parameters) for id, (old, new) in list(event.changes.items())[:FEW]]
    more = len(event.changes) - len(told)
    values = ", ".join(told) + (f" and {more} more" if more > 0 else "")
    match event.cause:
        case "set" | "adjust":
            return values
        case "preset.load":
            return f"loads {event.preset}, {len(event.changes)} values in {event.glide_ms / 1000:g} s"
        case "preset.save":
            return f"saves {event.preset}"
        case cause:
            return f"{cause}: {values}"
