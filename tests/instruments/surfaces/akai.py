"""MIDImix."""

from __future__ import annotations

from instruments.surfaces.base import Act, Box


class MidiMix(Box):
    profile = "midimix"
    port = "MIDI Mix"
    KNOBS = ((16, 17, 18), (20, 21, 22), (24, 25, 26), (28, 29, 30), (46, 47, 48), (50, 51, 52), (54, 55, 56), (58, 59, 60))
    FADERS = (19, 23, 27, 31, 49, 53, 57, 61)

    def sweep(self, number: int) -> list[bytes]:
        return [bytes((0xB0, number, value)) for value in (0, 64, 127)]

    def press(self, note: int) -> list[bytes]:
        return [bytes((0x90, note, 127)), bytes((0x80, note, 127))]

    def hear(self, message: bytes) -> list[bytes]:
        status, number, value = message
        assert status == 0x90
        assert number in (*range(1, 23, 3), *range(3, 25, 3)), "no light there"
        self.seen[f"light {number}"] = {0: "off", 127: "on"}[value]
        return []

    def script(self) -> list[Act]:
        column_5 = self.KNOBS[4]
        return [
            Act("plugged in", seen={"light 13": "off", "light 9": "on"}),
            Act(
                "knobs of column 5",
                lambda: [it for knob in column_5 for it in self.sweep(knob)],
                values={"eq.5.gain_db": 24.0, "eq.5.frequency_hz": 20000.0, "eq.5.q": 40.0},
            ),
            Act("fader 8", lambda: self.sweep(self.FADERS[7]), values={"limiter.drive_db": 24.0}),
            Act("master", lambda: self.sweep(62), values={"macro.less_more_percent": 100.0}),
            Act("mute 5", lambda: self.press(13), values={"eq.5.on": True}, seen={"light 13": "on"}),
            Act("bank right, mute 5", lambda: self.press(26) + self.press(13), values={"eq.13.on": True}),
            Act(
                "bank left, rec arm 2",
                lambda: self.press(25) + self.press(6),
                values={"agc.on": True},
                seen={"light 6": "on"},
            ),
            Act(
                "solo held, mute 3: a preset",
                lambda: [b"\x90\x1b\x7f", *self.press(8), b"\x80\x1b\x7f"],
                preset="speech",
            ),
        ]
