"""X-Touch Mini and Compact, BCR2000, BCF2000."""

from __future__ import annotations

from instruments.surfaces.base import Act, Box, tick

RING_13 = ("single", "pan", "fan", "spread", "trim")


class XTouchMini(Box):
    """In MC mode, once it was told so."""

    profile = "xtouch_mini"
    port = "X-TOUCH MINI"
    UPPER = (89, 90, 40, 41, 42, 43, 44, 45)
    LOWER = (87, 88, 91, 92, 86, 93, 94, 95)
    A, B = 84, 85

    def __init__(self) -> None:
        super().__init__()
        self.is_mc = False

    def turn(self, encoder: int, count: int) -> list[bytes]:
        assert self.is_mc
        return [bytes((0xB0, 15 + encoder, tick(count)))]

    def down(self, note: int) -> list[bytes]:
        assert self.is_mc
        return [bytes((0x90, note, 127))]

    def up(self, note: int) -> list[bytes]:
        return [bytes((0x90, note, 0))]

    def press(self, note: int) -> list[bytes]:
        return self.down(note) + self.up(note)

    def fader(self, value: int) -> list[bytes]:
        return [bytes((0xE8, 0, value))]

    def hear(self, message: bytes) -> list[bytes]:
        status, number, value = message
        if (status, number) == (0xBA, 127):
            self.is_mc = value == 1
        elif status == 0xB0 and 48 <= number <= 55:
            self.seen[f"ring {number - 47}"] = self.ring(value)
        elif status == 0x90:
            self.seen[f"button {number}"] = {0: "off", 1: "blinks", 127: "on"}[value]
        self.seen["mode"] = "MC" if self.is_mc else "standard"
        return []

    @staticmethod
    def ring(value: int) -> tuple[str, int] | str:
        for name, first, last in (("dot", 1, 11), ("pan", 17, 27), ("fill", 33, 43), ("spread", 49, 54)):
            if first <= value <= last:
                return name, value - first + 1
        return "off" if value == 0 else f"nonsense {value}"

    def script(self) -> list[Act]:
        return [
            Act(
                "plugged in: switched to MC mode, and everything is shown",
                seen={"mode": "MC", "ring 1": ("pan", 6), "ring 8": ("fill", 1), "button 87": "on", "button 88": "off"},
            ),
            Act(
                "encoder 1 twenty to the right, in one go",
                lambda: self.turn(1, 20),
                values={"input.trim_db": 7.5},
                seen={"ring 1": ("pan", 8)},
            ),
            Act("encoder 7 one to the right", lambda: self.turn(7, 1), values={"clipper.drive_db": 12 / 128}),
            Act("lower 2: the equaliser", lambda: self.press(88), seen={"button 88": "on", "ring 3": ("pan", 6)}),
            Act("encoder 3", lambda: self.turn(3, -16), values={"eq.3.gain_db": -6.0}, seen={"ring 3": ("pan", 5)}),
            Act("layer B: bands 9 to 16", lambda: self.press(self.B), seen={"ring 3": ("pan", 6)}),
            Act("encoder 3", lambda: self.turn(3, 32), values={"eq.11.gain_db": 12.0, "eq.3.gain_db": -6.0}),
            Act("layer A", lambda: self.press(self.A), seen={"ring 3": ("pan", 5)}),
            Act(
                "lower 5 held: frequency instead of gain",
                lambda: self.down(86) + self.turn(3, 10),
                values={"eq.3.frequency_hz": 65 * 2000 ** (10 / 128)},
                seen={"ring 3": ("dot", 4), "button 86": "on"},
            ),
            Act("and let go", lambda: self.up(86), seen={"ring 3": ("pan", 5), "button 86": "off"}),
            Act("upper 3 puts band 3 in", lambda: self.press(40), values={"eq.3.on": True}, seen={"button 40": "on"}),
            Act("push 3: gain back to its default", lambda: self.press(34), values={"eq.3.gain_db": 0.0}),
            Act(
                "the fader stands at the bottom, less-more at 50 %: nothing",
                lambda: self.fader(0),
                values={"macro.less_more_percent": 50.0},
            ),
            Act(
                "it crosses 50 %",
                lambda: self.fader(60) + self.fader(127),
                values={"macro.less_more_percent": 100.0},
            ),
            Act(
                "page four: the limiter's mode",
                lambda: self.press(92) + self.press(40),
                values={"limiter.mode": "loud"},
                seen={"button 40": "on", "button 89": "off"},
            ),
            Act("lower 8: bypass", lambda: self.press(95), values={"bypass.on": True}, seen={"button 95": "on"}),
            Act(
                "lower 7 tapped: undo",
                lambda: self.press(94),
                values={"bypass.on": False},
                seen={"button 95": "off"},
            ),
            Act("lower 7 held", lambda: self.down(94), values={"bypass.on": True}, wait_s=0.9),
            Act("and let go: redone, and no more", lambda: self.up(94), values={"bypass.on": True}),
            Act(
                "page one, upper 3: a preset", lambda: self.press(87) + self.press(40), preset="speech", seen={"button 40": "on"}
            ),
            Act("the limiter reduces by 6 dB: on ring 8", meters={"limiter": 6.0}, seen={"ring 8": ("fill", 6)}),
        ]


class XTouchMiniStandard(Box):
    """As it leaves the factory: positions on channel 11, rings and lights at other numbers than what it sends."""

    profile = "xtouch_mini_standard"
    port = "X-TOUCH MINI the second"
    map = 'profile = "xtouch_mini_standard"\nport = "the second"'

    def hear(self, message: bytes) -> list[bytes]:
        status, number, value = message if len(message) == 3 else (*message, 0)
        if (status, number) == (0xBA, 127):
            self.seen["mode"] = "MC" if value else "standard"
        elif status == 0xCA:
            self.seen["layer"] = "AB"[number]
        elif status == 0xBA and 1 <= number <= 8:
            self.seen[f"style {number}"] = RING_13[value]
        elif status == 0xBA and 9 <= number <= 16:
            self.seen[f"ring {number - 8}"] = value
        elif status == 0x9A and number <= 15:
            self.seen[f"light {number + 1}"] = ("off", "on", "blinks")[value]
        else:
            raise AssertionError(message.hex(" "))
        return []

    def script(self) -> list[Act]:
        return [
            Act(
                "plugged in",
                seen={"mode": "standard", "layer": "A", "style 1": "pan", "ring 1": 7, "style 5": "fan", "ring 8": 1},
            ),
            Act("encoder 1 stands at 0: nothing", lambda: [b"\xba\x01\x00"], values={"input.trim_db": 0.0}),
            Act(
                "it passes the middle and goes on",
                lambda: [b"\xba\x01\x30", b"\xba\x01\x42", b"\xba\x01\x7f"],
                values={"input.trim_db": 24.0},
                seen={"ring 1": 13},
            ),
            Act("push 2", lambda: [b"\x9a\x01\x7f", b"\x8a\x01\x00"], values={"agc.on": True}),
            Act(
                "the first button", lambda: [b"\x9a\x08\x7f", b"\x8a\x08\x00"], values={"bypass.on": True}, seen={"light 1": "on"}
            ),
            Act("the fader", lambda: [b"\xba\x09\x3f", b"\xba\x09\x7f"], values={"macro.less_more_percent": 100.0}),
        ]


class XTouchCompact(Box):
    """Standard mode. What it sends is not in the maker's table of what it takes; this one was learned."""

    profile = "xtouch_compact"
    port = "X-TOUCH COMPACT"
    map = """
profile = "xtouch_compact"
[[control]]
control = "fader.1"
cc = 101
parameter = "limiter.drive_db"
[[control]]
control = "encoder.16"
cc = 102
parameter = "eq.1.gain_db"
[[control]]
control = "button.39"
note = 103
parameter = "bypass.on"
"""

    def hear(self, message: bytes) -> list[bytes]:
        status, number, value = message
        if status == 0xB0 and 1 <= number <= 9:
            self.seen[f"fader {number}"] = value
        elif status == 0xB0 and 10 <= number <= 25:
            self.seen[f"style {number - 9}"] = RING_13[value]
        elif status == 0xB0 and 26 <= number <= 41:
            self.seen[f"ring {number - 25}"] = value
        elif status == 0x90 and number <= 38:
            self.seen[f"light {number + 1}"] = ("off", "on", "blinks")[value]
        else:
            raise AssertionError(message.hex(" "))
        return []

    def script(self) -> list[Act]:
        return [
            Act("plugged in", seen={"fader 1": 0, "style 16": "pan", "ring 16": 7, "ring 1": 0, "light 39": "off"}),
            Act(
                "fader 1",
                lambda: [b"\xb0\x65\x40"],
                values={"limiter.drive_db": 24 * 64 / 127},
                seen={"fader 1": 64},
            ),
            Act(
                "button 39",
                lambda: [b"\x90\x67\x7f", b"\x90\x67\x00"],
                values={"bypass.on": True},
                seen={"light 39": "on"},
            ),
            Act(
                "somebody else",
                daemon={"limiter.drive_db": 24.0, "eq.1.gain_db": 24.0},
                seen={"fader 1": 127, "ring 16": 13},
            ),
        ]


class Bcr2000(Box):
    """Preset P-1: every number is sent and shown at the same control change of channel 1, and its encoders take it over."""

    profile = "bcr2000"
    port = "BCR2000 port 1"

    def __init__(self) -> None:
        super().__init__()
        self.at = dict.fromkeys(range(1, 109), 0)

    def turn(self, number: int, count: int) -> list[bytes]:
        self.at[number] = self.seen[number] = min(max(self.at[number] + count, 0), 127)
        return [bytes((0xB0, number, self.at[number]))]

    def press(self, number: int) -> list[bytes]:
        return [bytes((0xB0, number, 127)), bytes((0xB0, number, 0))]

    def hear(self, message: bytes) -> list[bytes]:
        status, number, value = message
        assert status == 0xB0
        self.at[number] = self.seen[number] = value
        return []

    def script(self) -> list[Act]:
        return [
            Act("plugged in: the encoders stand where the parameters are", seen={1: 64, 7: 0, 81: 64}),
            Act(
                "encoder 1 goes on from there",
                lambda: self.turn(1, 1),
                values={"input.trim_db": -24 + 48 * 65 / 127},
            ),
            Act("the first of the upper row of knobs", lambda: self.turn(81, -64), values={"eq.1.gain_db": -24.0}),
            Act("box 2: bands 9 to 16", lambda: self.press(106), seen={81: 64}),
            Act("the same knob", lambda: self.turn(81, 63), values={"eq.9.gain_db": 24.0, "eq.1.gain_db": -24.0}),
            Act("push 2", lambda: self.press(34), values={"agc.on": True}, seen={34: 127}),
            Act("box 4: bypass", lambda: self.press(108), values={"bypass.on": True}, seen={108: 127}),
        ]


class Bcf2000(Bcr2000):
    """Preset 1 has the upper part of a BCR2000; its faders were learned here."""

    profile = "bcf2000"
    port = "BCF2000 port 1"
    map = """
profile = "bcf2000"
port = "BCF2000 port 1"
[[control]]
control = "fader.1"
cc = 81
parameter = "limiter.drive_db"
"""

    def script(self) -> list[Act]:
        return [
            Act("plugged in", seen={1: 64, 9: 64, 81: 0}),
            Act("encoder 9: a band", lambda: self.turn(9, 63), values={"eq.1.gain_db": 24.0}),
            Act("a learned fader, with its motor", lambda: self.turn(81, 127), values={"limiter.drive_db": 24.0}),
            Act("somebody else", daemon={"limiter.drive_db": 12.0}, seen={81: 64}),
        ]


class Bcf2000Preset2(Box):
    """Preset 2: volume on a channel each."""

    profile = "bcf2000_preset2"
    port = "BCF2000 port 2"
    map = 'profile = "bcf2000_preset2"\nport = "BCF2000 port 2"'

    def hear(self, message: bytes) -> list[bytes]:
        status, number, value = message
        assert 0xB0 <= status <= 0xB7
        assert number == 7
        self.seen[f"fader {status - 0xAF}"] = value
        return []

    def script(self) -> list[Act]:
        return [
            Act("plugged in", seen={"fader 1": 64, "fader 7": 0, "fader 8": 64}),
            Act("fader 7 up", lambda: [b"\xb6\x07\x7f"], values={"limiter.drive_db": 24.0}),
            Act("somebody else", daemon={"limiter.drive_db": 0.0}, seen={"fader 7": 0}),
        ]
