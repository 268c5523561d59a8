"""Commands that run until they are stopped."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def stopped() -> Iterator[Callable[[], bool]]:
    """A question that is answered yes after SIGTERM or Ctrl-C."""
    caught: list[int] = []
    former = {number: signal.signal(number, lambda got, _: caught.append(got)) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(caught)
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
