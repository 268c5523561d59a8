"""The three ZeroMQ sockets of a daemon: bound for its own user only, with bounds on everything a peer can make us keep."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import zmq
import zmq.asyncio

from masterd.control import places
from masterd.control.errors import MasterdError
from masterd.control.protocol import MAX_REQUEST_BYTES

LINGER_MS = 200
LARGEST_FRAME_BYTES = 4 * MAX_REQUEST_BYTES
"""A request over MAX_REQUEST_BYTES is answered with bad_request, one over this ends the connection."""
EVENTS_HWM = 10_000
METERS_HWM = 4
CTL_HWM = 1000


class OldLibzmq(MasterdError):
    """libzmq has known holes."""

    code = "old_libzmq"


class Sockets:
    """`ctl` is asynchronous; `events` and `meters` are not, since publishing never waits. One loop, one thread."""

    def __init__(self, name: str) -> None:
        if zmq.zmq_version_info() < (4, 3, 3):
            raise OldLibzmq(f"libzmq {zmq.zmq_version()} is older than 4.3.3, whose fixes of remote overflows are needed")
        self.name = name
        self.context = zmq.Context()
        self.paths: list[Path] = []
        with private_files():
            self.events = self._bind(self.context.socket(zmq.XPUB), "events", EVENTS_HWM)
            self.meters = self._bind(self.context.socket(zmq.PUB), "meters", METERS_HWM)
            ctl = self.context.socket(zmq.ROUTER)
            ctl.set(zmq.MAXMSGSIZE, LARGEST_FRAME_BYTES)
            ctl.set(zmq.ROUTER_MANDATORY, 1)
            ctl.set(zmq.RCVHWM, 100)
            self._plain_ctl = self._bind(ctl, "ctl", CTL_HWM)
        self.ctl: zmq.asyncio.Socket = zmq.asyncio.Socket.shadow(self._plain_ctl.underlying)

    def _bind(self, socket: zmq.Socket[bytes], name: str, send_hwm: int) -> zmq.Socket[bytes]:
        socket.set(zmq.SNDHWM, send_hwm)
        socket.set(zmq.LINGER, LINGER_MS)
        endpoint = places.endpoint(self.name, name)
        socket.bind(endpoint)
        self.paths.append(Path(endpoint.removeprefix("ipc://")))
        return socket

    def publish(self, event: bytes) -> None:
        """Sends an event; what happens after the end is told to nobody."""
        if not self.events.closed:
            self.events.send(event)

    def close(self) -> None:
        """Unbinds; what is under way has LINGER_MS to leave. The socket files are gone afterwards."""
        self.ctl.close()
        for socket in (self._plain_ctl, self.events, self.meters):
            socket.close()
        for path in self.paths:
            path.unlink(missing_ok=True)
        self.context.term()


@contextlib.contextmanager
def private_files() -> Iterator[None]:
    """Files made meanwhile are for the owner and the group only: who may write to a socket may turn the daemon."""
    before = os.umask(0o117)
    try:
        yield
    finally:
        os.umask(before)
