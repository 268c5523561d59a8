"""BeatStep: every control has six numbers, set one by one by system-exclusive messages. Its factory numbers are unknown."""

from __future__ import annotations

from instruments.surfaces.base import Act, Box, around_64

HEAD = bytes.fromhex("f0 00 20 6b 7f 42 02 00")
MODE, CHANNEL, NUMBER, LOW, HIGH, BEHAVIOUR, COLOUR = 1, 2, 3, 4, 5, 6, 0x10
COLOURS = {0: "off", 1: "red", 16: "blue", 17: "magenta"}


class BeatStep(Box):
    profile = "beatstep"
    port = "Arturia BeatStep"

    def __init__(self) -> None:
        super().__init__()
        controls = (*range(0x20, 0x30), *range(0x70, 0x80))
        self.numbers: dict[int, dict[int, int]] = {control: {} for control in controls}

    def turn(self, encoder: int, count: int) -> list[bytes]:
        set_to = self.numbers[0x1F + encoder]
        assert (set_to[MODE], set_to[BEHAVIOUR]) == (1, 1), "control change, relative"
        return [bytes((0xB0 + set_to[CHANNEL], set_to[NUMBER], around_64(count)))]

    def press(self, pad: int) -> list[bytes]:
        set_to = self.numbers[0x6F + pad]
        assert (set_to[MODE], set_to[BEHAVIOUR]) == (8, 1), "control change while pressed"
        return [bytes((0xB0 + set_to[CHANNEL], set_to[NUMBER], set_to[it])) for it in (HIGH, LOW)]

    def hear(self, message: bytes) -> list[bytes]:
        assert message[:8] == HEAD
        assert message[11:] == b"\xf7"
        number, control, value = message[8:11]
        if number == COLOUR:
            self.seen[f"pad {control - 0x6F}"] = COLOURS[value]
        else:
            self.numbers[control][number] = value
        return []

    def script(self) -> list[Act]:
        return [
            Act("plugged in: it is given its numbers", seen={"pad 2": "blue", "pad 1": "off", "pad 8": "off"}),
            Act("encoder 7 one to the right", lambda: self.turn(7, 1), values={"limiter.drive_db": 24 / 128}),
            Act(
                "encoder 9 five to the left at once",
                lambda: self.turn(9, -5),
                values={"eq.1.gain_db": -5 * 48 / 128},
            ),
            Act(
                "pad 10: bands 9 to 16; encoder 16",
                lambda: self.press(10) + self.turn(16, 2),
                values={"eq.16.gain_db": 0.75},
            ),
            Act("pad 8: bypass", lambda: self.press(8), values={"bypass.on": True}, seen={"pad 8": "red"}),
            Act("pad 13: a preset", lambda: self.press(13), preset="speech", seen={"pad 13": "magenta"}),
        ]
