"""Resolves a daemon's host name, in a thread that nobody has to wait for.

It is done anew for each socket that is opened, so that an address that changed is found; and never by ZeroMQ, whose one thread
would let every other connection of the process wait for a dead name server.
"""

from __future__ import annotations

import socket
import threading
from concurrent.futures import Future

from masterd.control.address import Address
from masterd.control.errors import Unreachable
from masterd.control.reach import KNOCK_WITHIN_S


def look_up(address: Address) -> Future[str]:
    """The numeric host of `address`, or Unreachable when its name is unknown. Empty for a daemon of this machine."""
    found: Future[str] = Future()
    found.set_running_or_notify_cancel()  # who gives up waiting does not disturb the thread
    if address.is_local or is_numeric(address.host):
        found.set_result(address.host)
    else:
        threading.Thread(target=_resolve, args=(address, found), name=f"look up {address.host}", daemon=True).start()
    return found


def is_numeric(host: str) -> bool:
    """Whether no name has to be resolved."""
    try:
        socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except OSError:
        return False
    return True


def _resolve(address: Address, found: Future[str]) -> None:
    try:
        hosts = list(dict.fromkeys(str(it[4][0]) for it in socket.getaddrinfo(address.host, None, type=socket.SOCK_STREAM)))
        found.set_result(hosts[0] if len(hosts) == 1 else _first_that_listens(hosts, address.port))
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        found.set_exception(Unreachable(f"the host {address.host!r} of the daemon {address.name!r} is not known: {reason}"))


def _first_that_listens(hosts: list[str], port: int) -> str:
    """A name may stand for an IPv6 and an IPv4 address of which the daemon has one."""
    for host in hosts:
        try:
            socket.create_connection((host, port), KNOCK_WITHIN_S).close()
        except OSError:
            continue
        return host
    return hosts[0]
