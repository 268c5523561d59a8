"""The map of a controller: which control does what. What a map file holds, checked; reading it is mapfile.py."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from masterd.control.curves import from_travel, to_travel
from masterd.control.midi.encodings import Encoding
from masterd.control.midi.messages import Control
from masterd.control.midi.place import Place, Style
from masterd.control.midi.takeover import Mode
from masterd.control.parameters import Parameter, Value

if TYPE_CHECKING:
    from masterd.control.midi.profile import Profile


class Action(enum.StrEnum):
    """What a control does."""

    TURN = "turn"  # a knob, fader or encoder and a parameter
    TOGGLE = "toggle"  # every press goes to the next position
    MOMENTARY = "momentary"  # on while held
    SELECT = "select"  # sets one value: one button of several
    DEFAULT = "default"  # back to the parameter's default
    PRESET = "preset"
    UNDO = "undo"
    REDO = "redo"
    UNDO_REDO = "undo_redo"  # undo when tapped, redo when held
    COMPARE = "compare"  # A and B: as it was, as it is
    REMEMBER = "remember"  # how it is now becomes A
    PAGE = "page"
    PAGE_LEFT = "page_left"
    PAGE_RIGHT = "page_right"
    BANK = "bank"  # to one position of a bank
    BANK_LEFT = "bank_left"  # by its width
    BANK_RIGHT = "bank_right"
    CHANNEL_LEFT = "channel_left"  # by one
    CHANNEL_RIGHT = "channel_right"
    SHIFT = "shift"  # another layer, while held or until pressed again
    FLIP = "flip"  # encoders and faders change places
    SHOW = "show"  # does nothing, and shows a meter


@dataclass(frozen=True, slots=True)
class Binding:
    """One control and what it does. `low` and `high` are values of the parameter at the ends of the travel."""

    place: Place
    action: Action
    parameter: Parameter | None = None
    preset: str = ""
    value: Value | None = None
    """What SELECT sets."""
    bank: str = ""
    to: str | int = ""
    """A page's or layer's name, a bank's position."""
    takeover: Mode | None = None
    low: float = 0.0
    high: float = 1.0
    invert: bool = False
    travel_per_tick: float = 1 / 128
    glide_ms: float = 20.0
    shows: str = ""
    """A meter's name: shown instead of the parameter's value."""
    style: Style | None = None
    colour: str = ""
    latch: bool = False

    @property
    def control(self) -> Control | None:
        """What the place sends as."""
        return self.place.control

    @property
    def encoding(self) -> Encoding:
        """What its values mean."""
        return self.place.encoding

    @property
    def is_relative(self) -> bool:
        """An endless encoder."""
        return self.place.is_relative

    @property
    def is_knob(self) -> bool:
        """Has a position, which a takeover compares."""
        return self.action is Action.TURN and not self.is_relative

    @property
    def mode(self) -> Mode:
        """How it takes its parameter over: as the map says, else by what it is."""
        return self.takeover or (Mode.MOTOR if self.place.follows else Mode.PICKUP)

    @property
    def ring_style(self) -> Style:
        """As the map says, else by the parameter: from the middle for what goes both ways, a dot for frequencies and times."""
        if self.style or self.parameter is None or self.shows:
            return self.style or Style.FILL
        if self.low < 0 < self.high and self.parameter.kind == "number":
            return Style.CENTRE
        return Style.DOT if self.parameter.unit in ("Hz", "ms") else Style.FILL

    def at(self, place: Place) -> Binding:
        """The same on another control."""
        return replace(self, place=place)

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
class Bank:
    """A number that bindings count from: `{band+n}`. A step of the bank is `width`, of the channel 1."""

    name: str
    first: int
    last: int
    width: int = 1


@dataclass(frozen=True, slots=True)
class Slot:
    """A binding and when it counts: on one page or on all, in one layer or in none, for each position of a bank (None where the
    row hangs over the bank's end)."""

    place: Place
    variants: tuple[Binding | None, ...]
    page: str = ""
    layer: str = ""
    bank: str = ""

    @property
    def address(self) -> Control | str:
        """What it is about: a control, or by name something that only shows."""
        return self.place.control or self.place.name

    @property
    def rank(self) -> tuple[bool, bool]:
        """Of two for the same control the higher one counts."""
        return bool(self.layer), bool(self.page)


@dataclass(frozen=True, slots=True)
class Tables:
    """What a map file's tables say. `flips` are pairs of places that change what they do."""

    slots: tuple[Slot, ...] = ()
    pages: tuple[str, ...] = ()
    banks: Mapping[str, Bank] = field(default_factory=dict)
    flips: tuple[tuple[str, str], ...] = ()

    def over(self, below: Tables) -> Tables:
        """These on top of `below`: what one of them binds, `below` does not bind there any more."""
        mine = {(slot.address, slot.layer, slot.page) for slot in self.slots}
        kept = tuple(slot for slot in below.slots if not mine & {(slot.address, slot.layer, page) for page in ("", slot.page)})
        pages = tuple(dict.fromkeys((*below.pages, *self.pages)))
        return Tables((*kept, *self.slots), pages, {**below.banks, **self.banks}, (*below.flips, *self.flips))


@dataclass(frozen=True, slots=True)
class MidiMap:
    """All bindings for one box. `port` is a regular expression its name must hold; boxes of one `group` turn pages, banks and
    layers together."""

    name: str
    port: str
    profile: Profile
    tables: Tables
    group: str = ""

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """Every binding there is, of all pages, layers and banks."""
        return tuple(binding for slot in self.tables.slots for binding in slot.variants if binding)

    @property
    def places(self) -> tuple[Place, ...]:
        """Every control that can do or show something: those of the profile, and those only the map knows."""
        mapped = {slot.place.name: slot.place for slot in self.tables.slots}
        return tuple({**self.profile.places, **mapped}.values())
