"""A real daemon on the network of loopback, with its key, and clients whose keys it knows or does not."""

from __future__ import annotations

import datetime
from pathlib import Path

from instruments.daemon import Daemon
from instruments.relay import free_ports
from masterd.control import keys, trust
from masterd.control.address import Address, Keys
from masterd.control.keys import Pair
from masterd.control.protocol.roles import Role

NETWORK = """\
[network]
on = true
port = {port}
"""


class Site(Daemon):
    """A Daemon that listens on tcp with CURVE at `port` and the two after it.

    >>> with Site() as site, Client(site.address(Role.OPERATOR)) as client:
    ...     client.status()
    """

    def __init__(self, *arguments: str, config: str = "", name: str = "main", folder: Path | None = None, port: int = 0) -> None:
        self.port = port or free_port()
        super().__init__(*arguments, config=NETWORK.format(port=self.port) + config, name=name, folder=folder)
        self.folder_of_keys = self.config_path.parent / "keys"
        self.server = self._pair("server", keys.SHARED)
        self.clients = {role: self.trusted(str(role), role) for role in Role}

    def trusted(self, name: str, role: Role) -> Pair:
        """A client that the daemon knows: its key in the folder of keys, its name in the list."""
        pair = self._pair(name)
        if pair.public not in trust.read(self.trust_path):
            trust.trust(self.trust_path, trust.TrustedClient(name, pair.public, role, datetime.date(2026, 3, 14)))
        return pair

    @property
    def trust_path(self) -> Path:
        return self.config_path.parent / "clients.toml"

    def address(self, who: Role | Pair = Role.ADMIN, port: int = 0, server: str = "", host: str = "127.0.0.1") -> Address:
        """Where it is, for a client that it knows by its role, or for one with another pair."""
        pair = self.clients[who] if isinstance(who, Role) else who
        return Address(self.name, host, port or self.port, Keys(server or self.server.public, pair))

    def _pair(self, name: str, mode: int = keys.PRIVATE) -> Pair:
        """The pair kept under `name`, made once."""
        path = self.folder_of_keys / f"{name}.key_secret"
        if not path.exists():
            keys.write_pair(path, keys.new_pair(), mode)
        return keys.load_pair(path, group_may_read=True)


def free_port(count: int = 3) -> int:
    """The first of so many free ports in a row. Somebody else may take them before they are used: not in practice."""
    ears = free_ports(count)
    port: int = ears[0].getsockname()[1]
    for ear in ears:
        ear.close()
    return port
