"""A real daemon on the network of this machine alone: its key, a client for each role, and sockets of any kind of visitor."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import zmq

from instruments.daemon import Daemon
from instruments.relay import free_ports
from masterd.control import keys, trust
from masterd.control.address import Address, Keys
from masterd.control.keys import Pair
from masterd.control.protocol.roles import Role

PORTS = {"ctl": 0, "events": 1, "meters": 2}


def free_port(count: int = 3) -> int:
    """The first of so many free ports in a row. Somebody may take them before they are used: not in practice."""
    ears = free_ports(count)
    port: int = ears[0].getsockname()[1]
    for ear in ears:
        ear.close()
    return port


class NetworkDaemon(Daemon):
    """A Daemon with [network] on. There is a client for each role, by the role's name; more can be trusted and revoked while
    it runs. In a folder that is given, keys are those that are there already.

    >>> with NetworkDaemon() as daemon, Client(daemon.address("operator")) as client:
    ...     client.status()
    """

    def __init__(self, config: str = "", network: str = "", folder: Path | None = None, port: int = 0, **others: Any) -> None:
        self.port = port or free_port()
        super().__init__(config=f"{config}\n[network]\non = true\nport = {self.port}\n{network}\n", folder=folder, **others)
        self.trust_file = self.folder / "config" / "clients.toml"
        self.secret_file = self._file("server")
        self.server = self._pair("server")
        self.pairs: dict[str, Pair] = {}
        for role in Role:
            self.trust(str(role), role)

    def _file(self, name: str) -> Path:
        return self.folder / "config" / "keys" / f"{name}.key_secret"

    def _pair(self, name: str, is_new: bool = False) -> Pair:
        path = self._file(name)
        if is_new or not path.exists():
            keys.write_pair(path, keys.new_pair())
        return keys.load_pair(path)

    def trust(self, name: str, role: Role) -> Pair:
        pair = self.pairs[name] = self._pair(name, is_new=name in self.pairs)
        if pair.public not in trust.read(self.trust_file):
            trust.trust(self.trust_file, trust.TrustedClient(name, pair.public, role, datetime.date(2026, 3, 14)))
        return pair

    def address(self, who: str | Pair = "admin", port: int = 0, server: str = "", host: str = "127.0.0.1") -> Address:
        """Where it is, for a client of this name or with this pair."""
        own = who if isinstance(who, Pair) else self.pairs[who]
        return Address(self.name, host, port or self.port, Keys(server or self.server.public, own))

    def revoke(self, name: str) -> None:
        trust.revoke(self.trust_file, name)

    def tcp(self, to: str = "ctl") -> str:
        return f"tcp://127.0.0.1:{self.port + PORTS[to]}"

    def visit(
        self,
        pair: Pair | None,
        to: str = "ctl",
        kind: int = zmq.DEALER,
        topic: bytes | None = None,
        server_key: str | None = None,
        where: str = "",
        **options: int,
    ) -> zmq.Socket[bytes]:
        """A socket connected over tcp, by CURVE unless there is no pair; closed with the daemon."""
        made = self._context.socket(kind)
        made.linger = 0
        if pair:
            made.curve_serverkey = (server_key or self.server.public).encode()
            made.curve_publickey, made.curve_secretkey = pair.public.encode(), pair.secret.encode()
        for name, value in options.items():
            setattr(made, name, value)
        if topic is not None:
            made.subscribe(topic)
        made.connect(where or self.tcp(to))
        self._sockets.append(made)
        return made

    def listen_as(self, name: str, to: str = "events", topic: bytes = b"") -> zmq.Socket[bytes]:
        return self.visit(self.pairs[name], to, zmq.SUB, topic)


def asked(socket: zmq.Socket[bytes], within_ms: int = 5000, **request: Any) -> dict[str, Any] | None:
    """The answer to a request on a socket of the test's own; None when none comes, or nobody lets it in."""
    if not socket.poll(within_ms, zmq.POLLOUT):
        return None
    socket.send(msgspec.json.encode(request), zmq.NOBLOCK)
    return received(socket, within_ms)


def received(socket: zmq.Socket[bytes], within_ms: int = 5000) -> dict[str, Any] | None:
    if not socket.poll(within_ms):
        return None
    answer: dict[str, Any] = msgspec.json.decode(socket.recv_multipart()[-1])
    return answer


def drained(socket: zmq.Socket[bytes]) -> int:
    """Takes everything that has come; how much."""
    count = 0
    while socket.poll(0):
        socket.recv_multipart()
        count += 1
    return count


def eventually(true: Callable[[], Any], within_s: float = 5.0) -> Any:
    """Waits until it is; the test fails when it never is."""
    until = time.monotonic() + within_s
    while not (is_so := true()):
        assert time.monotonic() < until, f"not within {within_s} s"
        time.sleep(0.02)
    return is_so
