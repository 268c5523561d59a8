"""A cable between two machines of a test's own: two network namespaces and a veth pair, made with ip (Debian: iproute2).

Both ends of the cable are born inside the namespaces, so nothing of the machine's own network is touched, and none of its
addresses can be in the way. What runs in them is ended with them.
"""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

SITE, DESK = "site", "desk"
"""The machine at the transmitter, and the one far away; also the names of the cable's two ends."""
ADDRESSES = {SITE: "10.77.0.1", DESK: "10.77.0.2"}
PREFIX = 24
HOSTS = 'mount --bind "$0" /etc/hosts && exec "$@"'
"""In the mount namespace that ip netns exec makes for the command alone."""


def ip(*words: str) -> str:
    """`ip WORDS`; CalledProcessError carries what it said."""
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=10).stdout


class Cable:
    """Plugged in when entered. Names are unique to it.

    >>> with Cable() as cable:
    ...     subprocess.run(cable.at(SITE, "ip", "addr"))
    """

    def __init__(self) -> None:
        stem = f"masterd-test-{os.getpid()}-{os.urandom(3).hex()}"
        self.namespaces = {it: f"{stem}-{it}" for it in (SITE, DESK)}
        self.addresses = dict(ADDRESSES)

    def __enter__(self) -> Self:
        try:
            for name in self.namespaces.values():
                ip("netns", "add", name)
            site, desk = self.namespaces[SITE], self.namespaces[DESK]
            ip("link", "add", SITE, "netns", site, "type", "veth", "peer", "name", DESK, "netns", desk)
            for at, address in self.addresses.items():
                self._ip(at, "addr", "add", f"{address}/{PREFIX}", "dev", at)
                for link in ("lo", at):
                    self._ip(at, "link", "set", link, "up")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for name in self.namespaces.values():
            for pid in _pids(name):
                os.kill(pid, signal.SIGKILL)
        for name in self.namespaces.values():
            subprocess.run(["ip", "netns", "del", name], capture_output=True, timeout=10)

    def _ip(self, at: str, *words: str) -> str:
        return ip("-netns", self.namespaces[at], *words)

    def at(self, machine: str, *command: str, hosts: Path | None = None) -> list[str]:
        """`command` on one of the machines, with an /etc/hosts of its own if given."""
        with_hosts = ["sh", "-c", HOSTS, str(hosts)] if hosts else []
        return ["ip", "netns", "exec", self.namespaces[machine], *with_hosts, *command]

    def pull(self) -> None:
        """Link down at the site: the desk sees a network that is there, and nobody in it."""
        self._ip(SITE, "link", "set", SITE, "down")

    def plug(self) -> None:
        """Link up."""
        self._ip(SITE, "link", "set", SITE, "up")

    def add(self, machine: str, address: str, prefix: int) -> None:
        """One more address of a machine; an IPv6 one at once, since nobody else can have it here."""
        self._ip(machine, "addr", "add", f"{address}/{prefix}", "dev", machine, *(["nodad"] if ":" in address else []))

    def move(self, machine: str, address: str) -> None:
        """Gives a machine another address; the old one is gone."""
        self._ip(machine, "addr", "flush", "dev", machine)
        self._ip(machine, "addr", "add", f"{address}/{PREFIX}", "dev", machine)
        self.addresses[machine] = address


def _pids(namespace: str) -> Sequence[int]:
    done = subprocess.run(["ip", "netns", "pids", namespace], capture_output=True, text=True, timeout=10)
    return [int(it) for it in done.stdout.split()]


@functools.cache
def why_not() -> str:
    """Why there can be no namespaces here; empty when there can."""
    if not shutil.which("ip"):
        return "ip is not installed (Debian: iproute2)"
    try:
        with Cable() as cable:
            subprocess.run(cable.at(SITE, "true"), check=True, capture_output=True, text=True, timeout=10)
    except subprocess.CalledProcessError as error:
        return f"this user may not make network namespaces: {error.stderr.strip()}"
    return ""


needs_namespaces = pytest.mark.skipif(bool(why_not()), reason=why_not() or "there are namespaces")
