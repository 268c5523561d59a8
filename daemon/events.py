"""What happened, told to everybody in order: every event has the next number, so that a follower sees when it missed one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from masterd.control.protocol import ByHand, Changed, Event, Heartbeat, encode_json
from masterd.daemon.asker import asking
from masterd.daemon.state import Change


class Events:
    """Numbers events and hands them, encoded, to `send`, which must not wait. Control thread."""

    def __init__(self, boot_id: str, send: Callable[[bytes], object], revision: Callable[[], int]) -> None:
        self.boot_id = boot_id
        self.seq = 0
        """Number of the newest event; 0 before the first."""
        self.send = send
        self.revision = revision
        self.started_s = time.monotonic()

    def __call__(self, kind: type[Event], **fields: Any) -> None:
        """Publishes one event."""
        self.seq += 1
        event = kind(seq=self.seq, boot_id=self.boot_id, time=time.time(), revision=self.revision(), **fields)
        self.send(encode_json(event))

    def by_hand(self, kind: type[ByHand], origin: str | None = None, **fields: Any) -> None:
        """Publishes what somebody did, with who they are."""
        asker = asking.get()
        self(kind, origin=asker.origin if origin is None else origin, who=asker.who, address=asker.address, **fields)

    @property
    def uptime_s(self) -> float:
        """Since this object was made."""
        return time.monotonic() - self.started_s

    def changed(self, change: Change) -> None:
        """Tells of a change of the state."""
        self.by_hand(
            Changed,
            change.origin,
            cause=change.cause,
            changes=dict(change.changes),
            glide_ms=change.glide_ms,
            preset=change.preset,
            dirty=change.dirty,
        )

    def heartbeat(self, blocks: int, xruns: int) -> None:
        """Once a second."""
        self(Heartbeat, uptime_s=self.uptime_s, blocks=blocks, xruns=xruns)
