"""What systemd is told: READY=1, STATUS=..., WATCHDOG=1. Without NOTIFY_SOCKET every call does nothing."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping


class Notifier:
    """Speaks the sd_notify protocol; `@` starts an abstract socket. Control thread."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self.address = environment.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        usec = environment.get("WATCHDOG_USEC", "")
        ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog_s = int(usec) / 1e6 if usec.isdigit() and ours else None
        """How often the watchdog wants to hear from us at the latest; None when it does not watch."""

    def __call__(self, **fields: object) -> bool:
        """Sends KEY=value lines; False when nobody listens. Never raises, never waits."""
        if not self.address:
            return False
        lines = "\n".join(f"{key}={str(value).replace(chr(10), ' ')}" for key, value in fields.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC) as to:
                to.sendto(lines.encode(), self.address)
        except OSError:
            return False
        return True

    def reloading(self) -> bool:
        """Says that a reload has begun; READY=1 ends it. Type=notify-reload compares the time with its own signal's."""
        return self(RELOADING=1, MONOTONIC_USEC=time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)
