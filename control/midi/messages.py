"""What a controller sends and shows: controls with an address, and their values to and from bytes. MIDI 1.0."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

NOTE_OFF, NOTE_ON, CONTROL_CHANGE, PROGRAM_CHANGE, CHANNEL_PRESSURE, PITCH_BEND = 0x80, 0x90, 0xB0, 0xC0, 0xD0, 0xE0
LSB_OFFSET = 32
"""The fine part of control change n (0 to 31) is control change n + 32."""
DATA_MSB, DATA_LSB, INCREMENT, DECREMENT = 6, 38, 96, 97
NRPN_LSB, NRPN_MSB, RPN_LSB, RPN_MSB = 98, 99, 100, 101
NULL_NUMBER = 127 << 7 | 127
"""Selects no parameter: data that follow are nobody's."""


class Kind(enum.StrEnum):
    """Sorts of controls."""

    CC = "cc"
    NOTE = "note"
    PITCH_BEND = "pitch_bend"
    PROGRAM = "program"  # a button that says a program number when pressed, and nothing when released
    NRPN = "nrpn"
    RPN = "rpn"


WIDE = (Kind.PITCH_BEND, Kind.NRPN, Kind.RPN)
"""Always of 14 bits."""


@dataclass(frozen=True, slots=True, order=True)
class Control:
    """One control of a box: what kind, on which channel 1 to 16, which number 0 to 127 (0 for pitch bend, to 16383 for NRPN and
    RPN), 7 or 14 bit. A pitch bend of 7 bits is one whose lower half says nothing."""

    kind: Kind
    channel: int
    number: int = 0
    bits: int = 7

    @property
    def top(self) -> int:
        """Its highest value."""
        return (1 << self.bits) - 1

    def __str__(self) -> str:
        name = "pitch bend" if self.kind is Kind.PITCH_BEND else f"{self.kind} {self.number}"
        return f"{name} channel {self.channel}{' 14 bit' if self.bits == 14 and self.kind is Kind.CC else ''}"

    def messages(self, value: int) -> list[bytes]:
        """The messages that show `value` on it."""
        channel, value = self.channel - 1, min(max(value, 0), self.top)
        match self.kind:
            case Kind.NOTE:
                return [bytes((NOTE_ON | channel, self.number, value))]
            case Kind.PITCH_BEND:
                low, high = (value & 0x7F, value >> 7) if self.bits == 14 else (value, value)
                return [bytes((PITCH_BEND | channel, low, high))]
            case Kind.PROGRAM:
                return [bytes((PROGRAM_CHANGE | channel, self.number))]
        return [bytes((CONTROL_CHANGE | channel, number, part)) for number, part in self._changes(value)]

    def _changes(self, value: int) -> list[tuple[int, int]]:
        """Numbers and values of the control changes that say `value`."""
        if self.bits == 7:
            return [(self.number, value)]
        if self.kind is Kind.CC:
            return [(self.number, value >> 7), (self.number + LSB_OFFSET, value & 0x7F)]
        msb, lsb = (NRPN_MSB, NRPN_LSB) if self.kind is Kind.NRPN else (RPN_MSB, RPN_LSB)
        select = [(msb, self.number >> 7), (lsb, self.number & 0x7F)]
        unselect = [(msb, 127), (lsb, 127)]
        return [*select, (DATA_MSB, value >> 7), (DATA_LSB, value & 0x7F), *unselect]


@dataclass(frozen=True, slots=True)
class Moved:
    """A control has a new value, 0 to `control.top`; a note's is its velocity, 0 when released. `is_step`: the value is a
    number of steps instead, right is positive."""

    control: Control
    value: int
    is_step: bool = False


def control_at(kind: Kind, channel: int, number: int = 0) -> Control:
    """The control of that address; 14 bits where the kind has them by itself."""
    return Control(kind, channel, number, 14 if kind in WIDE else 7)


def moved(message: Sequence[int]) -> Moved | None:
    """What one whole message says, or None when it is of no use here, cut short, or no MIDI at all."""
    if not message or not 0x80 <= message[0] < 0xF0 or not all(0 <= data < 0x80 for data in message[1:]):
        return None
    status, channel = message[0] & 0xF0, (message[0] & 0x0F) + 1
    if status == PROGRAM_CHANGE and len(message) == 2:
        return Moved(control_at(Kind.PROGRAM, channel, message[1]), 127)
    if len(message) != 3:
        return None
    _, first, second = message
    match status:
        case 0xB0:
            return Moved(Control(Kind.CC, channel, first), second)
        case 0x90:
            return Moved(Control(Kind.NOTE, channel, first), second)
        case 0x80:
            return Moved(Control(Kind.NOTE, channel, first), 0)
        case 0xE0:
            return Moved(control_at(Kind.PITCH_BEND, channel), second << 7 | first)
    return None
