"""Looks for daemons that announce themselves by mDNS, and compares them with hosts.toml."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zeroconf import InterfaceChoice, IPVersion, ServiceBrowser, ServiceStateChange, Zeroconf

from masterd.control import keys
from masterd.control.announcement import SERVICE, Found, read
from masterd.control.hosts import Host

ASK_MS = 1000


@dataclass(frozen=True, slots=True)
class Sighting:
    """A daemon that was found, the host of hosts.toml that it seems to be, and whether it says to have that host's key."""

    found: Found
    host: str
    matches: bool


def discover(seconds: float, interfaces: Sequence[str] = ()) -> list[Found]:
    """What is announced within `seconds`, by name; on the interfaces with these addresses, or on all."""
    names: set[str] = set()
    changed = threading.Lock()

    def take(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        with changed:
            (names.discard if state_change is ServiceStateChange.Removed else names.add)(name)

    with ears(interfaces) as zeroconf:
        browser = ServiceBrowser(zeroconf, SERVICE, handlers=[take])
        time.sleep(seconds)
        with changed:
            heard = sorted(names)
        infos = [zeroconf.get_service_info(SERVICE, name, ASK_MS) for name in heard]
        browser.cancel()
    return [read(info) for info in infos if info]


def ears(interfaces: Sequence[str]) -> Zeroconf:
    """By IPv4 and IPv6, where this machine has both."""
    if interfaces:
        return Zeroconf(interfaces=list(interfaces))
    try:
        return Zeroconf(interfaces=InterfaceChoice.All, ip_version=IPVersion.All)
    except OSError:  # a kernel without IPv6
        return Zeroconf(interfaces=InterfaceChoice.All)


def compared(found: Found, hosts: Mapping[str, Host]) -> Sighting:
    """`found` beside the host that has its key, or else its address."""
    for name, host in hosts.items():
        if host.server_key and keys.fingerprint(host.server_key) == found.fingerprint:
            return Sighting(found, name, True)
    places = {*found.addresses, found.machine, found.machine.removesuffix(".local")}
    for name, host in hosts.items():
        if host.address in places and host.port == found.port:
            return Sighting(found, name, False)
    return Sighting(found, "", False)
