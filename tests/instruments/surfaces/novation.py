"""Launch Control XL, and the third one, of which nothing is known but its controls."""

from __future__ import annotations

from instruments.surfaces.base import Act, Box

LIGHT = bytes.fromhex("f0 00 20 29 02 11 78 08")
TEMPLATE = bytes.fromhex("f0 00 20 29 02 11 77")


class LaunchControlXl(Box):
    profile = "launch_control_xl"
    port = "Launch Control XL"
    FOCUS = (41, 42, 43, 44, 57, 58, 59, 60)
    CONTROL = (73, 74, 75, 76, 89, 90, 91, 92)

    def colour(self, value: int) -> str:
        assert value & 12 == 12
        red, green = value & 3, value >> 4 & 3
        return {(0, 0): "off", (3, 0): "red", (0, 3): "green", (3, 3): "amber"}[red, green]

    def hear(self, message: bytes) -> list[bytes]:
        if message[:7] == TEMPLATE:
            self.seen["template"] = message[7]
        elif message[:8] == LIGHT:
            self.seen[f"knob {message[8]}"] = self.colour(message[9])
        elif message[0] == 0x98:
            row, notes = ("focus", self.FOCUS) if message[1] in self.FOCUS else ("control", self.CONTROL)
            self.seen[f"{row} {notes.index(message[1]) + 1}"] = self.colour(message[2])
        else:
            assert message[0] == 0xB8
            assert message[1] in (104, 105, 106, 107)
            assert self.colour(message[2]) in ("off", "red")
        return []

    def press(self, note: int) -> list[bytes]:
        return [bytes((0x98, note, 127)), bytes((0x88, note, 0))]

    def key(self, number: int) -> list[bytes]:
        return [bytes((0xB8, number, 127)), bytes((0xB8, number, 0))]

    def script(self) -> list[Act]:
        return [
            Act(
                "plugged in",
                seen={"template": 8, "knob 0": "red", "knob 8": "red", "focus 1": "off", "control 2": "green"},
            ),
            Act(
                "the first knob is turned through the middle: it has caught",
                lambda: [b"\xb8\x0d\x00", b"\xb8\x0d\x40", b"\xb8\x0d\x7f"],
                values={"eq.1.gain_db": 24.0},
                seen={"knob 0": "green", "knob 1": "red"},
            ),
            Act("somebody else: to be picked up again", daemon={"eq.1.gain_db": 0.0}, seen={"knob 0": "red"}),
            Act("focus 5", lambda: self.press(57), values={"eq.5.on": True}, seen={"focus 5": "green"}),
            Act("track right: bands 9 to 16", lambda: self.key(107), seen={"focus 5": "off"}),
            Act("control 8: bypass", lambda: self.press(92), values={"bypass.on": True}, seen={"control 8": "red"}),
            Act(
                "control 7: A and B",
                lambda: self.press(91),
                values={"bypass.on": False, "eq.5.on": False},
                seen={"control 7": "amber"},
            ),
            Act(
                "send down: multiband; knob 3 of the lower row",
                lambda: [*self.key(105), b"\xb8\x33\x00", b"\xb8\x33\x7f"],
                values={"multiband.3.release_ms": 5000.0},
                seen={"knob 7": "off"},
            ),
            Act("fader 7", lambda: [b"\xb8\x53\x00", b"\xb8\x53\x7f"], values={"limiter.drive_db": 24.0}),
        ]


class LaunchControlXl3(Box):
    """Its controls were learned: these are numbers of a custom mode."""

    profile = "launch_control_xl3"
    port = "LCXL3 1 MIDI In"
    map = """
profile = "launch_control_xl3"
[[control]]
control = "encoder.upper.1"
cc = 21
channel = 16
encoding = "offset"
parameter = "eq.1.gain_db"
[[control]]
control = "fader.1"
cc = 5
channel = 16
parameter = "limiter.drive_db"
takeover = "jump"
"""

    def hear(self, message: bytes) -> list[bytes]:
        raise AssertionError("nothing is known of what it shows")

    def script(self) -> list[Act]:
        return [
            Act("an encoder", lambda: [b"\xbf\x15\x42"], values={"eq.1.gain_db": 0.75}),
            Act("a fader", lambda: [b"\xbf\x05\x7f"], values={"limiter.drive_db": 24.0}),
        ]
