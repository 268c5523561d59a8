"""The map of a controller: which control turns which parameter. What a map file holds, checked; reading it is mapfile.py."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from masterd.control.curves import from_travel, to_travel
from masterd.control.midi.encodings import Encoding
from masterd.control.midi.messages import Control
from masterd.control.midi.profile import Profile
from masterd.control.parameters import Parameter, Value


class Action(enum.StrEnum):
    """What a control does."""

    TURN = "turn"  # a knob, fader or encoder and a parameter
    TOGGLE = "toggle"  # every press goes to the next position
    MOMENTARY = "momentary"  # on while held
    PRESET = "preset"
    UNDO = "undo"
    REDO = "redo"


BUTTONS = (Action.TOGGLE, Action.MOMENTARY, Action.PRESET, Action.UNDO, Action.REDO)


@dataclass(frozen=True, slots=True)
class Binding:
    """One control and what it does. `low` and `high` are values of the parameter at the ends of the travel."""

    control: Control
    action: Action
    parameter: Parameter | None = None
    preset: str = ""
    encoding: Encoding = Encoding.ABSOLUTE
    jump: bool = False
    low: float = 0.0
    high: float = 1.0
    invert: bool = False
    travel_per_tick: float = 1 / 128
    glide_ms: float = 20.0
    shown_on: Control | None = None

    @property
    def is_relative(self) -> bool:
        """An endless encoder."""
        return self.encoding is not Encoding.ABSOLUTE

    @property
    def is_knob(self) -> bool:
        """Has a position, which pick-up compares."""
        return self.action is Action.TURN and not self.is_relative

    def value_at(self, position: float) -> Value:
        """The parameter's value for a knob at 0..1, along the parameter's own curve; the ends are exact."""
        it = self._parameter
        position = 1 - position if self.invert else position
        if it.kind == "switch":
            return position >= 0.5
        if it.kind == "choice":
            first, last = round(self.low), round(self.high)
            return it.choices[first + round(position * (last - first))]
        return from_travel(position, self.low, self.high, it.curve)

    def position_of(self, value: Value) -> float:
        """Where a knob for `value` stands, 0..1; values outside low to high are held at the ends."""
        it = self._parameter
        if it.kind == "choice":
            at = (it.choices.index(str(value)) - self.low) / ((self.high - self.low) or 1)
        elif it.kind == "switch":
            at = float(value)
        else:
            at = to_travel(float(value), self.low, self.high, it.curve)
        at = min(max(at, 0.0), 1.0)
        return 1 - at if self.invert else at

    @property
    def _parameter(self) -> Parameter:
        assert self.parameter is not None
        return self.parameter


@dataclass(frozen=True, slots=True)
class MidiMap:
    """All bindings for one box. `port` is a regular expression its name must hold."""

    name: str
    port: str
    profile: Profile
    bindings: tuple[Binding, ...]
