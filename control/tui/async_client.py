"""Stands in until the client library has an asynchronous face."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import zmq
import zmq.asyncio

from masterd.control import protocol
from masterd.control.calls import Calls
from masterd.control.errors import Unreachable
from masterd.control.follow import SILENCE_S, Sequence, Unknown, _decode
from masterd.control.places import endpoint
from masterd.control.protocol import Answer, AnyEvent, Meters, Request, StateSnapshot, decode_meters


class AsyncClient:
    """One daemon."""

    def __init__(self, name: str, timeout_s: float = 2.0, origin: str = "client") -> None:
        self.name, self.timeout_s = name, timeout_s
        self._calls = Calls(origin)
        self._context = zmq.asyncio.Context.instance()
        self._lock = asyncio.Lock()
        self._ctl: zmq.asyncio.Socket | None = None

    def close(self) -> None:
        if self._ctl:
            self._ctl.close(0)
            self._ctl = None

    async def request(self, request: Request) -> Answer:
        async with self._lock:
            try:
                async with asyncio.timeout(self.timeout_s):
                    if self._ctl is None:
                        self._ctl = self._context.socket(zmq.DEALER)
                        self._ctl.linger = 0
                        self._ctl.setsockopt(zmq.IMMEDIATE, 1)
                        self._ctl.connect(endpoint(self.name, "ctl"))
                    await self._ctl.send_multipart(self._calls.encode(request))
                    while True:
                        if answer := self._calls.match(request, await self._ctl.recv_multipart()):
                            return answer
            except TimeoutError:
                self.close()
                raise Unreachable(f"the daemon {self.name!r} did not answer within {self.timeout_s:g} s") from None

    def _subscribe(self, kind: str, topic: bytes, conflate: bool = False) -> zmq.asyncio.Socket:
        socket = self._context.socket(zmq.SUB)
        socket.linger = 0
        if conflate:
            socket.setsockopt(zmq.CONFLATE, 1)
        socket.setsockopt(zmq.SUBSCRIBE, topic)
        socket.connect(endpoint(self.name, kind))
        return socket

    async def follow(self) -> AsyncIterator[StateSnapshot | AnyEvent]:
        sequence, socket = Sequence(), self._subscribe("events", b"")
        try:
            import msgspec

            async def snap() -> StateSnapshot:
                got = msgspec.convert((await self.request(protocol.Snapshot())).result, StateSnapshot)
                sequence.start(got)
                return got

            yield await snap()
            while True:
                try:
                    async with asyncio.timeout(SILENCE_S):
                        frames = await socket.recv_multipart()
                except TimeoutError:
                    raise Unreachable(f"the daemon {self.name!r} has said nothing for {SILENCE_S:g} s") from None
                event = _decode(frames[-1])
                if event is None:
                    continue
                if sequence.is_gap(event):
                    yield await snap()
                if sequence.accept(event) and not isinstance(event, Unknown):
                    yield event
        finally:
            socket.close(0)

    async def meters(self) -> AsyncIterator[Meters]:
        socket = self._subscribe("meters", b"meters", True)
        try:
            while True:
                try:
                    async with asyncio.timeout(self.timeout_s):
                        frame = await socket.recv()
                except TimeoutError:
                    raise Unreachable("no meters") from None
                yield decode_meters(frame[6:])
        finally:
            socket.close(0)
