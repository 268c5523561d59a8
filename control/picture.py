"""What a follower knows of a daemon, and how old that is. No socket, no clock: both faces of the library run on these.

Events carry a number without gaps and the id of the daemon's start. A follower subscribes first and asks for the snapshot after.
An event the snapshot already holds is dropped; a gap or another start id means that the picture is wrong.
"""

from __future__ import annotations

import contextlib
import math

import msgspec

from masterd.control.address import Address
from masterd.control.errors import SilentDaemon
from masterd.control.protocol import METERS_TOPIC, AnyEvent, Meters, StateSnapshot, decode_event, decode_meters

SILENCE_S = 3.5
"""A daemon that says nothing for so long, though it owes a heartbeat every second, is gone."""
LAG_S = 1.0
"""Meters that come so much later than the quickest did have been waiting somewhere: they are not shown."""


class Unknown(msgspec.Struct):
    """An event of a kind that a later daemon has and this client does not: it counts, and is not delivered."""

    seq: int
    boot_id: str


class Sequence:
    """Judges events against the snapshot they must continue."""

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


class Picture:
    """The state as it was followed up to now. Times are of one clock that never jumps."""

    def __init__(self, address: Address) -> None:
        self.is_whole = False
        """Whether events continue it; if not, a snapshot must be asked for."""
        self._address = address
        self._sequence = Sequence()
        self._pending: AnyEvent | Unknown | None = None
        self._heard_at_s = -math.inf
        self._has_events = False

    def start(self, snapshot: StateSnapshot, now_s: float) -> None:
        """The daemon answered with a snapshot."""
        self._sequence.start(snapshot)
        self.is_whole, self._heard_at_s = True, now_s
        if self._pending and self._sequence.is_gap(self._pending):
            self._pending = None  # of a daemon that is no more

    def take(self, frame: bytes, now_s: float) -> AnyEvent | None:
        """The event in `frame` when it is news; None for one that is not, and for one after a gap: then it is not whole."""
        event = decode(frame)
        self._heard_at_s, self._has_events = now_s, True
        return self._judged(event) if event else None

    def kept(self) -> AnyEvent | None:
        """The event that showed the gap, when the snapshot asked for because of it is older."""
        event, self._pending = self._pending, None
        return self._judged(event) if event else None

    def _judged(self, event: AnyEvent | Unknown) -> AnyEvent | None:
        if self._sequence.is_gap(event):
            self._pending, self.is_whole = event, False
            return None
        is_new = self._sequence.accept(event)
        return event if is_new and not isinstance(event, Unknown) else None

    def lose(self) -> None:
        """The subscription has ended; what was heard grows old."""
        self.is_whole, self._pending, self._has_events = False, None, False

    def age_s(self, now_s: float) -> float:
        """Seconds since the daemon's last word; infinite before the first."""
        return now_s - self._heard_at_s

    def silence(self, now_s: float) -> SilentDaemon | None:
        """What to raise when the daemon has been silent for too long."""
        if self.age_s(now_s) <= SILENCE_S:
            return None
        who = f"the daemon {self._address.name!r}"
        if self._has_events or self._address.is_local:
            return SilentDaemon(f"{who} has said nothing for {SILENCE_S:g} s")
        events = self._address.endpoint("events")
        return SilentDaemon(f"{who} answers, but no event comes from {events}: do firewalls let it through?")


def decode(frame: bytes) -> AnyEvent | Unknown | None:
    """An event of `events`, whether this package knows its type or not; None for what is none."""
    try:
        event: AnyEvent = decode_event(frame)
        return event
    except msgspec.DecodeError:
        with contextlib.suppress(msgspec.DecodeError):
            return msgspec.json.decode(frame, type=Unknown)
        return None


class Freshness:
    """Tells old meters from new ones though two machines' clocks need not agree: by how much later than the quickest frame of
    the connection each one comes. The first frame of a connection was sent after it was made, so it cannot be old."""

    def __init__(self) -> None:
        self._quickest_s = math.inf
        self._sent_s = -math.inf

    def begin(self) -> None:
        """The connection is a new one."""
        self._quickest_s = math.inf

    def take(self, frame: bytes, now_s: float) -> tuple[Meters | None, bool]:
        """The meters in `frame` if they are any, and whether they are fresh. An old frame means that others wait behind it: the
        connection had better be made anew, which also heals a daemon's clock that was set back."""
        try:
            meters = decode_meters(frame[len(METERS_TOPIC) :])
        except msgspec.DecodeError:
            return None, True
        took_s = now_s - meters.time
        self._quickest_s = min(self._quickest_s, took_s)
        lag_s = took_s - self._quickest_s
        if lag_s > LAG_S:
            return None, False
        self._sent_s = now_s - lag_s
        return meters, True

    def age_s(self, now_s: float) -> float:
        """Seconds since the newest fresh frame was sent; infinite before the first."""
        return now_s - self._sent_s
