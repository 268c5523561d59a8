"""Where a box shows something: an address and the messages that show a value there. A Control is one; these are the others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

Shown: TypeAlias = int | str
"""A value, or text on a display."""

WORD = re.compile(r"(?:([0-9A-Fa-f]{2})(?:\+(n))?)|(n|v)")


class Spot(Protocol):
    """Can be shown something on. Hashable: what it shows is remembered by it."""

    def messages(self, value: Any) -> list[bytes]:
        """The messages that show `value`."""

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Template:
    """A message with blanks: each byte is a number, plus n (which of a row, from 0), or is v (the value)."""

    words: tuple[tuple[int, str], ...]

    def bytes(self, n: int = 0, v: int = 0) -> bytes:
        """The message; every byte but the first and the last is kept a data byte."""
        blanks = {"": 0, "n": n, "v": v}
        return bytes(base + blanks[blank] if not blank else (base + blanks[blank]) & 0x7F for base, blank in self.words)


def template(text: str) -> Template:
    """Read from `F0 00 20 6B 10+n v F7`; ValueError names the word that is none."""
    words = []
    for word in text.split():
        if (match := WORD.fullmatch(word)) is None:
            raise ValueError(f"{word!r} is not a byte as two hexadecimal digits, one of a row (20+n) or v")
        number, plus, blank = match.groups()
        words.append((int(number or "0", 16), plus or blank or ""))
    if not words or words[0][1] or words[0][0] < 0x80:
        raise ValueError(f"{text!r} does not begin with a status byte, 80 to FF")
    is_sysex = words[0][0] == 0xF0
    data = words[1:-1] if is_sysex else words[1:]
    if any(base >= 0x80 for base, _ in data) or is_sysex != (words[-1] == (0xF7, "")):
        raise ValueError(f"{text!r} is no whole message")
    return Template(tuple(words))


@dataclass(frozen=True, slots=True)
class SysexSpot:
    """A light that is reached by a message of its make's own."""

    template: Template
    n: int = 0

    def messages(self, value: int) -> list[bytes]:
        """The message that shows `value`."""
        return [self.template.bytes(self.n, value)]
