"""Follows a daemon: its state as a snapshot plus every event after it, and its meters.

Events carry a number without gaps and the id of the daemon's start. The follower subscribes first and asks for the snapshot
after. An event the snapshot already holds is dropped; a gap or another start id means that the picture is wrong.
"""

from __future__ import annotations

import contextlib
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

import msgspec
import zmq

from masterd.control.errors import Unreachable
from masterd.control.places import endpoint
from masterd.control.protocol import METERS_TOPIC, AnyEvent, Meters, StateSnapshot, decode_event, decode_meters

if TYPE_CHECKING:
    from masterd.control.client import Client

READABLE = int(zmq.POLLIN)
SILENCE_S = 3.5
"""A daemon that says nothing for so long, though it owes a heartbeat every second, is gone."""


class Unknown(msgspec.Struct):
    """An event of a kind that a later daemon has and this client does not: it counts, and is not delivered."""

    seq: int
    boot_id: str


class Sequence:
    """Judges events against the snapshot they must continue. No socket, no clock."""

    def __init__(self) -> None:
        self._boot_id = ""
        self._seq = -1

    def start(self, snapshot: StateSnapshot) -> None:
        """Events continue from here."""
        self._boot_id, self._seq = snapshot.boot_id, snapshot.seq

    def is_gap(self, event: AnyEvent | Unknown) -> bool:
        """Whether something was lost before `event`, or another daemon speaks: the state must be asked for again."""
        return event.boot_id != self._boot_id or event.seq > self._seq + 1

    def accept(self, event: AnyEvent | Unknown) -> bool:
        """True when `event` is the next one, which it then was; False for one that is known or of another start."""
        if event.boot_id != self._boot_id or event.seq != self._seq + 1:
            return False
        self._seq = event.seq
        return True


class _Subscription:
    """A SUB socket that is opened when used and closed at the end of a `with`."""

    def __init__(self, name: str, socket: str, topic: bytes, conflate: bool) -> None:
        self.name = name
        self._endpoint = endpoint(name, socket)
        self._topic = topic
        self._conflate = conflate
        self._socket: zmq.Socket[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Unsubscribes."""
        if self._socket is not None:
            self._socket.close(0)
            self._socket = None

    def _open(self) -> zmq.Socket[bytes]:
        if self._socket is None:
            socket: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.SUB)
            socket.linger = 0
            if self._conflate:
                socket.setsockopt(zmq.CONFLATE, 1)  # before connect, or it does nothing
            socket.setsockopt(zmq.SUBSCRIBE, self._topic)
            socket.connect(self._endpoint)
            self._socket = socket
        return self._socket

    def _receive(self, timeout_s: float) -> bytes | None:
        socket = self._open()
        has_come = int(socket.getsockopt(zmq.EVENTS)) & READABLE  # cheaper than poll, and some ask a thousand times a second
        if not has_come and (timeout_s <= 0 or not socket.poll(round(timeout_s * 1000), zmq.POLLIN)):
            return None
        return socket.recv_multipart(zmq.NOBLOCK)[-1]


class Follower(_Subscription):
    """The daemon's state as it changes. `client` asks for the snapshots and belongs to the same thread."""

    def __init__(self, client: Client) -> None:
        super().__init__(client.name, "events", b"", conflate=False)
        self._client = client
        self._sequence = Sequence()
        self._following = False
        self._pending: AnyEvent | Unknown | None = None
        self._heard_at = 0.0

    def poll(self, timeout_s: float = 0.0) -> StateSnapshot | AnyEvent | None:
        """The next snapshot or event, or None when none comes within `timeout_s`. Unreachable when the daemon fell silent:
        calling again then starts over with a snapshot."""
        if not self._following:
            return self._resync()
        event = self._next_event(timeout_s)
        if event is None:
            if time.monotonic() - self._heard_at > SILENCE_S:
                self.close()
                raise Unreachable(f"the daemon {self.name!r} has said nothing for {SILENCE_S:g} s")
            return None
        if self._sequence.is_gap(event):
            self._pending = event  # newer than the snapshot to come only if it was sent after it
            return self._resync()
        is_new = self._sequence.accept(event)
        return event if is_new and not isinstance(event, Unknown) else None

    def close(self) -> None:
        """Unsubscribes; the next poll starts over."""
        super().close()
        self._following, self._pending = False, None

    def _next_event(self, timeout_s: float) -> AnyEvent | Unknown | None:
        event, self._pending = self._pending, None
        if event is None:
            frame = self._receive(timeout_s)
            if frame is None:
                return None
            self._heard_at = time.monotonic()
            event = _decode(frame)
        return event

    def _resync(self) -> StateSnapshot:
        try:
            self._open()
            snapshot = self._client.snapshot()
        except Unreachable:
            self.close()
            raise
        self._sequence.start(snapshot)
        self._following, self._heard_at = True, time.monotonic()
        if self._pending and self._sequence.is_gap(self._pending):
            self._pending = None  # of a daemon that is no more
        return snapshot


def _decode(frame: bytes) -> AnyEvent | Unknown | None:
    try:
        event: AnyEvent = decode_event(frame)
        return event
    except msgspec.DecodeError:
        with contextlib.suppress(msgspec.DecodeError):
            return msgspec.json.decode(frame, type=Unknown)
        return None


class MeterReader(_Subscription):
    """Meter frames, the newest only: however slow the reader, it never sees an old one."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "meters", METERS_TOPIC, conflate=True)

    def poll(self, timeout_s: float = 0.0) -> Meters | None:
        """The newest frame not read yet, or None when none comes within `timeout_s`."""
        frame = self._receive(timeout_s)
        return None if frame is None else decode_meters(frame[len(METERS_TOPIC) :])

    def read(self, timeout_s: float) -> Meters:
        """The next frame; Unreachable when none comes."""
        meters = self.poll(timeout_s)
        if meters is None:
            raise Unreachable(f"the daemon {self.name!r} sent no meters for {timeout_s:g} s: is it running?")
        return meters
