"""What is particular to a make of controller, read from profiles/NAME.toml: how its lights are addressed, how it is woken up."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from pathlib import Path

from masterd.control.midi.messages import Control, Kind

FOLDER = Path(__file__).parent / "profiles"


@dataclass(frozen=True, slots=True)
class Profile:
    """The data of one make."""

    name: str
    init: tuple[bytes, ...]
    ring_offset: int
    ring_low: int
    ring_high: int
    light_off: int
    light_on: int

    def shown_on(self, control: Control, is_relative: bool) -> Control:
        """Where the value of `control` is shown unless the map says otherwise."""
        if is_relative and control.kind is Kind.CC:
            return dataclasses.replace(control, number=(control.number + self.ring_offset) % 128, bits=7)
        return control


def names() -> list[str]:
    """All profiles there are."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def profile(name: str) -> Profile:
    """The profile of that name; KeyError when there is none."""
    if name not in names():
        raise KeyError(name)
    with (FOLDER / f"{name}.toml").open("rb") as file:
        data = tomllib.load(file)
    ring, light = data["ring"], data["light"]
    init = tuple(bytes.fromhex(message) for message in data["init"])
    return Profile(data["name"], init, ring["offset"], ring["low"], ring["high"], light["off"], light["on"])
