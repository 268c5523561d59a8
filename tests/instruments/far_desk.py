"""An operator's desk on another machine: far_desk_child.py started there, and what it tells kept with the time of it."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from instruments.network import NetworkDaemon, eventually

FACES = ("follower", "async follower", "meters", "async meters")
TESTS = Path(__file__).parents[1]
ANSWER_WITHIN_S = 15.0


class FarDesk:
    """Runs from entering to leaving. `command` carries Python to the far machine; `who` is a client of the daemon's."""

    def __init__(self, daemon: NetworkDaemon, command: Sequence[str], host: str, who: str, relayed: bool = False) -> None:
        pair = daemon.pairs[who]
        where = {"host": host, "port": daemon.port, "relayed": relayed}
        self._where = where | {"server": daemon.server.public, "public": pair.public, "secret": pair.secret}
        self._command = [*command, sys.executable, "-m", "instruments.far_desk_child"]
        self.told: list[tuple[float, dict[str, Any]]] = []
        """When (time.monotonic), and what each face showed."""
        self._done: queue.Queue[dict[str, Any]] = queue.Queue()

    def __enter__(self) -> Self:
        environment = os.environ | {"PYTHONPATH": str(TESTS)}
        self._process = subprocess.Popen(self._command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self._say(self._where)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            pipe.close()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            said = msgspec.json.decode(line)
            if "done" in said:
                self._done.put(said["done"])
            else:
                self.told.append((said["at_s"], said["shown"]))

    def _say(self, what: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(msgspec.json.encode(what) + b"\n")
        self._process.stdin.flush()

    def signal(self, number: int) -> None:
        """To the process there."""
        self._process.send_signal(number)

    def turn(self, **values: float) -> dict[str, Any]:
        """Sets values there, a dot in an id written as two underscores; the code, `ok` or an error's, and how long it took."""
        self._say({"set": {id.replace("__", "."): value for id, value in values.items()}})
        return self._done.get(timeout=ANSWER_WITHIN_S)

    def weather(self, **weather: float) -> None:
        """Of the relay, as instruments.relay.Weather has it."""
        self._say({"weather": weather})
        self._done.get(timeout=ANSWER_WITHIN_S)

    def now(self, face: str) -> dict[str, Any]:
        """What a face shows; nothing before it began."""
        shown: dict[str, Any] = self.told[-1][1].get(face, {}) if self.told else {}
        return shown

    def ages_s(self, face: str, from_s: float, to_s: float) -> list[tuple[float, float]]:
        """When it said, and how old it said its picture was."""
        return [(at_s, shown[face]["age_s"]) for at_s, shown in list(self.told) if from_s <= at_s <= to_s and face in shown]

    def is_young(self, age_s: float = 1.5) -> bool:
        """Whether no face shows anything older."""
        return all((self.now(face).get("age_s") or 1e9) < age_s for face in FACES)

    def shows(self, daemon: NetworkDaemon) -> bool:
        """Whether both followers have what the daemon says of itself: start, event number, revision and every value."""
        wanted = ("boot_id", "seq", "revision", "values")
        now = daemon.ask(op="snapshot")["result"]
        return all(self.now(face).get(it) == now[it] for it in wanted for face in ("follower", "async follower"))

    def converges(self, daemon: NetworkDaemon, within_s: float) -> None:
        """Waits until it does, and nothing is old."""
        eventually(lambda: self.shows(daemon) and self.is_young(), within_s)
