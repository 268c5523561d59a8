"""What a client takes from a daemon of another version, or from whoever says he is one: answers, events, meters, and the pages
that are made of them."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from fuzz.grammar import like, pick, torn
from masterd.control import words
from masterd.control.address import Address
from masterd.control.calls import Calls
from masterd.control.cli.meter_screen import Screen
from masterd.control.errors import MasterdError
from masterd.control.event_text import event_text
from masterd.control.metrics.picture import Picture as MetricsPicture
from masterd.control.parameters import PARAMETERS, defaults
from masterd.control.picture import Freshness, Picture
from masterd.control.protocol import METERS_TOPIC, Changed, Meters, PointMeters, StateSnapshot, encode_json, encode_msgpack

if TYPE_CHECKING:
    from atheris import FuzzedDataProvider as Choices

WHO = {"who": "studio", "address": "10.0.0.1"}
LOCK = {**WHO, "note": "live", "since": 1.0, "until": None}
TRIAL = {**WHO, "until": 1.0, "parameters": 3}
COMMON = {"seq": 1, "boot_id": "a", "time": 1.5, "revision": 1}
HAND = {**COMMON, **WHO, "origin": "x"}
CHANGES = {"limiter.drive_db": [0.0, 1.0], "eq.on": [True, False], "eq.1.type": ["bell", "notch"], "nope": [1, "a"]}
EVENTS = (
    {"type": "changed", **HAND, "cause": "set", "changes": CHANGES, "glide_ms": 20.0, "preset": "flat", "dirty": True},
    {"type": "heartbeat", **COMMON, "uptime_s": 1.0, "blocks": 3, "xruns": 0},
    {"type": "host", **COMMON, "state": "lost", "host": "jack", "device": "d", "reason": "r"},
    {"type": "alarm", **COMMON, "code": "host_lost", "message": "m", "active": True},
    {"type": "presets", **HAND, "names": ["a"]},
    {"type": "lock", **HAND, "lock": LOCK},
    {"type": "trial", **HAND, "outcome": "begun", "trial": TRIAL},
    {"type": "monitor", **HAND, "simulation": "phone", "dim_db": 3.0},
    {"type": "analysed", **COMMON, "origin": "x", "point": "input", "ok": True, "findings": ["f"]},
    {"type": "of later", **COMMON},
)
SNAPSHOT = {"boot_id": "a", "seq": 0, "revision": 1, "preset": "flat", "dirty": False, "values": {"eq.on": True}}
ERROR = {"code": "out_of_range", "message": "m", "parameter": "eq.on"}
ENTRY = {**WHO, "time": "t", "op": "set", "code": "ok"}
RESULTS = (SNAPSHOT, {"eq.on": True}, ["flat"], {**WHO, "role": "viewer"}, [ENTRY], "text")
QUESTIONS = (
    words.get(),
    words.snapshot(),
    words.status(),
    words.describe(),
    words.preset_list(),
    words.whoami(),
    words.audit(),
    words.spectrum(),
    words.eq_response(),
    words.monitor(),
)
POINT = PointMeters((-3.0, -3.0), (-2.0, -2.5), (-20.0, -20.0), -20, -20, -20, 3, -18, -19, -1)
METERS = Meters(1, "boot", 0.0, 0, 0, 0, 0, 0.0, POINT, POINT, (1.0, 2.0), 3.0, multiband_reduction_db=((1.0, 0.5),) * 6)
WHOLE = StateSnapshot(boot_id="a", seq=0, revision=0, preset="flat", dirty=False, values=defaults())


class Target:
    def __init__(self) -> None:
        self.screen = Screen("site")

    def __call__(self, choices: Choices) -> None:
        picture, freshness = Picture(Address("site")), Freshness()
        picture.start(WHOLE, 0.0)
        for at in range(choices.ConsumeIntInRange(1, 6)):
            match choices.ConsumeIntInRange(0, 2):
                case 0:
                    self.answer(choices)
                case 1:
                    self.event(choices, picture, at)
                case 2:
                    self.meters(choices, freshness, at)

    def answer(self, choices: Choices) -> None:
        is_ok = choices.ConsumeBool()
        pattern = {"id": 1, "ok": is_ok, "revision": 1, "result": pick(choices, RESULTS), "error": None if is_ok else ERROR}
        frames = [torn(choices, like(choices, pattern).encode("utf-8", "surrogatepass"))]
        if answer := Calls.read(frames if choices.ConsumeIntInRange(0, 15) else []):
            with contextlib.suppress(MasterdError):
                pick(choices, QUESTIONS).understood(Calls.granted(answer))

    def event(self, choices: Choices, picture: Picture, now_s: float) -> None:
        frame = torn(choices, like(choices, pick(choices, EVENTS)).encode("utf-8", "surrogatepass"))
        event = picture.take(frame, now_s)
        if not picture.is_whole:
            picture.start(WHOLE, now_s)
            event = picture.kept()
        if event:
            event_text(event, PARAMETERS)
        if isinstance(event, Changed):
            self.screen.told(event.preset, event.dirty, {id: new for id, (_, new) in event.changes.items()})

    def meters(self, choices: Choices, freshness: Freshness, now_s: float) -> None:
        fields = json.loads(encode_json(METERS))
        for name in fields:
            if choices.ConsumeIntInRange(0, 15) == 0:
                fields[name] = pick(choices, (choices.ConsumeFloat(), [], [[1.0]], "", -(2**63), None, {}))
        meters, _ = freshness.take(METERS_TOPIC + torn(choices, encode_msgpack(fields)), now_s)
        if meters:
            self.screen.take(meters, now_s)
            self.screen.lines(choices.ConsumeIntInRange(0, 200), choices.ConsumeIntInRange(0, 60))
            seen = MetricsPicture(0.0)
            seen.metered(meters, now_s)
            seen.silence_s(now_s)

    def close(self) -> None:
        pass
