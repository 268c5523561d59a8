"""The three ZeroMQ sockets of a daemon and their authenticator, with bounds on everything a peer can make us keep.

They are bound on this machine, for the daemon's user and group; `network` binds them on the network as well, by CURVE only.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import zmq
import zmq.asyncio

from masterd.control import places
from masterd.control.errors import MasterdError
from masterd.control.protocol import MAX_REQUEST_BYTES, METERS_TOPIC, AnyEvent
from masterd.daemon.connections import Connections
from masterd.daemon.peers import Peers
from masterd.daemon.publisher import Publisher
from masterd.daemon.zap import LOCAL_DOMAIN, Zap

LINGER_MS = 200
LARGEST_FRAME_BYTES = 4 * MAX_REQUEST_BYTES
"""A request over MAX_REQUEST_BYTES is answered with bad_request, one over this ends the connection."""
EVENTS_HWM = 1000
METERS_HWM = 4
CTL_HWM = 100
EVENT_TOPICS = frozenset({b"", *(f'{{"type":"{it.__struct_config__.tag}"'.encode() for it in AnyEvent.__args__)})
"""Everything, or the events of one type."""
METER_TOPICS = frozenset({b"", METERS_TOPIC})


class OldLibzmq(MasterdError):
    """libzmq has known holes."""

    code = "old_libzmq"


class Sockets:
    """`ctl` is asynchronous; `events` and `meters` are not, since publishing never waits. One loop, one thread."""

    def __init__(self, name: str, peers: Peers) -> None:
        if zmq.zmq_version_info() < (4, 3, 3):
            raise OldLibzmq(f"libzmq {zmq.zmq_version()} is older than 4.3.3, whose fixes of remote overflows are needed")
        self.name = name
        self.context = zmq.Context()
        self.zap = Zap(self.context)
        self.zap.may_connect = lambda user_id, address: peers.asker(user_id, address).role is not None
        self.events = Publisher(self.context, EVENT_TOPICS, EVENTS_HWM)
        self.meters = Publisher(self.context, METER_TOPICS, METERS_HWM)
        self.events.may_listen = self.meters.may_listen = peers.may_listen
        self._plain_ctl = self._ctl()
        self.connections = Connections(self._plain_ctl)
        self.all = {"ctl": self._plain_ctl, "events": self.events.socket, "meters": self.meters.socket}
        self.paths = [self._bind(socket, which) for which, socket in self.all.items()]
        self.ctl: zmq.asyncio.Socket = zmq.asyncio.Socket.shadow(self._plain_ctl.underlying)

    def _ctl(self) -> zmq.Socket[bytes]:
        ctl = self.context.socket(zmq.ROUTER)
        ctl.set(zmq.MAXMSGSIZE, LARGEST_FRAME_BYTES)
        ctl.set(zmq.ROUTER_MANDATORY, 1)
        ctl.set(zmq.RCVHWM, 100)
        ctl.set(zmq.SNDHWM, CTL_HWM)
        return ctl

    def _bind(self, socket: zmq.Socket[bytes], name: str) -> Path:
        socket.set(zmq.LINGER, LINGER_MS)
        socket.set(zmq.ZAP_ENFORCE_DOMAIN, 1)
        socket.set(zmq.ZAP_DOMAIN, LOCAL_DOMAIN)
        endpoint = places.endpoint(self.name, name)
        with private_files():
            socket.bind(endpoint)
        return Path(endpoint.removeprefix("ipc://"))

    def listen(self) -> None:
        """Takes subscriptions as they come. Inside the loop."""
        for publisher in (self.events, self.meters):
            publisher.listen(asyncio.get_running_loop())

    def watch(self) -> None:
        """Takes in what happened to connections; often enough is ten times a second."""
        self.connections.watch()
        self.events.take()
        self.meters.take()

    @property
    def every_connections(self) -> tuple[Connections, ...]:
        """The connections of each socket."""
        return self.connections, self.events.connections, self.meters.connections

    def close(self) -> None:
        """Unbinds; what is under way has LINGER_MS to leave. The socket files are gone afterwards."""
        self.connections.close()
        self.ctl.close()
        self._plain_ctl.close()
        self.events.close()
        self.meters.close()
        for path in self.paths:
            path.unlink(missing_ok=True)
        self.zap.close()
        self.context.term()


@contextlib.contextmanager
def private_files() -> Iterator[None]:
    """Files made meanwhile are for the owner and the group only: who may write to a socket may turn the daemon."""
    before = os.umask(0o117)
    try:
        yield
    finally:
        os.umask(before)
