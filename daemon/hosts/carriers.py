"""Threads that carry frames between a live engine's rings and files: the disk never meets the audio thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from masterd.daemon.engine import Engine, Tap
from masterd.daemon.hosts.stream import Sink, Source

CHUNK_FRAMES = 4096
EVERY_S = 0.02  # both rings hold more than 2.7 s


class Carrier:
    """Calls `carry` again and again in its own thread until told to stop, or until it says it is through (False) or fails; then
    `finish`, whatever became of it."""

    def __init__(self, name: str, carry: Callable[[], bool], finish: Callable[[], None]) -> None:
        self._carry, self._finish = carry, finish
        self._end = threading.Event()
        self.failure: str | None = None
        """The first."""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def stop(self, within_s: float = 1.0) -> bool:
        """Whether it has ended in time."""
        self._end.set()
        self._thread.join(within_s)
        return not self._thread.is_alive()

    @property
    def through(self) -> bool:
        """Whether it has ended."""
        return not self._thread.is_alive()

    def _run(self) -> None:
        for part in (self._carry_on, self._finish):
            try:
                part()
            except Exception as failure:
                self.failure = self.failure or f"{type(failure).__name__}: {failure}"

    def _carry_on(self) -> None:
        while not self._end.is_set() and self._carry():
            self._end.wait(EVERY_S)


def feeder(engine: Callable[[], Engine], source: Source) -> Carrier:
    """Keeps the player's ring of the engine of the moment full; through when the ring has taken the whole source."""
    waiting = source.read(0)

    def carry() -> bool:
        nonlocal waiting
        while True:
            if not len(waiting):
                waiting = source.read(CHUNK_FRAMES)
                if not len(waiting):
                    return False
            taken = engine().player_write(waiting)
            waiting = waiting[taken:]
            if len(waiting):
                return True

    return Carrier("feeder", carry, source.close)


def drain(engine: Callable[[], Engine], which: Tap, sink: Sink) -> Carrier:
    """Empties a tap of the engine of the moment into a sink, which is closed in the end: what it took before it failed stays."""

    def carry() -> bool:
        while len(block := engine().tap_read(which, CHUNK_FRAMES)):
            sink.write(block)
        return True

    def finish() -> None:
        try:
            carry()
        finally:
            sink.close()

    return Carrier(f"drain-{which}", carry, finish)
