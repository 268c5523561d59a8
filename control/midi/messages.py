"""What a controller sends and shows: controls with an address, and their values to and from bytes. MIDI 1.0."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

NOTE_OFF, NOTE_ON, CONTROL_CHANGE, PITCH_BEND = 0x80, 0x90, 0xB0, 0xE0
LSB_OFFSET = 32
"""The fine part of control change n (0 to 31) is control change n + 32."""


class Kind(enum.StrEnum):
    """Sorts of controls."""

    CC = "cc"
    NOTE = "note"
    PITCH_BEND = "pitch_bend"


@dataclass(frozen=True, slots=True, order=True)
class Control:
    """One control of a box: what kind, on which channel 1 to 16, which number 0 to 127 (0 for pitch bend), 7 or 14 bit."""

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
        if self.kind is Kind.NOTE:
            return [bytes((NOTE_ON | channel, self.number, value))]
        if self.kind is Kind.PITCH_BEND:
            return [bytes((PITCH_BEND | channel, value & 0x7F, value >> 7))]
        if self.bits == 7:
            return [bytes((CONTROL_CHANGE | channel, self.number, value))]
        parts = ((self.number, value >> 7), (self.number + LSB_OFFSET, value & 0x7F))
        return [bytes((CONTROL_CHANGE | channel, number, part)) for number, part in parts]


@dataclass(frozen=True, slots=True)
class Moved:
    """A control has a new value, 0 to `control.top`; a note's is its velocity, 0 when released."""

    control: Control
    value: int


def moved(message: Sequence[int]) -> Moved | None:
    """What one whole message says, or None when it is of no use here, cut short, or no MIDI at all."""
    if len(message) != 3 or not 0x80 <= message[0] < 0xF0 or not all(0 <= data < 0x80 for data in message[1:]):
        return None
    status, first, second = message
    channel = (status & 0x0F) + 1
    match status & 0xF0:
        case 0xB0:
            return Moved(Control(Kind.CC, channel, first), second)
        case 0x90:
            return Moved(Control(Kind.NOTE, channel, first), second)
        case 0x80:
            return Moved(Control(Kind.NOTE, channel, first), 0)
        case 0xE0:
            return Moved(Control(Kind.PITCH_BEND, channel, 0, 14), second << 7 | first)
    return None
