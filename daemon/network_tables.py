"""What a configuration may hold about who reaches the daemon, from where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from masterd.control.protocol.roles import Role
from masterd.control.toml_keys import key, number, one_of, switch, whole

BIND_ADDRESS = re.compile(r"\*|[A-Za-z0-9_.:%-]{1,64}")
NO_ROLE = "none"
ROLES = (NO_ROLE, *map(str, Role))
ROLE_RIGHT = ", ".join(ROLES)


def bind_address(value: Any) -> str:
    """What a socket can be bound to."""
    if not isinstance(value, str) or not BIND_ADDRESS.fullmatch(value):
        raise ValueError
    return value


@dataclass(frozen=True, slots=True)
class NetworkTable:
    """The sockets on the network: `ctl` at the port, `events` and `meters` at the two after it."""

    on: bool = key(False, "true or false", switch)
    address: str = key("127.0.0.1", "an IP address, the name of a network interface, or * (all of IPv4; :: is all)", bind_address)
    port: int = key(5570, "a whole number from 1 to 65533", whole(1, 65533))
    announce: bool = key(False, "true or false", switch)
    requests_per_s: float = key(200.0, "a number from 10 to 10000", number(10, 10000), live=True)


@dataclass(frozen=True, slots=True)
class AccessTable:
    """What users of this machine may do; root and the daemon's own user may do everything."""

    group: str = key("operator", ROLE_RIGHT, one_of(*ROLES))
    others: str = key("viewer", ROLE_RIGHT, one_of(*ROLES))
