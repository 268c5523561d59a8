"""Times as people read them."""

from __future__ import annotations

import time


def clock_text(time_s: float) -> str:
    """Unix time as the local time of day."""
    return time.strftime("%H:%M:%S", time.localtime(time_s))
