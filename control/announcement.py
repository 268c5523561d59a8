"""What a daemon says of itself to its network by mDNS, and what may be believed of it: nothing but the way there.

`_masterd._tcp` with the TXT keys instance, version, protocol and fingerprint. Everybody on a network can announce anything, so a
fingerprint is there to be compared with what was learned on another way, never to be trusted because it was announced.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

import ifaddr
from zeroconf import ServiceInfo

from masterd.control.protocol import VERSION

SERVICE = "_masterd._tcp.local."
TEXT_CHARACTERS = 64
EVERYWHERE = ("*", "::")


@dataclass(frozen=True, slots=True)
class Found:
    """A daemon that somebody announced, as text that a terminal can show."""

    label: str
    instance: str
    machine: str
    addresses: tuple[str, ...]
    port: int
    version: str
    protocol: str
    fingerprint: str


def addresses_of(listen: str) -> tuple[str, ...]:
    """The addresses at which this machine has now a daemon that listens at an IP address, at a network interface, or everywhere:
    then those of use to another machine. At an interface and at "*" ZeroMQ listens by IPv4, at "::" by both."""
    every = [
        (adapter.name, ip.ip if isinstance(ip.ip, str) else ip.ip[0]) for adapter in ifaddr.get_adapters() for ip in adapter.ips
    ]
    if listen in EVERYWHERE:
        reached = [ip for _, ip in every if is_far_reaching(ipaddress.ip_address(ip))]
    else:
        reached = [ip for name, ip in every if listen in (name, ip)]
    return tuple(sorted(ip for ip in reached if ":" in listen or ":" not in ip))


def is_far_reaching(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether another machine can do something with it."""
    return not (ip.is_loopback or ip.is_link_local)


def announcement(instance: str, port: int, fingerprint: str, addresses: tuple[str, ...]) -> ServiceInfo:
    """What is announced of the daemon `instance` of this machine."""
    machine = socket.gethostname().partition(".")[0]
    return ServiceInfo(
        SERVICE,
        f"{instance} on {machine}.{SERVICE}",
        port=port,
        parsed_addresses=list(addresses),
        server=f"{machine}.local.",
        properties={
            "instance": instance,
            "version": version("masterd"),
            "protocol": str(VERSION),
            "fingerprint": fingerprint,
        },
    )


def read(info: ServiceInfo) -> Found:
    """What somebody announced."""
    texts = {shown(key): shown(value or b"") for key, value in info.properties.items()}
    return Found(
        label=shown(info.name.removesuffix(f".{SERVICE}")),
        machine=shown((info.server or "").rstrip(".")),
        addresses=tuple(info.parsed_addresses()),
        port=info.port or 0,
        **known(texts),
    )


def known(texts: Mapping[str, str]) -> dict[str, str]:
    """The TXT keys that mean something."""
    return {key: texts.get(key, "") for key in ("instance", "version", "protocol", "fingerprint")}


def shown(content: bytes | str) -> str:
    """A stranger's text without anything that a terminal would obey, and not longer than it needs to be."""
    text = content.decode(errors="replace") if isinstance(content, bytes) else content
    return "".join(it if it.isprintable() else "?" for it in text[:TEXT_CHARACTERS])
