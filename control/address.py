"""Where a daemon is: on this machine by its name, over Unix sockets; or on the network by host, port and keys, over tcp."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from masterd.control.keys import Pair
from masterd.control.places import DEFAULT_NAME, endpoint

DEFAULT_PORT = 5570
PORT_AFTER_CTL = {"ctl": 0, "events": 1, "meters": 2}
"""The three sockets of a daemon stand on three ports in a row."""
LAST_PORT = 65535 - max(PORT_AFTER_CTL.values())


@dataclass(frozen=True, slots=True)
class Keys:
    """What CURVE needs: the daemon's public key (Z85, 40 characters), by which it is known, and one's own pair."""

    server: str
    own: Pair


@dataclass(frozen=True, slots=True)
class Address:
    """A daemon. Without `host` the one called `name` on this machine; else `name` is only what people call it, and it is an error
    (ValueError) to have no keys."""

    name: str = DEFAULT_NAME
    host: str = ""
    port: int = DEFAULT_PORT
    keys: Keys | None = None

    def __post_init__(self) -> None:
        if self.host and not self.keys:
            raise ValueError(f"{self.host}: a daemon on the network is reached with keys only")

    @property
    def is_local(self) -> bool:
        """Whether it is reached over Unix sockets, without keys."""
        return not self.host

    def endpoint(self, socket: str, numeric_host: str = "") -> str:
        """ZeroMQ address of `ctl`, `events` or `meters`; over tcp with the host as it was resolved."""
        if self.is_local:
            return endpoint(self.name, socket)
        return tcp_endpoint(numeric_host or self.host, self.port + PORT_AFTER_CTL[socket])

    def __str__(self) -> str:
        return self.endpoint("ctl")


def tcp_endpoint(host: str, port: int) -> str:
    """A ZeroMQ address."""
    return f"tcp://{f'[{host}]' if is_ipv6(host) else host}:{port}"


def is_ipv6(host: str) -> bool:
    """Whether `host` is an IPv6 address, as opposed to a name or an IPv4 address."""
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False


HOST = re.compile(r"(?:\[(?P<ipv6>[^\]]*)\]|(?P<host>[^\s:/\[\]]+))(?::(?P<port>[0-9]{1,5}))?")


def split_host(text: str) -> tuple[str, int]:
    """Host and port of `transmitter.example`, `10.0.0.7:5570` or `[fd00::7]:5570`; ValueError says what would be right."""
    if is_ipv6(text):
        return text, DEFAULT_PORT
    parts = HOST.fullmatch(text)
    if not parts or (parts["ipv6"] is not None and not is_ipv6(parts["ipv6"])):
        raise ValueError(f"{text!r} is no host: a name or an IP address, and :PORT if it is not {DEFAULT_PORT}")
    port = int(parts["port"] or DEFAULT_PORT)
    if not 1 <= port <= LAST_PORT:
        raise ValueError(f"{text!r}: the port must be a number from 1 to {LAST_PORT}, whose next two are the daemon's as well")
    return parts["ipv6"] or parts["host"], port
