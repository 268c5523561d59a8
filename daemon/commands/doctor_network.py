"""The part of `masterd doctor` about the network: keys, clients, ports."""

from __future__ import annotations

import fcntl
import socket
from collections.abc import Iterator

from masterd.control import keys, places, trust
from masterd.control.errors import MasterdError
from masterd.control.trust import TrustRefused
from masterd.daemon import config
from masterd.daemon.commands.finding import Finding
from masterd.daemon.network import PORTS, server_pair
from masterd.daemon.network_tables import NetworkTable


def network(name: str) -> Iterator[Finding]:
    """Everything that clients of the network need; what the configuration itself has wrong is another check's."""
    path = places.config_directory() / f"{name}.toml"
    try:
        settings = config.load(path).network if path.exists() else NetworkTable()
    except MasterdError:
        return
    if not settings.on:
        yield Finding("network", True, "off: this machine only")
        return
    yield key()
    yield clients()
    yield ports(name, settings)


def key() -> Finding:
    """Has the daemon a key, and nobody else?"""
    try:
        return Finding("server key", True, f"{keys.secret_path()}, fingerprint {keys.fingerprint(server_pair().public)}")
    except MasterdError as reason:
        return Finding("server key", False, str(reason), "without it the daemon does not start; docs/network.md")


def clients() -> Finding:
    """Is somebody trusted?"""
    try:
        known = trust.read(trust.path()).values()
    except TrustRefused as reason:
        return Finding("clients", False, str(reason), "correct it, or write it anew with `masterctl keys`")
    seen = ", ".join(f"{it.name} ({it.role})" for it in known) or "nobody is trusted"
    return Finding("clients", bool(known), seen, "`masterctl keys new NAME --role operator` makes a client")


def ports(name: str, settings: NetworkTable) -> Finding:
    """Can they be bound, or are they the running daemon's?"""
    what, numbers = "ports", [settings.port + it for it in PORTS.values()]
    here = f"{settings.address}, ports {numbers[0]} to {numbers[-1]}"
    if is_running(name):
        return Finding(what, True, f"{here}: the daemon runs; `masterctl status` says whether it has them")
    try:
        for number in numbers:
            bindable(settings.address, number)
    except OSError as reason:
        return Finding(
            what, False, f"{here}: {reason.strerror or reason}", "`ss -ltnp` shows who has them; or take another [network] port"
        )
    return Finding(what, True, f"{here}: free; a firewall has to let all three through")


def is_running(name: str) -> bool:
    """Whether a daemon of that name holds its lock."""
    try:
        with (places.runtime_directory(name) / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


def bindable(address: str, port: int) -> None:
    """Raises OSError when it is not. The name of a network interface is the daemon's to resolve: nothing is tried then."""
    if address in {name for _, name in socket.if_nameindex()}:
        return
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as it:
        it.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        it.bind(("" if address == "*" else address, port))
