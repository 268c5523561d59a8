"""The connections of the sockets one by one, which libzmq otherwise keeps to itself: how many, from where, whose, and ended by
us.

Each message carries the number of the descriptor it came through; a shutdown of that ends the connection, also of a subscriber
who only listens, and whoever comes again has to pass the authenticator. Descriptors are reused: what is noted with one is the
inode, too.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections import Counter
from collections.abc import Callable

import zmq
import zmq.asyncio
from zmq.utils.monitor import parse_monitor_message

MOST_CONNECTIONS = 192
"""From the network, to each of the three sockets. All together they leave room under the usual limit of 1024 open files."""
MOST_FROM_ONE_ADDRESS = 64
FAILED = zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_AUTH
WATCHED = zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED | zmq.EVENT_ACCEPT_FAILED | FAILED


class Connections:
    """Those of one socket. Control thread."""

    def __init__(self, watched: zmq.Socket[bytes]) -> None:
        self._monitor = watched.get_monitor_socket(WATCHED)
        self._network: dict[int, str] = {}
        self._whose: dict[int, tuple[str, int]] = {}
        self.refused = 0
        """Connections that did not come about: too many, no handshake, not trusted."""
        self.full: Callable[[str], object] = lambda why: None

    @property
    def count(self) -> int:
        """How many there are from the network, handshakes under way included."""
        return len(self._network)

    def watch(self) -> None:
        """Takes in what happened. Call it often: the monitor keeps a thousand events, then libzmq waits for us."""
        while self._monitor.poll(0, zmq.POLLIN):
            event = parse_monitor_message(self._monitor.recv_multipart(zmq.NOBLOCK))
            if event["event"] == zmq.EVENT_ACCEPTED:
                self._accepted(event["value"])
            elif event["event"] == zmq.EVENT_DISCONNECTED:
                self._network.pop(event["value"], None)
            elif event["endpoint"].startswith(b"tcp:"):
                self.refused += 1

    def _accepted(self, descriptor: int) -> None:
        address = peer_address(descriptor)
        if address is None:
            return  # of this machine, or gone already
        if len(self._network) >= MOST_CONNECTIONS:
            self._network = {it: known for it, known in self._network.items() if peer_address(it) == known}
        here = Counter(self._network.values())[address]
        if len(self._network) >= MOST_CONNECTIONS or here >= MOST_FROM_ONE_ADDRESS:
            self.refused += 1
            self.full(f"{len(self._network)} connections, {here} of them from {address}: one more was refused")
            shut(descriptor)
        else:
            self._network[descriptor] = address

    def note(self, frame: zmq.Frame) -> None:
        """Remembers through which descriptor a message's sender is connected."""
        with contextlib.suppress(zmq.ZMQError, OSError):
            descriptor = int(frame.get(zmq.SRCFD))
            self._whose[descriptor] = str(frame.get("User-Id")), os.fstat(descriptor).st_ino

    def cut(self, is_cut: Callable[[str], bool]) -> int:
        """Ends the connections of those user ids; how many."""
        doomed = [it for it, (user_id, _) in self._whose.items() if is_cut(user_id)]
        return sum(self._end(it, self._whose.pop(it)[1]) for it in doomed)

    def end(self, frame: zmq.Frame) -> None:
        """Ends the connection a message came through."""
        with contextlib.suppress(zmq.ZMQError):
            shut(int(frame.get(zmq.SRCFD)))

    def _end(self, descriptor: int, inode: int) -> bool:
        try:
            return os.fstat(descriptor).st_ino == inode and shut(descriptor)
        except OSError:
            return False

    def close(self) -> None:
        """Stops watching."""
        self._monitor.close()


def peer_address(descriptor: int) -> str | None:
    """The IP address at the other end; None when it is not a connection over the network."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as it:
        if it.family in (socket.AF_INET, socket.AF_INET6):
            return str(it.getpeername()[0])
    return None


def shut(descriptor: int) -> bool:
    """Ends a connection; libzmq sees the end of the stream and closes its descriptor itself."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as it:
        it.shutdown(socket.SHUT_RDWR)
        return True
    return False
