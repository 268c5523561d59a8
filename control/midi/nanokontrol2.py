"""Korg nanoKONTROL2: takes its lights over. Pure.

In LED mode Internal the box lights its buttons by itself; in External it shows what it is told. The mode is a byte of the scene,
so the scene is asked for, that byte is changed, and the scene is sent back: it counts until the box is unplugged, and is never
written into its memory.
"""

from __future__ import annotations

from collections.abc import Iterable

from masterd.control.midi.driver import Driver

KORG, MODEL = 0x42, b"\x00\x01\x13\x00"
DUMP_REQUEST = b"\x1f\x10\x00"
DUMP = b"\x7f\x7f\x02\x03\x05\x40"
LOADED, NOT_LOADED = b"\x5f\x23", b"\x5f\x24"
SCENE_BYTES, PACKED_BYTES = 339, 388
LED_MODE_AT = 2
EXTERNAL = 1
TRIES = 3


def message(channel: int, data: bytes) -> bytes:
    """A message to the box on its global channel, 0 to 15."""
    return bytes((0xF0, KORG, 0x40 | channel, *MODEL, *data, 0xF7))


def unpacked(data: bytes) -> bytearray:
    """Eight-bit data out of Korg's groups: a byte of high bits, the first's lowest, then up to seven bytes without theirs."""
    out = bytearray()
    for at in range(0, len(data), 8):
        high, *low = data[at : at + 8]
        out += bytes(byte | (high >> bit & 1) << 7 for bit, byte in enumerate(low))
    return out


def packed(data: Iterable[int]) -> bytes:
    """The other way round."""
    data, out = bytes(data), bytearray()
    for at in range(0, len(data), 7):
        group = data[at : at + 7]
        out.append(sum((byte >> 7) << bit for bit, byte in enumerate(group)))
        out += bytes(byte & 0x7F for byte in group)
    return bytes(out)


class NanoKontrol2(Driver):
    """Its global channel is not known beforehand: all sixteen are asked, and the box answers on its own."""

    def opened(self) -> list[bytes]:
        """Asks for the scene."""
        self._tries = 0
        return [*self.profile.init, *(message(channel, DUMP_REQUEST) for channel in range(16))]

    def hear(self, message: bytes) -> list[bytes]:
        """Sends the scene back in LED mode External; wakes when the box has it."""
        if len(message) < 10 or message[:2] != b"\xf0\x42" or message[2] & 0xF0 != 0x40 or message[3:7] != MODEL:
            return []
        channel, data = message[2] & 0x0F, message[7:-1]
        if data[:2] == LOADED:
            self._woken()
        elif data[:2] == NOT_LOADED:
            return self._again(channel)
        elif data[: len(DUMP)] == DUMP and len(data) == len(DUMP) + PACKED_BYTES:
            return self._modified(channel, data[len(DUMP) :])
        return []

    def _modified(self, channel: int, data: bytes) -> list[bytes]:
        scene = unpacked(data)
        if scene[LED_MODE_AT] == EXTERNAL:
            self._woken()
            return []
        scene[LED_MODE_AT] = EXTERNAL
        return [message(channel, DUMP + packed(scene))]

    def _woken(self) -> None:
        self._has_woken, self.problem = True, ""

    def _again(self, channel: int) -> list[bytes]:
        self._tries += 1
        if self._tries < TRIES:
            return [message(channel, DUMP_REQUEST)]
        self.problem = "the box does not take LED mode External: its lights stay its own"
        return []
