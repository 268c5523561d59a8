"""The sockets `events` and `meters`: who may listen is decided at each subscription, and what can be subscribed to is a short
list, so that nobody fills the table of subscriptions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

import zmq

from masterd.daemon.connections import Connections

LARGEST_FRAME_BYTES = 1024
"""Of what a subscriber sends; the handshake of CURVE, a command of some 400 bytes, has to pass as well."""


class Publisher:
    """An XPUB socket with subscriptions that are made by hand. Sending never waits. Control thread."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], topics: Collection[bytes], send_hwm: int) -> None:
        self.socket = context.socket(zmq.XPUB)
        self.socket.set(zmq.XPUB_MANUAL, 1)
        self.socket.set(zmq.SNDHWM, send_hwm)
        self.socket.set(zmq.MAXMSGSIZE, LARGEST_FRAME_BYTES)
        self.connections = Connections(self.socket)
        self.topics = topics
        self.may_listen: Callable[[zmq.Frame], bool] = lambda frame: False
        self._loop: asyncio.AbstractEventLoop | None = None

    def send(self, message: bytes) -> None:
        """To everybody who listens; what happens after the end is told to nobody."""
        if not self.socket.closed:
            self.socket.send(message, zmq.NOBLOCK)
            self.take()

    def take(self) -> None:
        """Lets in who has asked to listen, and watches connections. Its descriptor wakes us once for several things, also while
        we send, so each time everything is taken."""
        while self.socket.poll(0, zmq.POLLIN):
            frame = self.socket.recv(zmq.NOBLOCK, copy=False)
            self._subscription(frame, bytes(frame.buffer[:1]), bytes(frame.buffer[1:]))
        self.connections.watch()

    def _subscription(self, frame: zmq.Frame, verb: bytes, topic: bytes) -> None:
        if verb == b"\x00":
            self.socket.set(zmq.UNSUBSCRIBE, topic)
        elif verb == b"\x01" and topic in self.topics and self.may_listen(frame):
            self.connections.note(frame)
            self.socket.set(zmq.SUBSCRIBE, topic)

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Takes subscriptions as they come, from now on."""
        self._loop = loop
        loop.add_reader(self.socket.fileno(), self.take)

    def close(self) -> None:
        """Unbinds."""
        if self._loop:
            self._loop.remove_reader(self.socket.fileno())
        self.connections.close()
        self.socket.close()
