"""The operator's lock, "on air, hands off": while somebody holds it, what turns something is refused to everybody else.

It belongs to a name, not to a connection, so it is still theirs when they come back; it survives a restart of the daemon.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from masterd.control.errors import BadRequest, Locked
from masterd.control.protocol import Lock
from masterd.daemon.asker import Asker

NOTE_CHARACTERS = 200
LONGEST_S = 30 * 86400.0


class HandsOff:
    """The lock. `tell` hears of the new one, or None. Control thread."""

    def __init__(self, tell: Callable[[Lock | None], object], lock: Lock | None = None, clock: Callable[[], float] = time.time):
        self.tell, self.lock, self.clock = tell, lock, clock

    def expire(self) -> None:
        """Ends a lock whose time has run out; called often."""
        if self.lock and self.lock.until is not None and self.clock() >= self.lock.until:
            self._become(None)

    def check(self, asker: Asker) -> None:
        """Locked when somebody else holds it."""
        self.expire()
        if (lock := self.lock) and lock.who != asker.who:
            since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(lock.since))
            note = f": {lock.note}" if lock.note else ""
            raise Locked(f"locked by {lock.who} ({lock.address}) since {since}{note}; they can `unlock`, an admin can override")

    def take(self, asker: Asker, note: str, seconds: float | None) -> Lock:
        """Locks for the asker, or renews; BadRequest."""
        if len(note) > NOTE_CHARACTERS or not note.isprintable():
            raise BadRequest(f"note: at most {NOTE_CHARACTERS} printable characters")
        if seconds is not None and not (math.isfinite(seconds) and 1 <= seconds <= LONGEST_S):
            raise BadRequest(f"seconds: {seconds:g} is outside 1 to {LONGEST_S:g} s")
        now = self.clock()
        since = self.lock.since if self.lock and self.lock.who == asker.who else now
        until = None if seconds is None else now + seconds
        self._become(Lock(who=asker.who, address=asker.address, note=note, since=since, until=until))
        assert self.lock
        return self.lock

    def give(self) -> None:
        """Unlocks."""
        if self.lock:
            self._become(None)

    def _become(self, lock: Lock | None) -> None:
        self.lock = lock
        self.tell(lock)
