"""Opens a client's ZeroMQ sockets, blocking or asynchronous by the context given: every option they have is set here."""

from __future__ import annotations

from typing import Any, TypeVar

import zmq

from masterd.control.address import Address, Keys, is_ipv6

AnySocket = TypeVar("AnySocket", bound=zmq.Socket[Any])

RECONNECT_MS = (100, 1000)
CONNECT_TIMEOUT_MS = 5000
HANDSHAKE_MS = 5000
HEARTBEAT_MS = (2000, 6000)
"""How often the other end is asked whether it lives, and how long it may take: a cut cable says nothing by itself."""
KEEPALIVE_S = (10, 5, 3)
"""The kernel's own question, for a process that stands still: idle, between questions, how many."""
LARGEST_FRAME_BYTES = 1 << 24

WATCHED = (
    zmq.EVENT_CONNECTED
    | zmq.EVENT_CLOSED
    | zmq.EVENT_DISCONNECTED
    | zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
)
"""What `Handshake` understands."""


def dealer(context: zmq.Context[AnySocket], address: Address, numeric_host: str) -> tuple[AnySocket, AnySocket]:
    """A socket connected to `ctl`, and the monitor that tells of its connection."""
    socket = _socket(context, zmq.DEALER, address)
    socket.setsockopt(zmq.IMMEDIATE, 1)  # nothing queues for a daemon that is not there, to go on air when it comes back
    monitor = socket.get_monitor_socket(WATCHED)
    monitor.setsockopt(zmq.LINGER, 0)
    _connect(socket, address, "ctl", numeric_host)
    return socket, monitor


def subscriber(context: zmq.Context[AnySocket], address: Address, numeric_host: str, name: str, topic: bytes) -> AnySocket:
    """A socket subscribed to `events`, or to `meters` of which it holds the newest only."""
    socket = _socket(context, zmq.SUB, address)
    if name == "meters":
        socket.setsockopt(zmq.CONFLATE, 1)  # before connect, or it does nothing
    socket.setsockopt(zmq.SUBSCRIBE, topic)
    _connect(socket, address, name, numeric_host)
    return socket


def close(socket: zmq.Socket[Any], monitor: zmq.Socket[Any] | None = None) -> None:
    """Closes at once; what was not sent yet is dropped."""
    if monitor is not None:
        socket.disable_monitor()
        monitor.close(0)
    socket.close(0)


def _socket(context: zmq.Context[AnySocket], kind: int, address: Address) -> AnySocket:
    socket = context.socket(kind)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MS[0])
    socket.setsockopt(zmq.RECONNECT_IVL_MAX, RECONNECT_MS[1])
    socket.setsockopt(zmq.MAXMSGSIZE, LARGEST_FRAME_BYTES)
    if address.keys:
        _prepare_tcp(socket, address.keys)
    return socket


def _prepare_tcp(socket: zmq.Socket[Any], keys: Keys) -> None:
    socket.setsockopt(zmq.CURVE_SERVERKEY, keys.server.encode())
    socket.setsockopt(zmq.CURVE_PUBLICKEY, keys.own.public.encode())
    socket.setsockopt(zmq.CURVE_SECRETKEY, keys.own.secret.encode())
    every_ms, patience_ms = HEARTBEAT_MS
    idle_s, between_s, times = KEEPALIVE_S
    for option, value in (
        (zmq.CONNECT_TIMEOUT, CONNECT_TIMEOUT_MS),
        (zmq.HANDSHAKE_IVL, HANDSHAKE_MS),
        (zmq.HEARTBEAT_IVL, every_ms),
        (zmq.HEARTBEAT_TIMEOUT, patience_ms),
        (zmq.HEARTBEAT_TTL, patience_ms),
        (zmq.TCP_KEEPALIVE, 1),
        (zmq.TCP_KEEPALIVE_IDLE, idle_s),
        (zmq.TCP_KEEPALIVE_INTVL, between_s),
        (zmq.TCP_KEEPALIVE_CNT, times),
    ):
        socket.setsockopt(option, value)


def _connect(socket: zmq.Socket[Any], address: Address, name: str, numeric_host: str) -> None:
    if is_ipv6(numeric_host):
        socket.setsockopt(zmq.IPV6, 1)
    socket.connect(address.endpoint(name, numeric_host))
