"""OSC 1.0 datagrams to messages and back. Strict: a datagram that is not whole, to its last byte, is Malformed.

Strict for a reason: whoever skips what he does not know reads the next argument from the wrong bytes, and that goes on air.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

Argument: TypeAlias = float | int | str | bytes | bool | None
"""`f d`, `i h`, `s S`, `b`, `T F`, `N I`; the tags `c r m t` come as their bytes, for nothing here takes them."""

UNIX_EPOCH_S = 2208988800  # NTP, whose time tags OSC has, counts from 1900
IMMEDIATELY = 1
BUNDLE = b"#bundle\0"
DATAGRAM_BYTES = 1400
"""What goes out fits an Ethernet frame, with room for tunnels."""
MOST_DEPTH = 8

NUMBERS = {"i": ">i", "h": ">q", "f": ">f", "d": ">d"}
OPAQUE_BYTES = {"c": 4, "r": 4, "m": 4, "t": 8}
CONSTANTS: dict[str, Argument] = {"T": True, "F": False, "N": None, "I": None}
ADDRESS = re.compile(r"/[!-~]*")


class Malformed(ValueError):
    """These bytes are no OSC."""


@dataclass(frozen=True, slots=True)
class Message:
    """An address, or a pattern of addresses, and arguments."""

    address: str
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Bundle:
    """Messages that belong together. `due_s` is Unix time, None at once; `alone` when it was a message without a bundle."""

    messages: tuple[Message, ...]
    due_s: float | None = None
    alone: bool = False


def is_number(argument: Argument) -> TypeGuard[float]:
    """Whether it is a number and no switch."""
    return isinstance(argument, int | float) and not isinstance(argument, bool)


class Reader:
    """Bytes from the front."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self.data) - self.at

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        if not 0 <= count <= self.left:
            raise Malformed(f"{count} bytes wanted at {self.at}, {self.left} are left")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, form: str) -> float:
        """One number in the form of `struct`."""
        value: float = struct.unpack(form, self.take(struct.calcsize(form)))[0]
        return value

    def text(self) -> str:
        """A string: ended by a zero, filled up with zeros to a multiple of four."""
        end = self.data.find(b"\0", self.at)
        raw = self.take((end if end >= 0 else len(self.data)) - self.at)
        self._fill(len(raw), least=1)
        try:
            return raw.decode()
        except UnicodeDecodeError:
            raise Malformed(f"a string at {self.at} is not UTF-8") from None

    def blob(self) -> bytes:
        """Bytes with their count before them."""
        raw = self.take(int(self.number(">i")))
        self._fill(len(raw), least=0)
        return raw

    def _fill(self, count: int, least: int) -> None:
        if any(self.take(least + -(count + least) % 4)):
            raise Malformed(f"what fills up to a multiple of four before {self.at} is not zero")


def decode(datagram: bytes) -> list[Bundle]:
    """What a datagram holds; a bundle within a bundle comes behind it. Malformed."""
    if datagram.startswith(BUNDLE):
        return list(_bundles(datagram, 1))
    return [Bundle((_message(datagram),), alone=True)]


def _bundles(data: bytes, depth: int) -> Iterator[Bundle]:
    if depth > MOST_DEPTH:
        raise Malformed(f"bundles within bundles, more than {MOST_DEPTH} deep")
    reader = Reader(data)
    reader.take(len(BUNDLE))
    tag = int(reader.number(">Q"))
    messages: list[Message] = []
    inner: list[Bundle] = []
    while reader.left:
        element = reader.take(int(reader.number(">i")))
        if element.startswith(BUNDLE):
            inner += _bundles(element, depth + 1)
        else:
            messages.append(_message(element))
    if messages:
        yield Bundle(tuple(messages), None if tag == IMMEDIATELY else tag / 2**32 - UNIX_EPOCH_S)
    yield from inner


def _message(data: bytes) -> Message:
    reader = Reader(data)
    address = reader.text()
    if not ADDRESS.fullmatch(address):
        raise Malformed("an address is printable ASCII and begins with /")
    tags = reader.text() if reader.left else ","  # very old senders leave out the tags when there are no arguments
    if not tags.startswith(","):
        raise Malformed("type tags begin with a comma")
    arguments = tuple(_argument(reader, tag) for tag in tags[1:])
    if reader.left:
        raise Malformed(f"{reader.left} bytes are left over")
    return Message(address, arguments)


def _argument(reader: Reader, tag: str) -> Argument:
    if tag in NUMBERS:
        return reader.number(NUMBERS[tag])
    if tag in CONSTANTS:
        return CONSTANTS[tag]
    if tag in OPAQUE_BYTES:
        return reader.take(OPAQUE_BYTES[tag])
    if tag in "sS":
        return reader.text()
    if tag == "b":
        return reader.blob()
    raise Malformed(f"type tag {tag!r} is not known")


def encode(message: Message) -> bytes:
    """One message. Floats go as `f`, which holds 24 bits of them; whole numbers as `i`, or `h` beyond 32 bits."""
    parts = [_encoded(argument) for argument in message.arguments]
    tags = "," + "".join(tag for tag, _ in parts)
    return b"".join([_text(message.address), _text(tags), *(data for _, data in parts)])


def _encoded(argument: Argument) -> tuple[str, bytes]:
    match argument:
        case None:
            return "N", b""
        case bool():
            return "T" if argument else "F", b""
        case int():
            tag = "i" if -(1 << 31) <= argument < 1 << 31 else "h"
            return tag, struct.pack(NUMBERS[tag], argument)
        case float():
            return "f", struct.pack(">f", argument)
        case str():
            return "s", _text(argument)
        case bytes():
            return "b", struct.pack(">i", len(argument)) + argument + bytes(-len(argument) % 4)


def _text(text: str) -> bytes:
    raw = text.replace("\0", " ").encode()
    return raw + bytes(4 - len(raw) % 4)


def datagrams(messages: Iterable[Message]) -> Iterator[bytes]:
    """Messages packed into as few datagrams of DATAGRAM_BYTES as their order allows; a bundle where there are several in one."""
    waiting: list[bytes] = []
    for data in map(encode, messages):
        if waiting and len(BUNDLE) + 8 + sum(4 + len(it) for it in (*waiting, data)) > DATAGRAM_BYTES:
            yield _packed(waiting)
            waiting = []
        waiting.append(data)
    if waiting:
        yield _packed(waiting)


def _packed(messages: list[bytes]) -> bytes:
    if len(messages) == 1:
        return messages[0]
    return b"".join([BUNDLE, struct.pack(">Q", IMMEDIATELY), *(struct.pack(">i", len(it)) + it for it in messages)])
