"""Mackie Control and Logic Control: handshake, scribble strips, level meters. Pure.

System-exclusive messages are F0 00 00 66, the device's own byte, a command, F7. Which byte it is the box says; a box that never
answers keeps the first one, and counts as there with the first message of any kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from masterd.control.midi.driver import METER_TOP, Driver
from masterd.control.midi.messages import CHANNEL_PRESSURE
from masterd.control.midi.profile import Profile
from masterd.control.midi.spots import Spot

HEADER = b"\xf0\x00\x00\x66"
QUERY, READY, REPLY, CONFIRMED, DENIED, LCD, METER_MODE = 0x00, 0x01, 0x02, 0x03, 0x04, 0x12, 0x20
LOGIC_DEVICES = (0x10, 0x11)
STRIPS = 8
CELL = 7
"""Characters of a strip's row."""
ROW_OFFSET = 0x38
METER_ON = 0x07
"""Signal light, peak hold and level meter."""
OVERLOAD, OVERLOAD_CLEAR = 0x0E, 0x0F
SERIAL_BYTES, CHALLENGE_BYTES = 7, 4


def sysex(device: int, *data: int) -> bytes:
    """A message to a device."""
    return bytes((*HEADER, device, *data, 0xF7))


def response(challenge: Sequence[int]) -> bytes:
    """What a Logic Control wants to hear for its four bytes."""
    a, b, c, d = challenge
    answers = (a + (b ^ 0xA) - d, (c >> d) ^ (a + d), (d - (c << 2)) ^ (a | b), b - c + (0xF0 ^ (d << 4)))
    return bytes(0x7F & answer for answer in answers)


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of one scribble strip."""

    device: int
    column: int
    row: int

    def messages(self, text: str) -> list[bytes]:
        """The message that writes `text` there, and blanks to the cell's end."""
        shown = text[:CELL].ljust(CELL).encode("ascii", "replace")
        return [sysex(self.device, LCD, self.row * ROW_OFFSET + (self.column - 1) * CELL, *(byte & 0x7F for byte in shown))]


@dataclass(frozen=True, slots=True)
class Meter:
    """A level meter. It falls by itself: a level that stays has to be said again."""

    column: int
    decays = True

    def messages(self, level: int) -> list[bytes]:
        """The message that raises it to `level`, 0 to METER_TOP."""
        return [bytes((CHANNEL_PRESSURE, (self.column - 1) << 4 | min(level, METER_TOP)))]


@dataclass(frozen=True, slots=True)
class Overload:
    """The light at a meter's top."""

    column: int

    def messages(self, is_on: int) -> list[bytes]:
        """The message that lights or clears it."""
        return [bytes((CHANNEL_PRESSURE, (self.column - 1) << 4 | (OVERLOAD if is_on else OVERLOAD_CLEAR)))]


class Mackie(Driver):
    """A Mackie Control, a Logic Control, an extender of either."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self.device = profile.devices[0] if profile.devices else 0x14
        self._is_on = False

    def opened(self) -> list[bytes]:
        """Asks every device it may be, and turns the meters on in case that nobody answers."""
        self._is_on = False
        queries = [sysex(device, QUERY) for device in self.profile.devices or (self.device,)]
        return [*self.profile.init, *queries, *self._meters_on()]

    def hear(self, message: bytes) -> list[bytes]:
        """Answers a challenge; wakes with the first message, and whenever the box says that it is ready."""
        if message[:4] != HEADER or len(message) < 7:
            return self._wake() if not self._is_on else []
        self.device, command = message[4], message[5]
        if command == READY and self.device in LOGIC_DEVICES:
            return self._answer(message[6:-1])
        if command == DENIED:
            self.problem = "the box refused the answer to its challenge"
            return []
        if command in (READY, CONFIRMED):
            self._is_on = False
        return self._wake() if not self._is_on else []

    def _answer(self, data: bytes) -> list[bytes]:
        if len(data) != SERIAL_BYTES + CHALLENGE_BYTES:
            return []
        serial, challenge = data[:SERIAL_BYTES], data[SERIAL_BYTES:]
        return [sysex(self.device, REPLY, *serial, *response(challenge))]

    def _wake(self) -> list[bytes]:
        self._is_on = self._has_woken = True
        self.problem = ""
        return self._meters_on()

    def _meters_on(self) -> list[bytes]:
        return [sysex(self.device, METER_MODE, channel, METER_ON) for channel in range(STRIPS)]

    def strip(self, column: int, row: int) -> Spot | None:
        """A cell of the display."""
        return Cell(self.device, column, row)

    def meter(self, column: int) -> Spot | None:
        """A meter bridge's column."""
        return Meter(column)

    def overload(self, column: int) -> Spot | None:
        """Its top."""
        return Overload(column)
