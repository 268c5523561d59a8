"""MIDI Fighter Twister in native mode."""

from __future__ import annotations

from instruments.surfaces.base import Act, Box, around_64


class Twister(Box):
    profile = "midi_fighter_twister"
    port = "Midi Fighter Twister"

    def __init__(self) -> None:
        super().__init__()
        self.is_native = False

    def turn(self, encoder: int, count: int) -> list[bytes]:
        """Its firmware sends a message for every detent."""
        assert self.is_native
        return [bytes((0xB0, encoder - 1, around_64(count // abs(count))))] * abs(count)

    def press(self, encoder: int) -> list[bytes]:
        return [bytes((0xB1, encoder - 1, 127)), bytes((0xB1, encoder - 1, 0))]

    def hear(self, message: bytes) -> list[bytes]:
        if message == bytes.fromhex("f0 00 01 79 06 00 01 f7"):
            self.is_native = True
            self.seen["mode"] = "native"
            return []
        assert message[0] == 0xB0
        assert message[1] < 64
        self.seen[f"ring {message[1] + 1}"] = message[2]
        return []

    def script(self) -> list[Act]:
        return [
            Act("plugged in", seen={"mode": "native", "ring 1": 64, "ring 15": 0, "ring 17": 64}),
            Act(
                "encoder 15 one to the right",
                lambda: self.turn(15, 1),
                values={"limiter.drive_db": 24 / 128},
                seen={"ring 15": 1},
            ),
            Act(
                "bank 2, encoder 3 one to the left",
                lambda: self.turn(19, -1),
                values={"eq.3.gain_db": -48 / 128},
                seen={"ring 19": 63},
            ),
            Act("pushed: band 3 in", lambda: self.press(19), values={"eq.3.on": True}),
            Act("somebody else", daemon={"limiter.drive_db": 24.0}, seen={"ring 15": 127}),
        ]
