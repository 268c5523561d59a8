"""What all simulated controllers share: a picture of what they show, and scripts of what a hand does with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from masterd.control.parameters import Value


@dataclass
class Act:
    """One line of a script. `hand` makes the bytes; `daemon` is what somebody else sets meanwhile, `meters` what is measured;
    `values` and `seen` must be so afterwards."""

    words: str
    hand: Callable[[], Sequence[bytes]] | None = None
    daemon: dict[str, Value] = field(default_factory=dict)
    meters: dict[str, float] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    seen: dict[object, object] = field(default_factory=dict)
    preset: str = ""
    """The preset that must be on afterwards."""
    wait_s: float = 0.4


class Box:
    """A controller. `seen` is what an eye finds on it, by words."""

    profile: ClassVar[str]
    port: ClassVar[str]
    """What its port is called."""
    map: ClassVar[str] = ""
    """A map file for it; the profile's own map when empty."""

    def __init__(self) -> None:
        self.seen: dict[object, object] = {}

    def hear(self, message: bytes) -> list[bytes]:
        """Shows what it is told; what it answers."""
        raise NotImplementedError

    def script(self) -> list[Act]:
        """What to do with it, and what must come of that."""
        raise NotImplementedError


def tick(count: int) -> int:
    """Mackie's way to say how far an encoder was turned: sign and magnitude."""
    return count if count > 0 else 0x40 - count


def around_64(count: int) -> int:
    """The other way: 65 is one to the right, 63 one to the left."""
    return 0x40 + count


class GenericBox(Box):
    """No make at all: a keyboard with a few knobs, every kind of message, its echo on the same address."""

    profile = "generic"
    port = "Some keyboard"
    map = """
port = "Some keyboard"

[[control]]
cc = 1
parameter = "compressor.threshold_db"
takeover = "jump"
[[control]]
cc = 20
bits = 14
parameter = "limiter.drive_db"
takeover = "scale"
[[control]]
nrpn = 1000
channel = 2
parameter = "eq.1.frequency_hz"
takeover = "jump"
[[control]]
rpn = 5
channel = 2
parameter = "eq.1.gain_db"
takeover = "relative"
[[control]]
cc = 70
encoding = "reversed_sign"
parameter = "stereo.width_percent"
[[control]]
program = 7
preset = "speech"
[[control]]
note = 60
action = "momentary"
parameter = "output.mute"
"""

    def hear(self, message: bytes) -> list[bytes]:
        self.seen[message[:2].hex(" ")] = message[2]
        return []

    @staticmethod
    def nrpn(number: int, value: int) -> list[bytes]:
        changes = ((99, number >> 7), (98, number & 127), (6, value >> 7), (38, value & 127))
        return [bytes((0xB1, *change)) for change in changes]

    def script(self) -> list[Act]:
        up = [bytes((0xB1, 101, 0)), bytes((0xB1, 100, 5)), bytes((0xB1, 96, 0))]
        return [
            Act("a knob jumps to the top", lambda: [b"\xb0\x01\x7f"], values={"compressor.threshold_db": 0.0}),
            Act(
                "an NRPN of 14 bits",
                lambda: self.nrpn(1000, 16383),
                values={"eq.1.frequency_hz": 20000.0},
            ),
            Act("an increment of an RPN", lambda: up, values={"eq.1.gain_db": 48 / 128}),
            Act(
                "the null number, and data that nobody gets",
                lambda: [b"\xb1\x63\x7f", b"\xb1\x62\x7f", b"\xb1\x06\x00"],
            ),
            Act(
                "an encoder with a reversed sign, two to the right",
                lambda: [b"\xb0\x46\x42"],
                values={"stereo.width_percent": 100 + 2 * 200 / 128},
            ),
            Act(
                "a 14-bit fader is moved from 1/4 to 1/2: it takes the way to the end that is left",
                lambda: [b"\xb0\x14\x20", b"\xb0\x34\x00", b"\xb0\x14\x40", b"\xb0\x34\x00"],
                values={"limiter.drive_db": 24 * (0x2000 - 0x1000) / (0x3FFF - 0x1000)},
            ),
            Act("a program change", lambda: [b"\xc0\x07"], preset="speech"),
            Act("a key is held", lambda: [b"\x90\x3c\x40"], values={"output.mute": True}, seen={"90 3c": 127}),
            Act("and let go", lambda: [b"\x80\x3c\x40"], values={"output.mute": False}, seen={"90 3c": 0}),
        ]
