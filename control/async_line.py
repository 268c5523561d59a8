"""A connection to a daemon's `ctl` for asyncio that says as early as possible why it cannot be used."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import zmq
import zmq.asyncio

from masterd.control import wire
from masterd.control.address import Address
from masterd.control.calls import Calls
from masterd.control.errors import Unreachable
from masterd.control.handshake import Doubt, Handshake
from masterd.control.line import broken_off, unresolved
from masterd.control.lookup import look_up
from masterd.control.protocol import Answer, Request
from masterd.control.reach import settle, why_unreachable


@dataclass(slots=True)
class Waiting:
    """A request under way."""

    answer: asyncio.Future[Answer]
    sending: asyncio.Future[Any] = field(default_factory=asyncio.Future)


class AsyncLine:
    """One socket, its monitor, and the requests that wait. Everything it raises is Unreachable or a kind of it."""

    def __init__(self, address: Address, timeout_s: float) -> None:
        self.address = address
        self._timeout_s = timeout_s
        self._handshake = Handshake(address)
        self._numeric_host = ""
        self._waiting: dict[int | str, Waiting] = {}
        self._sockets: tuple[zmq.asyncio.Socket, zmq.asyncio.Socket] | None = None
        self._pumps: list[asyncio.Task[None]] = []
        self._opening = asyncio.create_task(self._open())

    @property
    def is_busy(self) -> bool:
        """Whether requests wait for their answers."""
        return bool(self._waiting)

    def close(self) -> None:
        """What was not sent yet is dropped, and whoever waits is told so."""
        self._fail(Unreachable(f"the connection to the daemon {self.address.name!r} was closed"))
        for task in (self._opening, *self._pumps):
            task.cancel()
        if self._sockets:
            wire.close(*self._sockets)
            self._sockets = None

    async def answer(self, request: Request, frames: Sequence[bytes]) -> Answer:
        """Sends `request`, encoded as `frames`, once the connection is open, and waits for its answer."""
        waiting = self._waiting[request.id] = Waiting(asyncio.get_running_loop().create_future())
        try:
            async with asyncio.timeout(self._timeout_s):
                socket = await asyncio.shield(self._opening)
                waiting.sending = asyncio.ensure_future(socket.send_multipart(frames))
                return await waiting.answer
        except TimeoutError:
            raise await self._silence() from None
        finally:
            del self._waiting[request.id]
            waiting.sending.cancel()

    async def _open(self) -> zmq.asyncio.Socket:
        self._numeric_host = await asyncio.wrap_future(look_up(self.address))
        self._sockets = wire.dealer(zmq.asyncio.Context.instance(), self.address, self._numeric_host)
        socket, monitor = self._sockets
        self._pumps = [asyncio.create_task(self._hear_answers(socket)), asyncio.create_task(self._hear_monitor(monitor))]
        return socket

    async def _hear_answers(self, socket: zmq.asyncio.Socket) -> None:
        while True:
            answer = Calls.read(await socket.recv_multipart())
            if answer and (waiting := self._waiting.get(answer.id)) and not waiting.answer.done():
                waiting.answer.set_result(answer)

    async def _hear_monitor(self, monitor: zmq.asyncio.Socket) -> None:
        while True:
            self._handshake.take(await monitor.recv_multipart())
            if self._handshake.verdict:
                self._fail(self._handshake.verdict)
            if self._handshake.is_lost:
                self._handshake.is_lost = False
                await self._break_off([it for it in self._waiting.values() if it.sending.done()])
            if (doubt := self._handshake.doubt) and self._waiting:
                self._handshake.doubt = None
                if despair := await self._knock(doubt):
                    self._fail(despair)

    async def _break_off(self, asked: list[Waiting]) -> None:
        """Tells those whose request had gone out on a connection that is no more."""
        if any(not it.answer.done() for it in asked):
            reason = await self._knock(Doubt.NOBODY)
            self._fail(broken_off(self.address, reason), asked)

    def _fail(self, error: Unreachable, whom: Sequence[Waiting] | None = None) -> None:
        for waiting in self._waiting.values() if whom is None else whom:
            if not waiting.answer.done():
                waiting.answer.set_exception(error)

    async def _knock(self, doubt: Doubt) -> Unreachable | None:
        return await asyncio.to_thread(settle, doubt, self.address, self._numeric_host)

    async def _silence(self) -> Unreachable:
        if not self._opening.done():
            return unresolved(self.address, self._timeout_s)
        reason = await asyncio.to_thread(why_unreachable, self.address) if self.address.is_local else None
        return Unreachable(reason) if reason else self._handshake.silence(self._timeout_s)
