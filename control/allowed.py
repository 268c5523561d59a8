"""Who may reach a surface that knows no keys: this machine, and the addresses and networks that were named."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from masterd.control.errors import NotGuarded


class Allowed:
    """The list. `networks` are like 192.168.1.0/24, or single addresses; ValueError when they are not."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = [ipaddress.ip_network(network, strict=False) for network in networks]

    def admits(self, address: str) -> bool:
        """Whether something from there is listened to."""
        it = ipaddress.ip_address(address.partition("%")[0])
        return it.is_loopback or any(it in network for network in self._networks)

    def guard(self, listen: str) -> None:
        """NotGuarded when `listen` is more than this machine and nobody was named who may come."""
        if not self._networks and not ipaddress.ip_address(listen).is_loopback:
            raise NotGuarded(listen)
