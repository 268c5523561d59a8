"""Follows a daemon: its state as a snapshot plus every event after it, and its meters. `async_follow` is the same for asyncio."""

from __future__ import annotations

import time
from concurrent.futures import Future, TimeoutError as TooLate
from types import TracebackType
from typing import TYPE_CHECKING, Self

import zmq

from masterd.control import wire
from masterd.control.address import Address
from masterd.control.errors import SilentDaemon, Unreachable
from masterd.control.line import unresolved
from masterd.control.lookup import look_up
from masterd.control.picture import SILENCE_S, Freshness, Picture
from masterd.control.places import DEFAULT_NAME
from masterd.control.protocol import METERS_TOPIC, AnyEvent, Meters, StateSnapshot

if TYPE_CHECKING:
    from masterd.control.client import Client

READABLE = int(zmq.POLLIN)


class _Subscription:
    """A SUB socket that is opened when used and closed at the end of a `with`. Opened anew, it resolves the host anew."""

    def __init__(self, address: Address, name: str, topic: bytes) -> None:
        self.address = address
        self._name = name
        self._topic = topic
        self._looking: Future[str] | None = None
        self._socket: zmq.Socket[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Unsubscribes."""
        if self._socket is not None:
            wire.close(self._socket)
        self._socket = self._looking = None

    def _open(self, timeout_s: float) -> zmq.Socket[bytes] | None:
        """The socket; None when the host's name is not resolved yet. Unreachable when it cannot be."""
        if self._socket is None:
            self._looking = self._looking or look_up(self.address)
            try:
                numeric_host = self._looking.result(timeout_s)
            except TooLate:
                return None
            finally:
                self._looking = None if self._looking.done() else self._looking
            self._socket = wire.subscriber(zmq.Context.instance(), self.address, numeric_host, self._name, self._topic)
        return self._socket

    def _receive(self, timeout_s: float) -> bytes | None:
        socket = self._open(timeout_s)
        if socket is None:
            return None
        has_come = int(socket.getsockopt(zmq.EVENTS)) & READABLE  # cheaper than poll, and some ask a thousand times a second
        if not has_come and (timeout_s <= 0 or not socket.poll(round(timeout_s * 1000), zmq.POLLIN)):
            return None
        return socket.recv_multipart(zmq.NOBLOCK)[-1]


class Follower(_Subscription):
    """The daemon's state as it changes. `client` asks for the snapshots and belongs to the same thread."""

    def __init__(self, client: Client) -> None:
        super().__init__(client.address, "events", b"")
        self._client = client
        self._picture = Picture(client.address)

    @property
    def age_s(self) -> float:
        """How old the picture is: seconds since the daemon's last word, over silences and restarts; infinite before the first.
        A daemon that is well keeps it below about 1.2."""
        return self._picture.age_s(time.monotonic())

    def poll(self, timeout_s: float = 0.0) -> StateSnapshot | AnyEvent | None:
        """The next snapshot or event, or None when none comes within `timeout_s`. Unreachable when the daemon fell silent:
        calling again then starts over with a snapshot."""
        if not self._picture.is_whole:
            return self._resync()
        event = self._picture.kept()
        if event is None and (frame := self._receive(timeout_s)) is not None:
            event = self._picture.take(frame, time.monotonic())
        elif event is None and (silence := self._picture.silence(time.monotonic())):
            self.close()
            raise silence
        return event if self._picture.is_whole else self._resync()

    def close(self) -> None:
        """Unsubscribes; the next poll starts over."""
        super().close()
        self._picture.lose()

    def _resync(self) -> StateSnapshot:
        try:
            if self._open(self._client.timeout_s) is None:
                raise unresolved(self.address, self._client.timeout_s)
            snapshot = self._client.snapshot()
        except Unreachable:
            self.close()
            raise
        self._picture.start(snapshot, time.monotonic())
        return snapshot


class MeterReader(_Subscription):
    """Meter frames, the newest only: however slow the reader or the network, it never gives an old one."""

    def __init__(self, where: Address | str = DEFAULT_NAME) -> None:
        super().__init__(where if isinstance(where, Address) else Address(where), "meters", METERS_TOPIC)
        self._freshness = Freshness()
        self._opened_at_s = 0.0

    @property
    def age_s(self) -> float:
        """Seconds since the newest frame was sent; infinite before the first."""
        return self._freshness.age_s(time.monotonic())

    def poll(self, timeout_s: float = 0.0) -> Meters | None:
        """The newest frame not read yet, or None when none comes within `timeout_s`. Unreachable when the host is unknown."""
        if self._socket is None:
            self._freshness.begin()
            self._opened_at_s = time.monotonic()
        frame = self._receive(timeout_s)
        now_s = time.monotonic()
        meters, is_fresh = self._freshness.take(frame, now_s) if frame is not None else (None, True)
        if not is_fresh or min(self.age_s, now_s - self._opened_at_s) > SILENCE_S:
            self.close()
        return meters

    def read(self, timeout_s: float) -> Meters:
        """The next frame; Unreachable when none comes."""
        deadline_s = time.monotonic() + timeout_s
        while (left_s := deadline_s - time.monotonic()) > 0:
            if (meters := self.poll(left_s)) is not None:
                return meters
        self.close()
        raise SilentDaemon(f"the daemon {self.address.name!r} sent no meters for {timeout_s:g} s: is it running?")
