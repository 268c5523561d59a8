"""Understands what ZeroMQ's monitor tells of a connection, so that a client can say at once what is wrong instead of waiting.

No socket, no clock. Seen of libzmq 4.3.5: a key of ours that the daemon does not know ends with FAILED_AUTH and 400; a daemon
that cannot open what we locked with a wrong server key hangs up in the middle, FAILED_NO_DETAIL, as does a cable that is cut, but
not twice in a row; what does not speak CURVE gives FAILED_PROTOCOL, and what does not speak ZeroMQ is left without a word.
"""

from __future__ import annotations

import struct
from enum import Enum, auto

import zmq

from masterd.control.address import Address
from masterd.control.errors import SilentDaemon, UnknownKey, Unreachable

ZAP_REFUSED = 400
HANG_UPS = 2
"""How many in a row are no accident."""


class Stage(Enum):
    """How far a connection has come."""

    NOWHERE = auto()
    CONNECTED = auto()
    OPEN = auto()


class Doubt(Enum):
    """What only a knock can tell."""

    NOBODY = auto()
    """The last attempt was taken by nobody."""
    HUNG_UP = auto()
    """Somebody lets us in and hangs up during the handshake."""


class Handshake:
    """The story of one socket's connection."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.stage = Stage.NOWHERE
        self.verdict: Unreachable | None = None
        """Why it is useless to go on."""
        self.doubt: Doubt | None = None
        self.is_lost = False
        """Whether the connection broke after it was open: what was asked on it will not be answered."""
        self._hang_ups = 0

    def take(self, message: list[bytes]) -> None:
        """One message of the monitor."""
        event, value = struct.unpack("=hi", message[0])
        match event:
            case zmq.EVENT_CONNECTED:
                self.stage, self.doubt = Stage.CONNECTED, None
            case zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self.stage, self.doubt, self._hang_ups = Stage.OPEN, None, 0
            case zmq.EVENT_CLOSED:
                self.doubt = Doubt.NOBODY
            case zmq.EVENT_DISCONNECTED:
                self._disconnected()
            case zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL:
                self._hang_ups += 1
            case zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                self.verdict = self._refused(value)
            case zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL:
                self.verdict = stranger(self.address)

    def _disconnected(self) -> None:
        if self.stage is Stage.OPEN:
            self.is_lost = True
        elif self._hang_ups >= HANG_UPS:
            self.doubt = Doubt.HUNG_UP
        elif not self._hang_ups and not self.verdict:
            self.verdict = stranger(self.address)
        self.stage = Stage.NOWHERE

    def _refused(self, zap_status: int) -> Unreachable:
        who = f"the daemon {self.address.name!r} at {self.address}"
        if zap_status != ZAP_REFUSED:
            return SilentDaemon(f"{who} cannot check keys now (ZAP status {zap_status}): see its log")
        return UnknownKey(
            f"{who} does not know the key of this client, or it was revoked; `masterctl keys trust` at the daemon lets it in"
        )

    def silence(self, timeout_s: float) -> Unreachable:
        """What to say when the time is over and nothing more has come."""
        who = f"the daemon {self.address.name!r} at {self.address}"
        if self.stage is Stage.OPEN:
            return SilentDaemon(f"{who} did not answer within {timeout_s:g} s; it is running but busy or stuck: see its log")
        if self.stage is Stage.CONNECTED:
            return SilentDaemon(f"{who} lets us in and did not greet within {timeout_s:g} s; it is stuck: see its log")
        return Unreachable(f"{who} gave no sign within {timeout_s:g} s; is the machine on, do firewalls let it through?")


def stranger(address: Address) -> Unreachable:
    """What to say of somebody who does not speak the daemon's language."""
    language = "ZeroMQ" if address.is_local else "ZeroMQ with CURVE"
    return Unreachable(f"what listens at {address} is not a masterd: it does not speak {language}")
