"""A meter frame as a flat list of numbers with addresses: `/meters/output/short_term_lufs`."""

from __future__ import annotations

import enum
import struct
from collections.abc import Iterator

import msgspec

from masterd.control.osc.codec import Message
from masterd.control.osc.points import as_float32
from masterd.control.protocol import Meters

ROOT = "/meters"
COUNTERS = {"seq", "boot_id", "time", "frames", "blocks", "late_blocks", "xruns"}
"""Not levels: `/status` has them."""
SIDES = ("left", "right")
PARTS = {"agc_gain_db": ("bass", "master")}


class Form(enum.StrEnum):
    """How a subscriber wants its frames."""

    LIST = "list"
    """One message with all numbers as arguments."""
    BLOB = "blob"
    """One message with one blob: the same as big-endian 32-bit floats."""
    EACH = "each"
    """A message for each number, for screens that put an address to a bar."""


def readings(meters: Meters) -> dict[str, float]:
    """Address and number of every level, in the order of docs/osc.md."""
    fields = {name: value for name, value in msgspec.structs.asdict(meters).items() if name not in COUNTERS}
    return dict(_flat(ROOT, fields))


def _flat(at: str, value: object, parts: tuple[str, ...] = SIDES) -> Iterator[tuple[str, float]]:
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.asdict(value)
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(f"{at}/{name}", inner, PARTS.get(name, SIDES))
    elif isinstance(value, tuple):
        names = parts if len(value) == len(parts) and not isinstance(value[0], tuple) else map(str, range(1, len(value) + 1))
        for name, inner in zip(names, value, strict=True):
            yield from _flat(f"{at}/{name}", inner)
    else:
        assert isinstance(value, int | float)
        yield at, as_float32(value)


def told(meters: Meters, form: Form) -> list[Message]:
    """A frame for a subscriber."""
    numbers = readings(meters)
    match form:
        case Form.LIST:
            return [Message(ROOT, tuple(numbers.values()))]
        case Form.BLOB:
            return [Message(ROOT, (struct.pack(f">{len(numbers)}f", *numbers.values()),))]
        case Form.EACH:
            return [Message(address, (number,)) for address, number in numbers.items()]
