"""Bytes in whatever pieces, whole messages out: running status, clock ticks in between, system exclusive of any length. Pure.

What is cut short is dropped at the next status byte. A system-exclusive message longer than MAX_SYSEX_BYTES is dropped whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

MAX_SYSEX_BYTES = 1024
"""The longest that any box here sends, Korg's scene, has 402."""
SYSEX, SYSEX_END, REALTIME = 0xF0, 0xF7, 0xF8
DATA_BYTES = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}


class Stream:
    """One port's bytes."""

    def __init__(self) -> None:
        self._message = bytearray()
        self._overlong = False

    def feed(self, data: Iterable[int]) -> Iterator[bytes]:
        """The messages that `data` completes; numbers that are no bytes end what has begun."""
        for byte in data:
            if REALTIME <= byte <= 0xFF:
                continue
            if byte == SYSEX_END:
                yield from self._end_of_sysex()
            elif not 0 <= byte < 0x80:
                self._begin(byte)
            else:
                yield from self._take(byte)

    def _begin(self, status: int) -> None:
        self._overlong = False
        self._message.clear()
        if 0x80 <= status <= SYSEX:
            self._message.append(status)

    def _take(self, data: int) -> Iterator[bytes]:
        if not self._message:
            return  # of a message whose beginning was not heard
        self._message.append(data)
        status = self._message[0]
        if status == SYSEX:
            self._overlong |= len(self._message) >= MAX_SYSEX_BYTES
            del self._message[MAX_SYSEX_BYTES:]
        elif len(self._message) == 1 + DATA_BYTES[status & 0xF0]:
            yield bytes(self._message)
            del self._message[1:]  # running status: more data may follow without a new status byte

    def _end_of_sysex(self) -> Iterator[bytes]:
        if self._message[:1] == b"\xf0" and not self._overlong:
            yield bytes((*self._message, SYSEX_END))
        self._message.clear()
