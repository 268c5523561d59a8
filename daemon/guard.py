"""Watches over who reaches the daemon: what the parts of that notice becomes alarms, entries of the audit log, and ended
connections."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from masterd.control import keys, places, trust
from masterd.daemon.config import Config
from masterd.daemon.desk import Desk
from masterd.daemon.local_roles import LocalRoles
from masterd.daemon.network_tables import NO_ROLE
from masterd.daemon.peers import KEY, Peers
from masterd.daemon.sockets import Sockets
from masterd.daemon.trusted import Clients, Trusted

QUIET_S = 60.0
"""After so long without another one, strangers are forgotten."""
WRITTEN_EVERY_S = 10.0

log = logging.getLogger(__name__)


def peers_of(config: Config) -> Peers:
    """Who a daemon takes people for: the keys of its list, and users of this machine by its configuration."""
    socket = Path(places.endpoint(config.daemon.name, "ctl").removeprefix("ipc://"))
    group, others = (None if it == NO_ROLE else trust.role_named(it) for it in (config.access.group, config.access.others))
    return Peers(Trusted(trust.path()), LocalRoles(socket, group, others))


class Guard:
    """Ties peers and sockets to a desk. Control thread."""

    def __init__(self, desk: Desk, sockets: Sockets, peers: Peers, clock: Callable[[], float] = time.monotonic) -> None:
        self.desk, self.sockets, self.peers, self.clock = desk, sockets, peers, clock
        self._strangers = 0
        self._stranger_s = self._written_s = self._full_s = -QUIET_S
        desk.connections = lambda: (sockets.connections.count, sum(it.refused for it in sockets.every_connections))
        sockets.zap.refused = self.stranger
        peers.trusted.report = lambda problem: desk.health.set("clients_refused", problem)
        peers.trusted.changed = self.trust_changed
        for connections in sockets.every_connections:
            connections.full = self.full

    def tick(self) -> None:
        """Ten times a second: keys that were taken back, time that ran out."""
        self.peers.trusted.now()
        self.sockets.watch()
        self.desk.trials.expire()
        self.desk.hands_off.expire()

    def second(self) -> None:
        """Once a second: the authenticator, and alarms that are over."""
        alive = self.sockets.zap.probe()
        dead = "the authenticator does not answer: nobody can connect, and clients that are connected go on"
        self.desk.health.set("authenticator_down", None if alive else dead)
        if self.clock() - self._stranger_s > QUIET_S:
            self.desk.health.set("stranger_refused", None)
        if self.clock() - self._full_s > QUIET_S:
            self.desk.health.set("connections_full", None)

    def trust_changed(self, before: Clients, now: Clients) -> None:
        """Ends the connections of keys that are not trusted any more, and writes down who came and went."""
        gone = {f"{KEY}:{key}" for key in before if key not in now}
        ended = sum(it.cut(gone.__contains__) for it in self.sockets.every_connections) if gone else 0
        roles = {it.name: str(it.role) for key, it in now.items() if before.get(key) != it}
        revoked = [before[key].name for key in before if key not in now]
        log.info("clients: now trusted %s; revoked %s, %d connections ended", roles or "nobody new", revoked or "nobody", ended)
        self.desk.write_down("keys", details={"trusted": roles, "revoked": revoked, "connections_ended": ended})

    def stranger(self, user_id: str, address: str) -> None:
        """Somebody was not let in: an alarm until it is quiet, and now and then an entry, so that they cannot fill the log."""
        self._strangers += 1
        self._stranger_s = now_s = self.clock()
        if "stranger_refused" not in self.desk.health.alarms:
            self.desk.health.set(
                "stranger_refused", f"somebody who is not trusted wanted to connect, from {address}, and was refused"
            )
        if now_s - self._written_s >= WRITTEN_EVERY_S:
            key = user_id.removeprefix(f"{KEY}:") if user_id.startswith(KEY) else ""
            details = {"address": address, "fingerprint": keys.fingerprint(key) if key else ""}
            self.desk.write_down("connect", code="not_trusted", count=self._strangers, details=details)
            self._strangers, self._written_s = 0, now_s

    def full(self, why: str) -> None:
        """Too many connections: an alarm until it is quiet."""
        self._full_s = self.clock()
        if "connections_full" not in self.desk.health.alarms:
            self.desk.health.set("connections_full", why)
