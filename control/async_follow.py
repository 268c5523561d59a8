"""Follows a daemon, for asyncio: `follow` with the same rules, each wait awaited."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

import zmq
import zmq.asyncio

from masterd.control import wire
from masterd.control.address import Address
from masterd.control.errors import SilentDaemon, Unreachable
from masterd.control.line import unresolved
from masterd.control.lookup import look_up
from masterd.control.picture import SILENCE_S, Freshness, Picture
from masterd.control.places import DEFAULT_NAME
from masterd.control.protocol import METERS_TOPIC, AnyEvent, Meters, StateSnapshot

if TYPE_CHECKING:
    from masterd.control.async_client import AsyncClient


class _AsyncSubscription:
    """A SUB socket that is opened when used and closed at the end of a `with`. Opened anew, it resolves the host anew."""

    def __init__(self, address: Address, name: str, topic: bytes) -> None:
        self.address = address
        self._name = name
        self._topic = topic
        self._socket: zmq.asyncio.Socket | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Unsubscribes."""
        if self._socket is not None:
            wire.close(self._socket)
            self._socket = None

    async def _open(self, timeout_s: float) -> zmq.asyncio.Socket:
        if self._socket is None:
            try:
                numeric_host = await asyncio.wait_for(asyncio.wrap_future(look_up(self.address)), timeout_s)
            except TimeoutError:
                raise unresolved(self.address, timeout_s) from None
            context = zmq.asyncio.Context.instance()
            self._socket = wire.subscriber(context, self.address, numeric_host, self._name, self._topic)
        return self._socket

    async def _receive(self, timeout_s: float) -> bytes | None:
        socket = await self._open(timeout_s)
        if not await socket.poll(round(timeout_s * 1000)):
            return None
        frames: list[bytes] = await socket.recv_multipart(zmq.NOBLOCK)
        return frames[-1]


class AsyncFollower(_AsyncSubscription):
    """The daemon's state as it changes. `client` asks for the snapshots."""

    def __init__(self, client: AsyncClient) -> None:
        super().__init__(client.address, "events", b"")
        self._client = client
        self._picture = Picture(client.address)

    @property
    def age_s(self) -> float:
        """How old the picture is: as `follow.Follower.age_s`."""
        return self._picture.age_s(time.monotonic())

    async def poll(self, timeout_s: float = 1.0) -> StateSnapshot | AnyEvent | None:
        """The next snapshot or event, or None when none comes within `timeout_s`. Unreachable when the daemon fell silent:
        calling again then starts over with a snapshot."""
        if not self._picture.is_whole:
            return await self._resync()
        event = self._picture.kept()
        if event is None and (frame := await self._receive(timeout_s)) is not None:
            event = self._picture.take(frame, time.monotonic())
        elif event is None and (silence := self._picture.silence(time.monotonic())):
            self.close()
            raise silence
        return event if self._picture.is_whole else await self._resync()

    def close(self) -> None:
        """Unsubscribes; the next poll starts over."""
        super().close()
        self._picture.lose()

    async def _resync(self) -> StateSnapshot:
        try:
            await self._open(self._client.timeout_s)
            snapshot = await self._client.snapshot()
        except Unreachable:
            self.close()
            raise
        self._picture.start(snapshot, time.monotonic())
        return snapshot


class AsyncMeterReader(_AsyncSubscription):
    """Meter frames, the newest only: however slow the reader or the network, it never gives an old one."""

    def __init__(self, where: Address | str = DEFAULT_NAME) -> None:
        super().__init__(where if isinstance(where, Address) else Address(where), "meters", METERS_TOPIC)
        self._freshness = Freshness()
        self._opened_at_s = 0.0

    @property
    def age_s(self) -> float:
        """Seconds since the newest frame was sent; infinite before the first."""
        return self._freshness.age_s(time.monotonic())

    async def poll(self, timeout_s: float = 1.0) -> Meters | None:
        """The newest frame not read yet, or None when none comes within `timeout_s`. Unreachable when the host is unknown."""
        if self._socket is None:
            self._freshness.begin()
            self._opened_at_s = time.monotonic()
        frame = await self._receive(timeout_s)
        now_s = time.monotonic()
        meters, is_fresh = self._freshness.take(frame, now_s) if frame is not None else (None, True)
        if not is_fresh or min(self.age_s, now_s - self._opened_at_s) > SILENCE_S:
            self.close()
        return meters

    async def read(self, timeout_s: float) -> Meters:
        """The next frame; SilentDaemon when none comes."""
        deadline_s = time.monotonic() + timeout_s
        while (left_s := deadline_s - time.monotonic()) > 0:
            if (meters := await self.poll(left_s)) is not None:
                return meters
        self.close()
        raise SilentDaemon(f"the daemon {self.address.name!r} sent no meters for {timeout_s:g} s: is it running?")
