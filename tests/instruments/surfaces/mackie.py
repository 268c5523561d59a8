"""Mackie Control, Logic Control and the extender: motor faders with a hand's pull, V-Pots, displays of 56 characters, meters."""

from __future__ import annotations

from instruments.surfaces.base import Act, Box, tick

MODES = ("dot", "boost/cut", "fill", "spread")
SERIAL = b"MCU0042"


class MackieControl(Box):
    """Device 14: says that it is ready when it is asked."""

    profile = "mackie"
    port = "Mackie Control"
    device = 0x14
    bends = 9

    def __init__(self) -> None:
        super().__init__()
        self.is_on = False
        self.display = bytearray(b" " * 112)
        self.motor = [0] * self.bends
        self.hand: dict[int, int] = {}

    # the hand

    def turn(self, encoder: int, count: int) -> list[bytes]:
        return [bytes((0xB0, 0x0F + encoder, tick(count)))]

    def push(self, note: int) -> list[bytes]:
        return [bytes((0x90, note, 127)), bytes((0x90, note, 0))]

    def touch(self, fader: int, position: float) -> list[bytes]:
        """A finger on a fader takes it to `position`."""
        value = round(position * 16383)
        self.hand[fader] = value
        steps = [value // 2, value]
        return [bytes((0x90, 0x67 + fader, 127)), *(bytes((0xDF + fader, it & 127, it >> 7)) for it in steps)]

    def leave(self, fader: int) -> list[bytes]:
        """The finger goes; the servo takes the fader to where it was told last."""
        del self.hand[fader]
        return [bytes((0x90, 0x67 + fader, 0))]

    # the eye

    def fader(self, number: int) -> float:
        value = self.hand.get(number, self.motor[number - 1])
        return round(value / 16383, 3)

    def hear(self, message: bytes) -> list[bytes]:
        if message[:5] == bytes((0xF0, 0, 0, 0x66, self.device)):
            return self.command(message[5], message[6:-1])
        if message[0] == 0xF0:
            return []  # for another device
        status, number, value = message if len(message) == 3 else (*message, 0)
        if status == 0xB0 and 0x30 <= number < 0x38:
            self.seen[f"ring {number - 0x2F}"] = (MODES[value >> 4 & 3], value & 15) if value else "off"
        elif status == 0x90:
            self.seen[f"light {number:02X}"] = {0: "off", 1: "flashes", 127: "on"}[value]
        elif status == 0xD0:
            self.level(number >> 4, number & 15)
        elif 0xE0 <= status < 0xE0 + self.bends:
            self.motor[status - 0xE0] = value << 7 | number
        for fader in range(1, self.bends + 1):
            self.seen[f"fader {fader}"] = self.fader(fader)
        return []

    def level(self, strip: int, code: int) -> None:
        if code in (0xE, 0xF):
            self.seen[f"overload {strip + 1}"] = code == 0xE
        else:
            self.seen[f"meter {strip + 1}"] = code

    def command(self, command: int, data: bytes) -> list[bytes]:
        if command == 0x00:
            self.is_on = True
            return [bytes((0xF0, 0, 0, 0x66, self.device, 1, *SERIAL, 0xF7))]
        if command == 0x12:
            self.display[data[0] : data[0] + len(data) - 1] = data[1:]
            for strip in range(8):
                rows = (self.display[at : at + 7].decode().strip() for at in (7 * strip, 56 + 7 * strip))
                self.seen[f"strip {strip + 1}"] = tuple(rows)
        elif command == 0x20:
            self.seen[f"meter mode {data[0] + 1}"] = data[1]
        return []

    def script(self) -> list[Act]:
        bands = {f"strip {strip}": (f"EQ{strip}Fre", text) for strip, text in ((1, "30Hz"), (3, "65Hz"), (8, "500Hz"))}
        return [
            Act(
                "plugged in: the handshake, and everything is shown",
                seen={
                    "ring 1": ("boost/cut", 6),
                    "strip 1": ("InpTri", "0.0dB"),
                    "strip 8": ("Drive", "0.0dB"),
                    "light 28": "on",
                    "fader 9": 0.5,
                    "meter mode 8": 7,
                },
            ),
            Act(
                "V-Pot 1 two to the right",
                lambda: self.turn(1, 2),
                values={"input.trim_db": 0.75},
                seen={"strip 1": ("InpTri", "0.8dB")},
            ),
            Act(
                "V-Pot 8 four to the right",
                lambda: self.turn(8, 4),
                values={"limiter.drive_db": 4 * 24 / 128},
                seen={"ring 8": ("fill", 1)},
            ),
            Act(
                "fader 8 is touched and pulled up: its motor stays off while a finger is on it",
                lambda: self.touch(8, 1.0),
                values={"limiter.release_ms": 1000.0},
                seen={"strip 8": ("LimRel", "1000ms")},
            ),
            Act(
                "the finger leaves: the motor was told, and the fader stays",
                lambda: self.leave(8),
                seen={"fader 8": 1.0},
            ),
            Act(
                "somebody else sets it: the fader goes there",
                daemon={"limiter.release_ms": 100.0},
                seen={"fader 8": 0.5},
            ),
            Act(
                "page two: the equaliser",
                lambda: self.push(0x29),
                seen={"light 28": "off", "light 29": "on", **bands},
            ),
            Act(
                "fader 3 to the bottom",
                lambda: self.touch(3, 0.0) + self.leave(3),
                values={"eq.3.gain_db": -24.0},
                seen={"fader 3": 0.0},
            ),
            Act(
                "bank right: bands 9 to 16",
                lambda: self.push(0x2F),
                seen={"strip 1": ("EQ9Fre", "750Hz"), "fader 3": 0.5},
            ),
            Act(
                "select 1 puts band 9 in",
                lambda: self.push(0x18),
                values={"eq.9.on": True},
                seen={"light 18": "on"},
            ),
            Act(
                "flip: the V-Pots have the gains",
                lambda: self.push(0x32),
                seen={"ring 1": ("boost/cut", 6), "light 32": "on"},
            ),
            Act(
                "V-Pot 1 to the right",
                lambda: self.turn(1, 8),
                values={"eq.9.gain_db": 3.0},
                seen={"ring 1": ("boost/cut", 7)},
            ),
            Act(
                "flip back, bank left",
                lambda: self.push(0x32) + self.push(0x2E),
                seen={"strip 1": ("EQ1Fre", "30Hz")},
            ),
            Act(
                "shift held: Q instead of frequency",
                lambda: [bytes((0x90, 0x46, 127)), *self.turn(1, 16), bytes((0x90, 0x46, 0))],
                values={"eq.1.q": 0.7071 * (40 / 0.1) ** (16 / 128)},
            ),
            Act(
                "enter: A, as it was when it was plugged in",
                lambda: self.push(0x53),
                wait_s=0.8,
                values={"eq.9.gain_db": 0.0, "eq.3.gain_db": 0.0, "limiter.release_ms": 60.0},
                seen={"light 53": "flashes"},
            ),
            Act(
                "again: B", lambda: self.push(0x53), values={"eq.9.gain_db": 3.0, "eq.3.gain_db": -24.0}, seen={"light 53": "off"}
            ),
            Act("undo", lambda: self.push(0x51), values={"eq.9.gain_db": 0.0}),
            Act("F3 recalls a preset", lambda: self.push(0x38), preset="speech", seen={"light 38": "on"}),
            Act("back to page one", lambda: self.push(0x28), seen={"light 28": "on", "strip 1": ("InpTri", "0.0dB")}),
            Act(
                "meters: the programme and what is taken from it",
                meters={"input": -6.0, "output": 0.0, "limiter": 6.0, "compressor": 12.0},
                seen={"meter 1": 11, "meter 3": 12, "overload 3": True, "meter 6": 12, "meter 8": 6, "overload 1": False},
            ),
        ]


class LogicControl(MackieControl):
    """Device 10: will not talk before its challenge is answered."""

    port = "Logic Control mackie"
    device = 0x10

    def hear(self, message: bytes) -> list[bytes]:
        return super().hear(message) if self.is_on or message[:1] == b"\xf0" else []

    def command(self, command: int, data: bytes) -> list[bytes]:
        head = (0xF0, 0, 0, 0x66, self.device)
        if command == 0x00:
            return [bytes((*head, 1, *SERIAL, 0x10, 0x20, 0x30, 0x02, 0xF7))]
        if command == 0x02:
            self.is_on = data == bytes((*SERIAL, 0x38, 0x1E, 0x72, 0x40))  # worked out by hand from the published rule
            return [bytes((*head, 3 if self.is_on else 4, *SERIAL, 0xF7))]
        return super().command(command, data) if self.is_on else []

    def script(self) -> list[Act]:
        return super().script()[:2]


class MackieExtender(MackieControl):
    """Device 15: eight strips, and no master."""

    profile = "mackie_extender"
    port = "Mackie Control XT"
    device = 0x15
    bends = 8

    def script(self) -> list[Act]:
        return [
            Act("plugged in", seen={"ring 1": ("fill", 3), "strip 1": ("Ba1Rat", "2.0"), "fader 1": 0.6}),
            Act(
                "V-Pot 1 all the way",
                lambda: self.turn(1, 63) * 2,
                values={"multiband.1.ratio": 100.0},
            ),
            Act(
                "fader 6 down",
                lambda: self.touch(6, 0) + self.leave(6),
                values={"multiband.6.threshold_db": -60.0},
                seen={"fader 6": 0},
            ),
            Act("meters", meters={"multiband": 3.0}, seen={"meter 1": 3, "meter 6": 3}),
        ]
