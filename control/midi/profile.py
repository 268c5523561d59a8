"""What is particular to a make of controller: its controls by name, where and how they are shown, how it is woken up.

Profiles are data: profilefile.py reads them, profiles/NAME.toml are those that come with this package.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from masterd.control.midi.mapping import Tables
from masterd.control.midi.messages import Control
from masterd.control.midi.place import Place
from masterd.control.midi.spots import Template


@dataclass(frozen=True, slots=True)
class Profile:
    """The data of one make."""

    name: str
    title: str
    port: str
    """A regular expression that its ports' names hold."""
    places: Mapping[str, Place]
    automatic: bool = False
    """A box with such a port gets this profile by itself."""
    driver: str = "plain"
    devices: tuple[int, ...] = ()
    """Mackie: the device bytes it may answer to."""
    init: tuple[bytes, ...] = ()
    notes: tuple[str, ...] = ()
    """What is left to be learned, and other things to know."""
    group: str = ""
    """Boxes of one group turn pages and banks together."""
    offset: int = 0
    """How many columns of the group stand left of this box."""
    map: Tables = field(default_factory=Tables)
    """The map it works with when plugged in."""

    def row(self, pattern: str) -> list[Place]:
        """The places that `encoder.*`, `encoder.1-4` or `encoder.3` names, in order."""
        group, _, which = pattern.rpartition(".")
        first, dash, last = which.partition("-")
        if which == "*":
            return [place for name, place in self.places.items() if is_numbered(name, group)]
        if dash and first.isdigit() and last.isdigit():
            numbered = (self.places.get(f"{group}.{number}") for number in range(int(first), int(last) + 1))
            return [place for place in numbered if place]
        return [self.places[pattern]] if pattern in self.places else []

    def place_of(self, control: Control) -> Place | None:
        """The place that sends as `control`."""
        return next((place for place in self.places.values() if place.control == control), None)


def is_numbered(name: str, group: str) -> bool:
    """Whether it is a member of that row, as encoder.3 is of encoder."""
    row, _, number = name.rpartition(".")
    return row == group and number.isdigit()


@dataclass(frozen=True, slots=True)
class Init:
    """A message to send when the box is opened, `count` times with n from 0."""

    template: Template
    count: int = 1

    def messages(self) -> list[bytes]:
        """All of them."""
        return [self.template.bytes(n) for n in range(self.count)]
