"""A blocking connection to a daemon's `ctl` that says as early as possible why it cannot be used."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import TimeoutError as TooLate

import zmq

from masterd.control import wire
from masterd.control.address import Address
from masterd.control.errors import Unreachable
from masterd.control.handshake import Doubt, Handshake
from masterd.control.lookup import look_up
from masterd.control.reach import KNOCK_WITHIN_S, settle, why_unreachable


class Line:
    """One socket and its monitor. Everything it raises is Unreachable or a kind of it: then close it and make another."""

    def __init__(self, address: Address, timeout_s: float) -> None:
        self.address = address
        self._timeout_s = timeout_s
        self._handshake = Handshake(address)
        try:
            self._numeric_host = look_up(address).result(timeout_s)
        except TooLate:
            raise unresolved(address, timeout_s) from None
        context: zmq.Context[zmq.Socket[bytes]] = zmq.Context.instance()
        self._socket, self._monitor = wire.dealer(context, address, self._numeric_host)
        self._poller = zmq.Poller()
        self._poller.register(self._monitor, zmq.POLLIN)

    def close(self) -> None:
        """What was not sent yet is dropped."""
        wire.close(self._socket, self._monitor)

    def send(self, frames: Sequence[bytes], deadline_s: float) -> None:
        """Sends, once the connection is open."""
        self._wait(zmq.POLLOUT, deadline_s)
        self._hear_monitor()
        self._handshake.is_lost = False  # an earlier connection, on which nobody waits any more
        self._socket.send_multipart(frames, zmq.NOBLOCK)

    def receive(self, deadline_s: float) -> list[bytes]:
        """The next message."""
        self._wait(zmq.POLLIN, deadline_s)
        return self._socket.recv_multipart(zmq.NOBLOCK)

    def _wait(self, flag: int, deadline_s: float) -> None:
        """Until the socket can be read or written, or it is certain that it cannot."""
        self._poller.register(self._socket, flag)
        while True:
            left_s = max(0.0, deadline_s - time.monotonic())
            ready = dict(self._poller.poll(round(left_s * 1000)))
            if ready.get(self._socket, 0) & flag:
                return
            if not ready:
                raise self._silence()
            self._hear_monitor()
            self._despair(is_asked=flag == zmq.POLLIN, left_s=left_s)

    def _hear_monitor(self) -> None:
        while self._monitor.poll(0):
            self._handshake.take(self._monitor.recv_multipart(zmq.NOBLOCK))

    def _despair(self, is_asked: bool, left_s: float) -> None:
        """Raises when what the monitor told leaves no hope."""
        if self._handshake.verdict:
            raise self._handshake.verdict
        if is_asked and self._handshake.is_lost and not self._socket.poll(0, zmq.POLLIN):
            raise broken_off(self.address, self._knock(Doubt.NOBODY, left_s))
        if (doubt := self._handshake.doubt) and (despair := self._knock(doubt, left_s)):
            raise despair

    def _knock(self, doubt: Doubt, left_s: float) -> Unreachable | None:
        self._handshake.doubt = None
        return settle(doubt, self.address, self._numeric_host, min(KNOCK_WITHIN_S, left_s + 0.01))

    def _silence(self) -> Unreachable:
        reason = why_unreachable(self.address) if self.address.is_local else None
        return Unreachable(reason) if reason else self._handshake.silence(self._timeout_s)


def unresolved(address: Address, timeout_s: float) -> Unreachable:
    """What to say when the name server does not answer."""
    return Unreachable(f"the name {address.host!r} of the daemon {address.name!r} was not resolved within {timeout_s:g} s")


def broken_off(address: Address, reason: Unreachable | None) -> Unreachable:
    """What to say of a request whose connection broke before its answer came."""
    what = reason or f"the connection to the daemon {address.name!r} at {address} broke"
    return Unreachable(f"{what}; whether it carried out what was asked last is not known")
