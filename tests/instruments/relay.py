"""A TCP relay on loopback with the weather of a long line: delay, loss, narrowness, a pulled cable, cut connections.

TCP hides loss: a lost segment comes after all, but late, and what follows waits behind it. So does the relay: bytes are never
lost, changed or reordered on a connection that lives. Its buffers are small, so that what does not get through is felt by the
sender, as on a line. A thread of its own; every method may be called from the test's.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")
SEGMENT_BYTES = 1448
"""What Ethernet carries of TCP in one packet."""
RETRANSMIT_S = 0.2
"""What a lost segment waits: Linux's least time-out."""
LINE_BYTES = 65536
SOCKET_BYTES = 8192
PORTS = (20000, 32000)
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that makes close say RST."""


@dataclass(frozen=True)
class Weather:
    """Of both directions. `loss` is the part of segments that come RETRANSMIT_S late; 0 bytes per second is no limit."""

    delay_s: float = 0.0
    jitter_s: float = 0.0
    loss: float = 0.0
    bytes_per_s: float = 0.0


FAIR = Weather()


class Direction:
    """One way of the line, shared by all connections: who comes later waits until the line is free."""

    def __init__(self) -> None:
        self.free_at_s = 0.0
        self.passed_bytes = 0

    def due_s(self, size: int, weather: Weather, chance: random.Random) -> float:
        """When a segment that enters now leaves at the other end."""
        took_s = size / weather.bytes_per_s if weather.bytes_per_s else 0.0
        self.free_at_s = max(time.monotonic(), self.free_at_s) + took_s
        late_s = RETRANSMIT_S if chance.random() < weather.loss else 0.0
        return self.free_at_s + weather.delay_s + chance.uniform(0, weather.jitter_s) + late_s


class Relay:
    """Ports in a row, free ones of 127.0.0.1 unless given, that lead to as many of 127.0.0.1, from `target` on.

    >>> with Relay(target=5570, ports=3) as relay:
    ...     relay.weather(Weather(delay_s=0.1))
    ...     connect_to(relay.port)
    """

    def __init__(self, target: int, ports: int = 1, seed: int = 1, host: str = "127.0.0.1", port: int = 0) -> None:
        self.target = target
        self.host = host
        self.accepted = 0
        self.up, self.down = Direction(), Direction()
        """Towards the target, and back."""
        self._weather = FAIR
        self._chance = random.Random(seed)
        self._whole = asyncio.Event()
        self._whole.set()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listeners = [listener(port + at, host) for at in range(ports)] if port else free_ports(ports)
        self._ports = ports
        self.port = self._listeners[0].getsockname()[1]
        self._doors: list[asyncio.Task[None]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._open)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.cut()
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # what a test does to the line

    def weather(self, weather: Weather) -> None:
        """From now on; what is under way keeps its time."""
        self._do(lambda: setattr(self, "_weather", weather))

    def pull(self) -> None:
        """Pulls the cable: nothing passes, and nobody is told. New connections hang."""
        self._do(self._whole.clear)

    def plug(self) -> None:
        """Puts the cable back: what waited arrives, in order."""
        self._do(self._whole.set)

    def reset(self) -> None:
        """Breaks every connection with RST; new ones are let through."""
        self._do(self._break)

    def cut(self) -> None:
        """Breaks every connection, and refuses new ones until `mend`."""
        self._do(self._shut)

    def mend(self) -> None:
        """Lets connections through again, at the same ports."""
        self._do(self._open)

    # in the relay's thread

    def _do(self, step: Callable[[], object]) -> None:
        async def inside() -> None:
            step()

        self._run(inside())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        done: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result(10)

    def _open(self) -> None:
        if not self._listeners:
            self._listeners = [listener(self.port + at, self.host) for at in range(self._ports)]
        self._doors = [self._loop.create_task(self._accept(it, self.target + at)) for at, it in enumerate(self._listeners)]

    def _shut(self) -> None:
        for door, ear in zip(self._doors, self._listeners, strict=False):
            door.cancel()
            ear.close()
        self._doors, self._listeners = [], []
        self._break()

    def _break(self) -> None:
        for pair in list(self._pairs):
            for end in pair:
                with contextlib.suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    end.close()
        for task in self._tasks:
            task.cancel()
        self._pairs.clear()

    async def _end(self) -> None:
        await asyncio.gather(*self._tasks, *self._doors, return_exceptions=True)

    async def _accept(self, ear: socket.socket, target: int) -> None:
        while True:
            near, _ = await self._loop.sock_accept(ear)
            self.accepted += 1
            near.setblocking(False)
            self._begin(self._serve(near, target))

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _serve(self, near: socket.socket, target: int) -> None:
        far = socket.socket()
        far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BYTES)
        far.setblocking(False)
        pair = (near, far)
        self._pairs.add(pair)
        try:
            await self._whole.wait()
            await self._loop.sock_connect(far, ("127.0.0.1", target))
            ways = [self._begin(self._carry(near, far, self.up)), self._begin(self._carry(far, near, self.down))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
        except OSError:
            pass  # the target is not there: this end hangs up as it did
        finally:
            self._pairs.discard(pair)
            near.close()
            far.close()

    async def _carry(self, source: socket.socket, sink: socket.socket, direction: Direction) -> None:
        line: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(LINE_BYTES // SEGMENT_BYTES)
        leaving = self._begin(self._leave(line, sink, direction))
        try:
            while segment := await self._loop.sock_recv(source, SEGMENT_BYTES):
                await line.put((direction.due_s(len(segment), self._weather, self._chance), segment))
            await line.put((0.0, b""))
            await leaving
        except OSError:
            pass
        finally:
            leaving.cancel()

    async def _leave(self, line: asyncio.Queue[tuple[float, bytes]], sink: socket.socket, direction: Direction) -> None:
        with contextlib.suppress(OSError):
            while True:
                due_s, segment = await line.get()
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))
                await self._whole.wait()
                if not segment:
                    return
                await self._loop.sock_sendall(sink, segment)
                direction.passed_bytes += len(segment)


def listener(port: int, host: str = "127.0.0.1") -> socket.socket:
    """A listening socket on loopback whose connections have small buffers. OSError when the port is taken."""
    ear = socket.socket()
    try:
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BYTES)
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES)
        ear.bind((host, port))
        ear.listen(64)
        ear.setblocking(False)
    except OSError:
        ear.close()
        raise
    return ear


def free_ports(count: int) -> list[socket.socket]:
    """Listeners on so many ports in a row, wherever they are free; below those that the kernel gives to connections, or a client
    that knocks at a closed port of its own machine may one day meet itself."""
    chance = random.Random(os.urandom(8))
    while True:
        first = chance.randrange(*PORTS)
        ears: list[socket.socket] = []
        try:
            for at in range(count):
                ears.append(listener(first + at))
            return ears
        except OSError:
            for ear in ears:
                ear.close()
