"""The authenticator: libzmq asks it, by the ZAP protocol (RFC 27), about each new connection, and without its yes there is none.

When it does not answer nobody gets in (ZMQ_ZAP_ENFORCE_DOMAIN), so it must not die: nothing that it is sent, and nothing that the
look-up raises, ends it, and a probe goes through it every second, on which the watchdog depends.

[peer, "", "1.0", request id, domain, address, identity, mechanism, credentials...] is answered
[peer, "", "1.0", request id, "200" or "400", text, user id, metadata]
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

import zmq
import zmq.asyncio
from zmq.utils import z85

from masterd.daemon.peers import KEY, LOCAL

ENDPOINT = "inproc://zeromq.zap.01"
LOCAL_DOMAIN, NETWORK_DOMAIN = b"masterd.local", b"masterd.network"
PROBE = [b"", b"1.0", b"probe", b"masterd.probe", b"", b"", b"NULL"]
MOST_UNANSWERED = 4
"""Probes, one a second. Counted and not timed: a loop that stood still has not asked either."""

log = logging.getLogger(__name__)


def user_id(domain: bytes, address: str, mechanism: bytes, credentials: Sequence[bytes]) -> str | None:
    """Who wants to connect. None when that is nobody who could: from the network with CURVE only, on this machine by the kernel's
    word only."""
    if domain == NETWORK_DOMAIN and mechanism == b"CURVE" and len(credentials) == 1 and len(credentials[0]) == 32:
        return f"{KEY}:{z85.encode(credentials[0]).decode()}"
    if domain == LOCAL_DOMAIN and mechanism == b"NULL" and address.startswith("localhost:"):
        return f"{LOCAL}:{address.removeprefix('localhost:')}"
    return None


class Zap:
    """Serves the authenticator's socket. `may_connect(user id, address)` decides, `refused(user id or "", address)` hears.
    Control thread."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        self._plain = context.socket(zmq.ROUTER)
        self._plain.linger = 0
        self._plain.bind(ENDPOINT)
        self.socket: zmq.asyncio.Socket = zmq.asyncio.Socket.shadow(self._plain.underlying)
        self.may_connect: Callable[[str, str], bool] = lambda user_id, address: False
        self.refused: Callable[[str, str], object] = lambda user_id, address: None
        self._probe = context.socket(zmq.DEALER)
        self._probe.linger = 0
        self._probe.connect(ENDPOINT)
        self._unanswered = 0

    async def serve(self) -> None:
        """Until cancelled."""
        while True:
            try:
                frames = await self.socket.recv_multipart()
                await self.socket.send_multipart(self.reply(frames), zmq.NOBLOCK)
            except Exception:
                log.exception("the authenticator met something unexpected and goes on")
                await asyncio.sleep(0.01)

    def reply(self, frames: Sequence[bytes]) -> list[bytes]:
        """The answer to one question: no, unless everything is in order. Never raises."""
        try:
            peer, _, version, request_id, domain, address, _, mechanism, *credentials = frames
        except ValueError:
            return [*frames[:1], b"", b"1.0", b"", b"400", b"not a question", b"", b""]
        who = self._admitted(domain, address.decode(errors="replace"), mechanism, credentials) if version == b"1.0" else None
        verdict = [b"200", b"welcome", who.encode(), b""] if who else [b"400", b"not trusted", b"", b""]
        return [peer, b"", b"1.0", request_id, *verdict]

    def _admitted(self, domain: bytes, address: str, mechanism: bytes, credentials: Sequence[bytes]) -> str | None:
        try:
            who = user_id(domain, address, mechanism, credentials)
            if who and self.may_connect(who, address):
                return who
            if domain != PROBE[3]:
                self.refused(who or "", address)
        except Exception:
            log.exception("a connection from %s is refused since it could not be judged", address)
        return None

    def probe(self) -> bool:
        """Whether the authenticator answers; each call also asks it anew. Call it every second."""
        while self._probe.poll(0, zmq.POLLIN):
            self._probe.recv_multipart(zmq.NOBLOCK)
            self._unanswered = 0
        if self._probe.poll(0, zmq.POLLOUT):
            self._probe.send_multipart(PROBE, zmq.NOBLOCK)
        self._unanswered += 1
        return self.alive

    @property
    def alive(self) -> bool:
        """Whether it has answered one of the newest probes."""
        return self._unanswered <= MOST_UNANSWERED

    def close(self) -> None:
        """Ends it; nobody gets in afterwards."""
        self.socket.close()
        self._plain.close()
        self._probe.close()
