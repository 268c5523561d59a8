"""What runs on the far machine: follows a daemon by every face of the library, tells ten times a second what each of them shows
and how old that is, and turns what it is told to turn. A JSON object a line, both ways; far_desk.py is the other end.

The first line in is where the daemon is, and whether the way leads through a relay. The clock is the machine's, which the
test's is too.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import msgspec

from instruments.relay import Relay, Weather
from masterd.control.address import Address, Keys
from masterd.control.async_client import AsyncClient
from masterd.control.client import Client
from masterd.control.errors import MasterdError, Unreachable
from masterd.control.follow import MeterReader
from masterd.control.keys import Pair
from masterd.control.parameters import Value
from masterd.control.protocol import AnyEvent, Changed, Meters, StateSnapshot

TOLD_EVERY_S = 0.1
POLL_S = 0.05
TIMEOUT_S = 1.5


@dataclass
class Shown:
    """What a face shows."""

    age: Callable[[], float] = field(repr=False)
    boot_id: str = ""
    seq: int = -1
    revision: int = -1
    values: dict[str, Value] = field(default_factory=dict)
    trouble: str = ""
    """Why it shows nothing newer."""

    def take(self, item: StateSnapshot | AnyEvent | Meters | None) -> None:
        if item is None:
            return
        self.boot_id, self.seq, self.trouble = item.boot_id, item.seq, ""
        if not isinstance(item, Meters):
            self.revision = item.revision
        if isinstance(item, StateSnapshot):
            self.values = dict(item.values)
        elif isinstance(item, Changed):
            self.values |= {id: new for id, (_, new) in item.changes.items()}

    def told(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "age"} | {"age_s": self.age()}


class Faces:
    """All of them, each in a thread, or a task, of its own."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.shown: dict[str, Shown] = {}
        for work in (self._follow, self._read_meters, lambda: asyncio.run(self._await_all())):
            threading.Thread(target=work, daemon=True).start()

    def _keep(self, name: str, age: Callable[[], float]) -> Shown:
        return self.shown.setdefault(name, Shown(age))

    def _follow(self) -> None:
        with Client(self.address, TIMEOUT_S) as client, client.follower() as follower:
            shown = self._keep("follower", lambda: follower.age_s)
            while True:
                with told(shown):
                    shown.take(follower.poll(POLL_S))

    def _read_meters(self) -> None:
        with MeterReader(self.address) as reader:
            shown = self._keep("meters", lambda: reader.age_s)
            while True:
                with told(shown):
                    shown.take(reader.poll(POLL_S))

    async def _await_all(self) -> None:
        async with AsyncClient(self.address, TIMEOUT_S) as client, client.follower() as follower, client.meter_reader() as reader:
            await asyncio.gather(
                self._await("async follower", lambda: follower.age_s, follower.poll),
                self._await("async meters", lambda: reader.age_s, reader.poll),
            )

    async def _await(self, name: str, age: Callable[[], float], poll: Callable[[float], Any]) -> None:
        shown = self._keep(name, age)
        while True:
            with told(shown):
                shown.take(await poll(POLL_S))


@contextlib.contextmanager
def told(shown: Shown) -> Any:
    """Keeps what goes wrong."""
    try:
        yield
    except Unreachable as error:
        shown.trouble = f"{error.code}: {error}"


def say(kind: str, what: Any) -> None:
    sys.stdout.buffer.write(msgspec.json.encode({"at_s": time.monotonic(), kind: what}) + b"\n")
    sys.stdout.buffer.flush()


def turned(client: Client, values: dict[str, Value]) -> dict[str, Any]:
    began_s = time.monotonic()
    try:
        answer = client.set(values)
        said = {"code": "ok", "revision": answer.revision}
    except MasterdError as error:
        said = {"code": error.code, "message": str(error)}
    return said | {"took_s": time.monotonic() - began_s}


def main() -> None:
    where = msgspec.json.decode(sys.stdin.readline())
    keys = Keys(where["server"], Pair(where["public"], where["secret"]))
    with contextlib.ExitStack() as stack:
        host, port, relay = where["host"], where["port"], None
        if where["relayed"]:
            relay = stack.enter_context(Relay(port, ports=3, to=host))
            host, port = "127.0.0.1", relay.port
        address = Address("site", host, port, keys)
        faces = Faces(address)
        hand = stack.enter_context(Client(address, TIMEOUT_S, origin="far desk"))
        threading.Thread(target=tell, args=(faces,), daemon=True).start()
        for line in sys.stdin:
            match msgspec.json.decode(line):
                case {"set": values}:
                    say("done", turned(hand, values))
                case {"weather": weather} if relay:
                    relay.weather(Weather(**weather))
                    say("done", weather)


def tell(faces: Faces) -> None:
    while True:
        say("shown", {name: it.told() for name, it in list(faces.shown.items())})
        time.sleep(TOLD_EVERY_S)


if __name__ == "__main__":
    main()
