"""Announces a daemon by mDNS until stopped, and anew when the machine's addresses change. A process of its own beside the daemon,
since what strangers send to a multicast address must not cost the control loop anything."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator

from zeroconf import ServiceInfo, Zeroconf

from masterd.control.announcement import addresses_of, announcement

LOOKED_EVERY_S = 5.0
ROUND_S = 0.2

log = logging.getLogger(__name__)


def announce(instance: str, port: int, fingerprint: str, listen: str, is_over: Callable[[], bool]) -> None:
    """Announces the daemon `instance` that listens at `listen` and `port`."""
    while not is_over():
        addresses = addresses_of(listen)
        if not addresses:
            log.warning("not announced: this machine does not have the address %s now", listen)
            pause(is_over)
            continue
        with announced(announcement(instance, port, fingerprint, addresses), addresses):
            while not is_over() and addresses_of(listen) == addresses:
                pause(is_over)


@contextlib.contextmanager
def announced(info: ServiceInfo, addresses: tuple[str, ...]) -> Iterator[None]:
    """Meanwhile; the end is told as well. Another daemon's name gets a number behind it."""
    with Zeroconf(interfaces=list(addresses)) as zeroconf:
        zeroconf.register_service(info, allow_name_change=True)
        log.info("announced as %r at %s", info.name, ", ".join(addresses))
        try:
            yield
        finally:
            zeroconf.unregister_service(info)


def pause(is_over: Callable[[], bool]) -> None:
    """Until it is time to look again."""
    until_s = time.monotonic() + LOOKED_EVERY_S
    while not is_over() and time.monotonic() < until_s:
        time.sleep(ROUND_S)
