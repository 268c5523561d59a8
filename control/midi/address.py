"""Reads addresses out of map and profile tables: which control, where something is shown."""

from __future__ import annotations

from typing import Any

from masterd.control.midi.messages import LSB_OFFSET, Control, Kind, control_at
from masterd.control.midi.reader import Reader, within
from masterd.control.midi.spots import Spot, SysexSpot, template

ADDRESS_KEYS = {*map(str, Kind), "channel", "bits"}
SPOT_KEYS = {"cc", "note", "channel", "sysex"}
CONTROLLERS = within(0, 127)


def has_address(read: Reader) -> bool:
    """Whether the table says which control."""
    return any(kind in read.table for kind in Kind)


def address(read: Reader, n: int = 0, kinds: tuple[Kind, ...] = tuple(Kind), channel: int = 1) -> Control | None:
    """The control of the table, the `n`-th of a row; None when it is wrong, which was written down."""
    given = [kind for kind in Kind if kind in read.table]
    if len(given) != 1 or given[0] not in kinds:
        read.wrong(str(kinds[0]), f"give exactly one of {', '.join(kinds)}")
        return None
    kind = given[0]
    channel = of_row(read, "channel", channel, n, 1, 16, step=0)
    if kind is Kind.PITCH_BEND:
        read.take("pitch_bend", bool, True, "true", lambda it: it)
        return Control(kind, channel, 0, read.take("bits", int, 14, "7 or 14", (7, 14).__contains__))
    number = of_row(read, str(kind), 0, n, 0, 16383 if kind in (Kind.NRPN, Kind.RPN) else 127, step=1)
    bits = read.take("bits", int, 7, "7 or 14", (7, 14).__contains__)
    if bits == 14 and kind is Kind.CC and number < LSB_OFFSET:
        return Control(kind, channel, number, 14)
    if bits == 14 and kind is not Kind.NRPN and kind is not Kind.RPN:
        read.wrong("bits", f"14 bits are two control changes, n and n + {LSB_OFFSET}: cc must be 0 to {LSB_OFFSET - 1}")
    return control_at(kind, channel, number)


def of_row(read: Reader, key: str, default: int, n: int, low: int, high: int, step: int) -> int:
    """The `n`-th number of a row: of a list, or so many steps after the number that is given."""
    given = read.table.get(key, default)
    if isinstance(given, list):
        if n < len(given) and is_number(given[n]) and low <= given[n] <= high:
            return int(given[n])
        read.wrong(key, f"{given!r} is not a list of numbers, {low} to {high}, one for each of the row")
        return default
    number = read.take(key, int, default, f"{low} to {high}", within(low, high)) + n * step
    if number > high:
        read.wrong(key, f"the row ends at {number}, above {high}")
        return default
    return int(number)


def is_number(value: Any) -> bool:
    """A whole number; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def spot(read: Reader, n: int = 0, channel: int = 1) -> Spot | None:
    """Where something is shown; None when it is wrong, which was written down."""
    if "sysex" not in read.table:
        return address(read, n, (Kind.CC, Kind.NOTE), channel)
    text = read.take("sysex", str, "", "a text of bytes")
    try:
        return SysexSpot(template(text), n)
    except ValueError as error:
        read.wrong("sysex", str(error))
        return None
