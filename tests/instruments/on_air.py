"""An Air with its events kept, for tests: waits for what should happen and always stops."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from masterd.control.parameters import PARAMETERS, Value, defaults
from masterd.daemon.air import Air, AirEvent, AirSettings

PATIENCE_S = 20.0


class OnAir:
    """`air` and everything it has said."""

    def __init__(self, settings: AirSettings, values: dict[str, Value] | None, **programme: Any) -> None:
        self.values = defaults() | {id: PARAMETERS[id].check(value) for id, value in (values or {}).items()}
        self.events: list[tuple[float, AirEvent]] = []
        self._more = threading.Condition()
        self.air = Air(settings, self._hear, **programme)

    def _hear(self, event: AirEvent) -> None:
        with self._more:
            self.events.append((time.monotonic(), event))
            self._more.notify_all()

    def count(self, state: str) -> int:
        return sum(event.state == state for _, event in self.events)

    def wait_for(self, state: str, times: int = 1) -> AirEvent:
        """The `times`-th event of this state; fails with all events when it does not come."""
        with self._more:
            assert self._more.wait_for(lambda: self.count(state) >= times, PATIENCE_S), (state, times, self.events)
        return [event for _, event in self.events if event.state == state][times - 1]

    def when(self, state: str, times: int = 1) -> float:
        """time.monotonic of that event."""
        return [at for at, event in self.events if event.state == state][times - 1]

    @property
    def states(self) -> list[str]:
        return [event.state for _, event in self.events]


@contextlib.contextmanager
def on_air(settings: AirSettings, values: dict[str, Value] | None = None, **programme: Any) -> Iterator[OnAir]:
    """Starts an Air with the table's defaults and `values`; stops it at the end, whatever happens."""
    it = OnAir(settings, values, **programme)
    it.air.start(it.values)
    try:
        yield it
    finally:
        it.air.stop()


def eventually(true: Callable[[], bool], what: str = "") -> None:
    """Waits until it is true."""
    until = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until, what or "it did not happen"
        time.sleep(0.01)
