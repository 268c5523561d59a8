"""nanoKONTROL2: lights that are its own until its scene says otherwise."""

from __future__ import annotations

from instruments.surfaces.base import Act, Box

HEAD = bytes.fromhex("f0 42 43 00 01 13 00")  # its global channel is 4
DUMP = bytes.fromhex("7f 7f 02 03 05 40")


class NanoKontrol2(Box):
    profile = "nanokontrol2"
    port = "nanoKONTROL2"

    def __init__(self) -> None:
        super().__init__()
        self.scene = bytearray(at * 7 % 256 for at in range(339))
        self.scene[2] = 0  # LED mode: internal
        self.refusals = 1

    def dump(self) -> bytes:
        packed = bytearray()
        for at in range(0, 339, 7):
            group = self.scene[at : at + 7]
            packed.append(sum(1 << place for place, byte in enumerate(group) if byte > 127))
            packed += bytes(byte % 128 for byte in group)
        assert len(packed) == 388
        return HEAD + DUMP + packed + b"\xf7"

    def load(self, packed: bytes) -> bytes:
        if self.refusals:
            self.refusals -= 1
            return HEAD + b"\x5f\x24\x00\xf7"
        before = bytes(self.scene)
        out = bytearray()
        for at in range(0, len(packed), 8):
            out += bytes(byte + 128 * (packed[at] >> place & 1) for place, byte in enumerate(packed[at + 1 : at + 8]))
        self.scene = out
        assert (len(out), out[:2], out[3:]) == (339, before[:2], before[3:])  # only the mode was touched
        return HEAD + b"\x5f\x23\x00\xf7"

    def hear(self, message: bytes) -> list[bytes]:
        if message[:7] == HEAD and message[7:10] == b"\x1f\x10\x00":
            return [self.dump()]
        if message[:7] == HEAD and message[7:13] == DUMP:
            return [self.load(message[13:-1])]
        self.seen["LED mode"] = ("internal", "external")[self.scene[2]]
        if message[0] == 0xB0 and self.scene[2]:
            self.seen[f"light {message[1]}"] = {0: "off", 127: "on"}[message[2]]
        return []

    def press(self, number: int) -> list[bytes]:
        return [bytes((0xB0, number, 127)), bytes((0xB0, number, 0))]

    def script(self) -> list[Act]:
        return [
            Act(
                "plugged in: its scene is read, changed and sent back (here it refuses once), then its lights are ours",
                seen={"LED mode": "external", "light 34": "on", "light 33": "off"},
            ),
            Act("fader 7 stands at the top: nothing", lambda: [b"\xb0\x06\x7f"], values={"limiter.drive_db": 0.0}),
            Act(
                "down to the bottom, and up",
                lambda: [b"\xb0\x06\x00", b"\xb0\x06\x40"],
                values={"limiter.drive_db": 24 * 64 / 127},
            ),
            Act("S 2", lambda: self.press(33), values={"agc.on": True}, seen={"light 33": "on"}),
            Act("R 3: a preset", lambda: self.press(66), preset="speech", seen={"light 66": "on"}),
            Act(
                "marker right: the equaliser; M 3, which the preset had on",
                lambda: self.press(62) + self.press(50),
                values={"eq.3.on": False},
                seen={"light 50": "off"},
            ),
            Act(
                "track right: bands 9 to 16; M 3",
                lambda: self.press(59) + self.press(50),
                values={"eq.11.on": True},
            ),
            Act("fader 3 across", lambda: [b"\xb0\x02\x00", b"\xb0\x02\x7f"], values={"eq.11.gain_db": 24.0}),
            Act("cycle: bypass", lambda: self.press(46), values={"bypass.on": True}, seen={"light 46": "on"}),
        ]
