"""An ordinary canary: a thread without any priority that sleeps a millisecond again and again and notes when it woke up late.

The canaries of jackplay run before everything else and see when the machine itself stood still. This one sees when an ordinary
program had to wait for a processor, because others had it: what any program without priority then suffers is not its own doing.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

PERIOD_S = 0.001
LATE_S = 0.001


class OrdinaryCanary:
    """Watches as long as its `with` lasts."""

    def __init__(self) -> None:
        self.late: list[tuple[float, float]] = []
        """When it should have woken up and when it did, CLOCK_MONOTONIC."""
        self._over = False
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over = True
        self._thread.join()

    def _watch(self) -> None:
        while not self._over:
            due_s = time.monotonic() + PERIOD_S
            time.sleep(PERIOD_S)
            if (woke_s := time.monotonic()) - due_s > LATE_S:
                self.late.append((due_s, woke_s))

    def was_late(self, from_s: float, to_s: float) -> bool:
        """Whether it had to wait at some time in between."""
        return any(due_s < to_s and woke_s > from_s for due_s, woke_s in self.late)
