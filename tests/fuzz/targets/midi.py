"""MIDI: what a box sends, through parser, take-over and surface to the daemon, and through the learner to a map."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from fuzz.grammar import pick
from fuzz.in_process import Direct, InProcess
from masterd.control.errors import MasterdError
from masterd.control.midi.learn import Learner
from masterd.control.midi.mapfile import parse
from masterd.control.midi.mapping import Action
from masterd.control.midi.surface import Surface
from masterd.control.protocol import Changed, Request, Set

if TYPE_CHECKING:
    from atheris import FuzzedDataProvider as Choices

MAP = """
[[control]]
cc = 16
parameter = "eq.3.frequency_hz"
encoding = "sign_magnitude"
feedback = { cc = 48 }
[[control]]
cc = 7
channel = 2
bits = 14
parameter = "compressor.threshold_db"
min = -40
max = -10
[[control]]
cc = 17
parameter = "eq.1.type"
encoding = "twos_complement"
[[control]]
cc = 18
parameter = "eq.2.type"
takeover = "jump"
[[control]]
cc = 19
parameter = "limiter.drive_db"
encoding = "offset"
invert = true
[[control]]
cc = 20
parameter = "macro.less_more_percent"
[[control]]
pitch_bend = true
parameter = "eq.4.gain_db"
[[control]]
note = 40
parameter = "eq.on"
[[control]]
note = 41
preset = "speech"
[[control]]
note = 42
action = "undo"
[[control]]
note = 43
action = "redo"
"""
TURNED = ((0xB0, 16), (0xB1, 7), (0xB1, 39), (0xB0, 17), (0xB0, 18), (0xB0, 19), (0xB0, 20), (0xE0, 0))
NUMBERED = ((0xB0, 99), (0xB0, 98), (0xB0, 6), (0xB0, 38), (0xB0, 96), (0xB0, 101), (0xC0, 1), (0xD0, 1), (0xF0, 0))
CONTROLS = (*TURNED, *NUMBERED, *((0x90, number) for number in range(40, 44)))


class Target:
    def __init__(self) -> None:
        self.daemon = InProcess()
        self.client = Direct(self.daemon, "midi")
        self.map = parse(MAP)
        assert {it.action for it in self.map.bindings} >= {Action.TURN, Action.UNDO, Action.REDO}

    def __call__(self, choices: Choices) -> None:
        surface, learner, now_s = Surface(self.map, "midi"), Learner(), 0.0
        surface.follow(self.client.snapshot())
        for _ in range(choices.ConsumeIntInRange(1, 40)):
            now_s += pick(choices, (0.0, 0.001, 0.004, 0.03, 10.0))
            what = choices.ConsumeIntInRange(0, 15)
            if what == 0:
                pick(choices, (surface.came, surface.gone, surface.missed, surface.lost, learner.now_left))()
            elif what == 1:
                surface.follow(self.client.snapshot())
            else:
                message = heard(choices)
                surface.hear(message, now_s)
                learner.feed(message, now_s)
            for request in surface.requests(now_s):
                self._ask(surface, request)
            surface.messages(now_s)
            surface.waiting()
            if found := learner.found():
                learner.needs_left(found)

    def _ask(self, surface: Surface, request: Request) -> None:
        with contextlib.suppress(MasterdError):
            result = self.client.request(request).result
            told = {name: result[name] for name in ("preset", "dirty", "changes")}
            by = {"seq": 0, "boot_id": "", "time": 0.0, "revision": 0, "origin": "midi", "glide_ms": 0.0}
            surface.changed(Changed(**by, cause="set" if isinstance(request, Set) else "undo", **told))

    def close(self) -> None:
        self.daemon.close()


def heard(choices: Choices) -> list[int]:
    """A message of a control that is bound, or any bytes."""
    if choices.ConsumeIntInRange(0, 7) == 0:
        return [choices.ConsumeIntInRange(0, 255) for _ in range(choices.ConsumeIntInRange(0, 5))]
    status, number = pick(choices, CONTROLS)
    return [status, number, choices.ConsumeIntInRange(0, 127)]
