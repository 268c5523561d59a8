"""The sockets on the network: bound by CURVE with the daemon's key, or not at all, and sound goes on either way.

ctl, events and meters are on three ports in a row. An address that is not there yet (a tunnel comes up after the daemon) or a
port that somebody has is an alarm, and is tried again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import zmq

from masterd.control import keys, trust
from masterd.control.errors import MasterdError
from masterd.control.keys import KeyRefused, Pair
from masterd.daemon.network_tables import NetworkTable
from masterd.daemon.sockets import Sockets
from masterd.daemon.zap import NETWORK_DOMAIN

PORTS = {"ctl": 0, "events": 1, "meters": 2}
"""Each socket's, counted from the configured one."""
TRIED_EVERY_S = 2.0
OPTIONS: dict[int, int | bytes] = {
    zmq.CURVE_SERVER: 1,
    zmq.ZAP_DOMAIN: NETWORK_DOMAIN,
    zmq.HANDSHAKE_IVL: 2000,
    zmq.HEARTBEAT_IVL: 2000,
    zmq.HEARTBEAT_TIMEOUT: 6000,
    zmq.HEARTBEAT_TTL: 6000,
    zmq.TCP_KEEPALIVE: 1,
    zmq.TCP_KEEPALIVE_IDLE: 20,
    zmq.TCP_KEEPALIVE_INTVL: 5,
    zmq.TCP_KEEPALIVE_CNT: 4,
    zmq.BACKLOG: 64,
}
"""Milliseconds and seconds as libzmq has them: a peer that is silent for six seconds is gone, a handshake takes two at most."""

log = logging.getLogger(__name__)


class NotSecured(MasterdError):
    """The network is switched on and cannot be made safe; nothing starts."""

    code = "not_secured"


def server_pair() -> Pair:
    """The daemon's pair, once there is also somebody who may connect. NotSecured says what to do. A list from which the last
    client was taken is good: a daemon must come back on air after a restart that nobody foresaw."""
    try:
        pair = keys.load_pair(keys.secret_path(), group_may_read=True)
    except KeyRefused as reason:
        raise NotSecured(f"network.on: the daemon has no key of its own: {reason}; `masterctl keys server` makes one") from None
    if not trust.path().exists():
        raise NotSecured(
            f"network.on: there is no {trust.path()}, so nobody is trusted; "
            "`masterctl keys new NAME --role operator` makes a client"
        )
    return pair


def address(config: NetworkTable, name: str) -> str:
    """ZeroMQ address of a socket."""
    host = f"[{config.address}]" if ":" in config.address else config.address
    return f"tcp://{host}:{config.port + PORTS[name]}"


class Network:
    """Binds the sockets of a daemon on the network. `report` hears why that fails, or None. Control thread."""

    def __init__(self, sockets: Sockets, config: NetworkTable, pair: Pair, report: Callable[[str | None], object]) -> None:
        self.sockets, self.config, self.pair, self.report = sockets, config, pair, report
        for socket in sockets.all.values():
            for option, value in OPTIONS.items():
                socket.set(option, value)
            socket.curve_secretkey = pair.secret.encode()
            socket.ipv6 = ":" in config.address

    async def keep(self) -> None:
        """Until bound."""
        while not self.bind():
            await asyncio.sleep(TRIED_EVERY_S)

    def bind(self) -> bool:
        """All three or none."""
        bound: list[tuple[zmq.Socket[bytes], str]] = []
        for name, socket in self.sockets.all.items():
            there = address(self.config, name)
            try:
                socket.bind(there)
            except zmq.ZMQError as reason:
                for made, where in bound:
                    made.unbind(where)
                self.report(f"{there}: {reason}; it is tried again every {TRIED_EVERY_S:g} s")
                return False
            bound.append((socket, there))
        self.report(None)
        log.info("on the network at %s, key %s", address(self.config, "ctl"), keys.fingerprint(self.pair.public))
        return True
