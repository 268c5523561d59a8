"""One control of a box: what kind, what it sends, where and how it is shown."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from masterd.control.midi.encodings import Encoding
from masterd.control.midi.messages import Control
from masterd.control.midi.spots import Spot


class PlaceKind(enum.StrEnum):
    """What a hand or an eye finds there."""

    ENCODER = "encoder"  # endless
    KNOB = "knob"
    FADER = "fader"
    WHEEL = "wheel"
    BUTTON = "button"
    METER = "meter"  # shows only
    STRIP = "strip"  # a scribble strip: shows only


class Style(enum.StrEnum):
    """How a ring of lights shows a position."""

    DOT = "dot"  # one light
    CENTRE = "centre"  # from the middle: boost and cut
    FILL = "fill"  # from the left
    SPREAD = "spread"  # from the middle to both sides: a width


@dataclass(frozen=True, slots=True)
class Ring:
    """Lights around an encoder, or a fader's motor. `ends` are the values for 0 and 1 in a style."""

    spot: Spot
    off: int
    ends: Mapping[Style, tuple[int, int]]
    mode: Spot | None = None
    """Where the style is set, on boxes that are told it apart from the value."""
    modes: Mapping[Style, int] = field(default_factory=dict)

    def value(self, style: Style, position: float) -> int:
        """What shows `position` 0..1; in another style where the box has not got that one."""
        low, high = self.ends.get(style) or next(iter(self.ends.values()))
        return low + round(position * (high - low))


@dataclass(frozen=True, slots=True)
class Light:
    """Under a button. `colours` are further values for on, by name."""

    spot: Spot
    off: int = 0
    on: int = 127
    blink: int | None = None
    colours: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """One control of a box. `control` is None when it sends nothing, or nobody has written down what: that is to be learned."""

    name: str
    kind: PlaceKind
    control: Control | None = None
    encoding: Encoding = Encoding.ABSOLUTE
    follows: bool = False
    """It stands where it was shown last, by a motor or since it counts by itself: it need not be picked up."""
    touch: Control | None = None
    """A note that says a hand is on it."""
    ring: Ring | None = None
    light: Light | None = None
    column: int = 1
    """Which of its row, from 1: belongs to that scribble strip."""

    def sending(self, control: Control | None) -> Place:
        """The same, when it has been learned what it sends. What follows is shown there, unless it is known where else."""
        follows = control is not None and self.follows and self.ring is None
        ring = Ring(control, 0, {Style.FILL: (0, control.top)}) if control and follows else self.ring
        return replace(self, control=control, ring=ring)

    @property
    def is_relative(self) -> bool:
        """An endless encoder that says how far, not where."""
        return self.encoding is not Encoding.ABSOLUTE


def raw_place(control: Control, kind: PlaceKind) -> Place:
    """A control of which only the address is known."""
    return Place(str(control), kind, control)
