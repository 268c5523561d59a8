"""A real daemon on the network of this machine alone: its key, a client for each role, and sockets of any kind of visitor."""

from __future__ import annotations

import datetime
import os
import random
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import zmq

from instruments.daemon import Daemon
from masterd.control import keys, trust
from masterd.control.keys import Pair
from masterd.control.protocol.roles import Role

PORTS = {"ctl": 0, "events": 1, "meters": 2}


def free_ports() -> int:
    """The first of three free ports in a row."""
    chance = random.Random(os.urandom(8))
    while True:
        port = chance.randrange(20000, 32000)
        try:
            for at in range(3):
                with socket.socket() as it:
                    it.bind(("127.0.0.1", port + at))
            return port
        except OSError:
            continue


class NetworkDaemon(Daemon):
    """A Daemon with [network] on, and a client for each role, by its name; more can be trusted and revoked while it runs. In a
    folder that was another's it has keys and clients of its own."""

    def __init__(self, config: str = "", network: str = "", folder: Path | None = None, **others: Any) -> None:
        self.port = free_ports()
        super().__init__(config=f"{config}\n[network]\non = true\nport = {self.port}\n{network}\n", folder=folder, **others)
        self.trust_file = self.folder / "config" / "clients.toml"
        self.server = keys.new_pair()
        (self.folder / "config" / "keys").mkdir(exist_ok=True)
        self.secret_file = self.folder / "config" / "keys" / "server.key_secret"
        keys.write_pair(self.secret_file, self.server)
        self.trust_file.unlink(missing_ok=True)
        self.pairs: dict[str, Pair] = {}
        for role in Role:
            self.trust(str(role), role)

    def trust(self, name: str, role: Role) -> Pair:
        pair = self.pairs[name] = keys.new_pair()
        trust.trust(self.trust_file, trust.TrustedClient(name, pair.public, role, datetime.date(2026, 3, 14)))
        return pair

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
