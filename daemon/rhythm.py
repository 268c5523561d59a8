"""What happens again and again in the control loop; a step that fails is logged and does not end the rhythm."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

log = logging.getLogger(__name__)


async def every(period_s: Callable[[], float], step: Callable[[], object]) -> None:
    """Runs `step` now and then each `period_s()`, until cancelled. Steps missed while the loop was busy are not made up for."""
    loop = asyncio.get_running_loop()
    due, last = loop.time(), ""
    while True:
        try:
            step()
        except Exception as reason:
            if repr(reason) != last:  # once, not thirty times a second
                last = repr(reason)
                log.exception("%s failed", getattr(step, "__qualname__", step))
        due = max(due + period_s(), loop.time())
        await asyncio.sleep(due - loop.time())
