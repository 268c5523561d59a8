"""`ctl`: frames through the decoder and every handler, to an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzz.grammar import json_value, pick, request
from fuzz.in_process import InProcess
from masterd.control.protocol.roles import Role

if TYPE_CHECKING:
    from atheris import FuzzedDataProvider as Choices

MOST_REQUESTS = 6


class Target:
    def __init__(self) -> None:
        self.daemon = InProcess()

    def __call__(self, choices: Choices) -> None:
        for _ in range(choices.ConsumeIntInRange(1, MOST_REQUESTS)):
            body = request(choices) if choices.ConsumeIntInRange(0, 15) else odd_body(choices)
            frames = [body] if choices.ConsumeIntInRange(0, 31) else [body] * choices.ConsumeIntInRange(0, 3)
            self.daemon.reply(frames, pick(choices, tuple(Role)))

    def close(self) -> None:
        self.daemon.close()


def odd_body(choices: Choices) -> bytes:
    if choices.ConsumeBool():
        return bytes(choices.ConsumeBytes(200))
    return json_value(choices).encode("utf-8", "surrogatepass")
