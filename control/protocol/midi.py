"""MIDI: the state of the boxes and of learning, as every client sees it, and the operations around it.

The daemon knows no MIDI. Processes that do are clients like any other: they report, and the daemon hands on what they say and
what is wanted of them. So a web page on one machine can watch a knob being learned on another.
"""

from __future__ import annotations

import enum
from typing import ClassVar, TypeAlias

import msgspec

from masterd.control.protocol.events import Event
from masterd.control.protocol.requests import Request
from masterd.control.protocol.roles import Role

MONITOR_S = 10.0
MAX_MONITOR_S = 60.0


class MidiBox(msgspec.Struct, kw_only=True):
    """One box. `port` is the system's name for it, or what is looked for while it is not there; `turns` says for each control
    what it does, `waiting` for each that has to be picked up what it must be turned to; `problem` what is wrong."""

    name: str
    port: str
    profile: str
    state: str
    problem: str = ""
    turns: dict[str, str] = {}
    waiting: dict[str, str] = {}


class MidiProcess(msgspec.Struct):
    """One process and its boxes."""

    process: str
    system: str
    boxes: list[MidiBox]


class LearnStep(enum.StrEnum):
    """How far learning is."""

    ASKED = "asked"  # no process has taken it up yet
    LISTENING = "listening"  # turn the control to the right, or press the button
    RIGHT_HEARD = "right_heard"  # now to the left
    CONFLICT = "conflict"  # it turns something else already: confirm or cancel
    CONFIRMED = "confirmed"  # the process is writing
    LEARNED = "learned"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Nothing more will come."""
        return self in (LearnStep.LEARNED, LearnStep.CANCELLED)


class MidiLearning(msgspec.Struct, kw_only=True):
    """What is being learned, or was last. `box` is a name or a regular expression on ports while asked, later the box it was;
    `replaces` what the control turned before; `message` is for people."""

    serial: int
    parameter: str
    step: LearnStep
    origin: str = ""
    allow_unsafe: bool = False
    process: str = ""
    box: str = ""
    control: str = ""
    encoding: str = ""
    replaces: list[str] = []
    message: str = ""


class MidiState(msgspec.Struct):
    """The result of `midi.list`. While `monitored`, processes tell every move. `revision` counts the changes of it: what is lower
    than one already seen is older, for an answer overtakes events that are under way."""

    processes: list[MidiProcess]
    learning: MidiLearning | None
    monitored: bool
    revision: int = 0


class MidiMove(msgspec.Struct, omit_defaults=True):
    """A message that came from a box, in hexadecimal; the control and value it means; what was done about it."""

    box: str
    bytes: str
    control: str = ""
    value: int = 0
    did: str = ""


class MidiList(Request, tag="midi.list"):
    """The boxes and where learning is."""


class MidiLearn(Request, tag="midi.learn"):
    """Begins to learn which control turns `parameter`, on any box or those whose name is `box` or whose port it matches."""

    role: ClassVar[Role] = Role.OPERATOR
    parameter: str
    box: str = ""
    allow_unsafe: bool = False


class MidiLearnConfirm(Request, tag="midi.learn.confirm"):
    """The control may lose what it turned before."""

    role: ClassVar[Role] = Role.OPERATOR


class MidiLearnCancel(Request, tag="midi.learn.cancel"):
    """Ends learning; nothing is written."""

    role: ClassVar[Role] = Role.OPERATOR
    harmless: ClassVar[bool] = True


class MidiMonitor(Request, tag="midi.monitor"):
    """Every move is told in events for so long; asked again before that is over, longer."""

    seconds: float = MONITOR_S


class MidiReport(Request, tag="midi.report"):
    """A MIDI process says how things are; `origin` is its name. What is left out has not changed."""

    role: ClassVar[Role] = Role.OPERATOR
    harmless: ClassVar[bool] = True
    system: str = ""
    boxes: list[MidiBox] | None = None
    learning: MidiLearning | None = None
    moves: list[MidiMove] = msgspec.field(default_factory=list)
    missed: int = 0
    gone: bool = False
    """The last word of a process that ends."""


class MidiChanged(Event, tag="midi"):
    """Boxes or learning are as `state` says now."""

    state: MidiState


class MidiMoves(Event, tag="midi_moves"):
    """What arrived at the boxes of one process, the newest of each control, and how many others there were."""

    process: str
    moves: list[MidiMove]
    missed: int


MidiRequest: TypeAlias = MidiList | MidiLearn | MidiLearnConfirm | MidiLearnCancel | MidiMonitor | MidiReport
MidiEvent: TypeAlias = MidiChanged | MidiMoves
