"""What the engine of the moment began with and was told since, until a session has written it down. Any thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from masterd.control.parameters import Value
from masterd.daemon.engine import Engine, Pair

WAITING = 4096
"""As many as the engine remembers orders."""


@dataclass(frozen=True, slots=True)
class Told:
    """Complete values that were published, and the frames of their ramp."""

    serial: int
    values: Mapping[str, Value]
    ramp_frames: int


@dataclass(frozen=True, slots=True)
class Beginning:
    """What an engine was built with."""

    engine: Engine
    values: Mapping[str, Value]
    recall_agc_db: Pair | None


class Script:
    """Written by whoever holds the engine room's lock, read by the session's thread."""

    def __init__(self, beginning: Beginning) -> None:
        self.is_read = False
        """Whether a session takes what it is told; otherwise nothing is kept."""
        self._lock = threading.Lock()
        self._told: deque[Told] = deque(maxlen=WAITING)
        self.begin(beginning)

    def begin(self, beginning: Beginning) -> None:
        """Another engine from here on."""
        with self._lock:
            self.beginning = beginning
            self._told.clear()

    def tell(self, told: Told) -> None:
        """The engine was given these."""
        if self.is_read:
            with self._lock:
                self._told.append(told)

    def taken(self, serial: int) -> Told | None:
        """What `serial` was, forgetting everything before it; None for what an engine began with, or what was forgotten."""
        with self._lock:
            while self._told and self._told[0].serial < serial:
                self._told.popleft()
            return self._told[0] if self._told and self._told[0].serial == serial else None
