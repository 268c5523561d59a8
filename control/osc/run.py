"""Runs the OSC server of one daemon until told to stop. One thread, one loop; it wakes at a datagram, and every ROUND_S."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import select
import socket
import time
from collections.abc import Callable

from masterd.control.allowed import Allowed
from masterd.control.client import Client
from masterd.control.errors import CannotListen
from masterd.control.osc.codec import Malformed, Message, datagrams, decode
from masterd.control.osc.gate import Gate
from masterd.control.osc.leases import Peer
from masterd.control.osc.link import Link
from masterd.control.osc.refusals import TooMany
from masterd.control.osc.surface import Surface

ROUND_S = 0.01
MOST_A_ROUND = 256
DATAGRAM_BYTES = 65536
RECEIVE_BYTES = 1 << 20
"""What may wait while a round is under way; the kernel may give less."""
ANSWERS_PER_CHARGE = 16
SAID_EVERY_S = 60.0

log = logging.getLogger(__name__)


def bound(listen: str, port: int) -> socket.socket:
    """A UDP socket. CannotListen."""
    family = socket.AF_INET6 if ipaddress.ip_address(listen).version == 6 else socket.AF_INET
    udp = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        udp.bind((listen, port))
    except OSError as error:
        udp.close()
        raise CannotListen(listen, port, error) from None
    udp.setblocking(False)
    return udp


class Run:
    """A socket, a daemon, and what is between them."""

    def __init__(self, udp: socket.socket, client: Client, allowed: Allowed, allow_unsafe: bool, glide_ms: float) -> None:
        self.link = Link(client)
        self.surface = Surface(self.link, allow_unsafe, glide_ms)
        self.gate = Gate(allowed)
        self.malformed = 0
        self._udp = udp
        self._reported = (0, 0, 0)
        self._report_s = 0.0

    def until(self, is_over: Callable[[], bool]) -> None:
        """Turns round and round."""
        try:
            while not is_over():
                readable, _, _ = select.select([self._udp], [], [], ROUND_S)
                self.round(time.monotonic(), bool(readable))
        finally:
            self.link.close()
            self._udp.close()

    def round(self, now_s: float, has_come: bool) -> None:
        """One round; waits for the daemon only while it answers."""
        self.link.step(now_s)
        for _ in range(MOST_A_ROUND if has_come else 0):
            with contextlib.suppress(OSError):  # a datagram of ours that nobody took is no reason to stop
                data, sender = self._udp.recvfrom(DATAGRAM_BYTES)
                self._hear(data, sender[:2], now_s)
                continue
            break
        self.surface.step(now_s)
        self._tell(now_s)
        self._report(now_s)

    def _hear(self, data: bytes, peer: Peer, now_s: float) -> None:
        if not self.gate.knows(peer[0]):
            return
        if not self.gate.has_room(peer[0], now_s):
            if self.gate.is_to_be_told(peer[0], now_s):
                error = TooMany("too many messages; those above the rate are dropped")
                self._send(peer, [Message("/error", (error.code, str(error), ""))])
            return
        try:
            bundles = decode(data)
        except Malformed as why:
            self.malformed += 1
            log.debug("%s:%d: no OSC: %s", *peer, why)
            self.gate.charge(peer[0], 1, now_s)
            return
        for bundle in bundles:
            self.surface.hear(bundle, peer, now_s)
        self.gate.charge(peer[0], max(1, sum(len(bundle.messages) for bundle in bundles)), now_s)

    def _tell(self, now_s: float) -> None:
        for peer, messages in self.surface.messages(now_s):
            self._send(peer, messages)
            self.gate.charge(peer[0], len(messages) / ANSWERS_PER_CHARGE, now_s)

    def _send(self, peer: Peer, messages: list[Message]) -> None:
        for datagram in datagrams(messages):
            with contextlib.suppress(OSError):  # a full buffer or no way there: UDP promises nothing
                self._udp.sendto(datagram, peer)

    def _report(self, now_s: float) -> None:
        dropped = (self.malformed, self.gate.strangers, self.gate.floods)
        if dropped != self._reported and now_s - self._report_s > SAID_EVERY_S:
            self._reported, self._report_s = dropped, now_s
            log.warning("dropped so far: %d malformed datagrams, %d from addresses not allowed, %d above the rate", *dropped)
