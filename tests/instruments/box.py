"""A simulated knob box for tests: midi_box.py as a process of its own, told what to send and asked what lights came."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from instruments.jackd import Server

BOX = Path(__file__).with_name("midi_box.py")


class Box:
    """A process with a JACK MIDI port each way: libjack reads its environment once, so no test can be a client itself."""

    def __init__(self, server: Server, name: str = "box") -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(BOX), name],
            env=server.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
        )
        assert self._answer() == "ready"

    def _answer(self) -> Any:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def _ask(self, word: str, *arguments: object) -> Any:
        assert self.process.stdin
        self.process.stdin.write(json.dumps([word, *arguments]) + "\n")
        return self._answer()

    def send(self, *messages: Sequence[int]) -> None:
        self._ask("send", [list(message) for message in messages])

    def lights(self) -> list[list[int]]:
        """What came since the last call."""
        lights: list[list[int]] = self._ask("lights")
        return lights

    def unplug(self) -> None:
        self._ask("unplug")

    def plug(self) -> None:
        self._ask("plug")

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
