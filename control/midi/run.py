"""Runs one box against one daemon until told to stop: both may come and go at any time.

One thread and one loop, a round each millisecond: messages in, what the daemon tells, requests, lights.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable

import msgspec

from masterd.control.address import Address
from masterd.control.client import Client
from masterd.control.errors import MasterdError, Refused, Unreachable
from masterd.control.follow import Follower
from masterd.control.midi.backend import Backend, NoMidi
from masterd.control.midi.connection import Connection, State
from masterd.control.midi.mapping import MidiMap
from masterd.control.midi.surface import Surface
from masterd.control.protocol import Adjust, Changed, Request, Set, StateSnapshot

ROUND_S = 0.001
RETRY_S = 1.0

log = logging.getLogger(__name__)


class Run:
    """A box, a daemon, and what is between them."""

    def __init__(self, map: MidiMap, where: Address | str, timeout_s: float = 2.0) -> None:
        self.origin = f"midi {map.name[:30]} {os.getpid()}"
        self.surface = Surface(map, self.origin)
        self.client = Client(where, timeout_s, self.origin)
        self._map = map
        self._follower: Follower = self.client.follower()
        self._backend: Backend | None = None
        self._connection: Connection | None = None
        self._next_daemon_s = self._next_backend_s = 0.0
        self._complaint = ""

    def until(self, is_over: Callable[[], bool]) -> None:
        """Turns round and round."""
        try:
            while not is_over():
                self.round(time.monotonic())
                time.sleep(ROUND_S)
        finally:
            self.close()

    def round(self, now_s: float) -> None:
        """One round; never waits for the box, and for the daemon only while it answers."""
        self._box(now_s)
        self._daemon(now_s)
        if self._connection:
            self._connection.send(self.surface.feedback.messages(now_s))

    def close(self) -> None:
        """Lets go of both."""
        self._drop_backend()
        self._follower.close()
        self.client.close()

    # the box

    def _box(self, now_s: float) -> None:
        connection = self._connection or self._connect(now_s)
        if connection is None:
            return
        if self._backend and not self._backend.is_alive(now_s):
            log.error("the MIDI system %s has died; trying to reach it again", self._backend.name)
            self._drop_backend()
            return
        if connection.step(now_s):
            self._box_changed(connection)
        for message in connection.messages():
            self.surface.hear(message, now_s)

    def _connect(self, now_s: float) -> Connection | None:
        if now_s < self._next_backend_s:
            return None
        self._next_backend_s = now_s + RETRY_S
        try:
            self._backend = Backend()
        except NoMidi as error:
            self._complain(error)
            return None
        log.info("MIDI through %s; waiting for a port like %r", self._backend.name, self._map.port)
        self._connection = Connection(self._backend, self._map.port)
        return self._connection

    def _drop_backend(self) -> None:
        if self._connection:
            self._connection.close()
        if self._backend:
            self._backend.close()
        self._connection = self._backend = None

    def _box_changed(self, connection: Connection) -> None:
        log.info("MIDI box %s: %s", connection.port, connection.state)
        if connection.state is State.READY:
            connection.send(self._map.profile.init)
            self.surface.came()

    # the daemon

    def _daemon(self, now_s: float) -> None:
        if now_s < self._next_daemon_s:
            return
        try:
            self._listen()
            for request in self.surface.requests(now_s):
                self._ask(request)
        except Unreachable as error:
            self._complain(error)
            self._follower.close()
            self.surface.lost()
            self._next_daemon_s = now_s + RETRY_S

    def _listen(self) -> None:
        while (item := self._follower.poll()) is not None:
            if isinstance(item, StateSnapshot):
                log.info("following the daemon %s at revision %d", self.client.name, item.revision)
                self._complaint = ""
                self.surface.follow(item)
            elif isinstance(item, Changed):
                self.surface.changed(item)

    def _ask(self, request: Request) -> None:
        try:
            self.client.request(request)
        except Refused as error:
            log.warning("refused: %s", error)
            self.surface.refused()
            for part in parts(request):
                self._ask(part)

    def _complain(self, error: MasterdError) -> None:
        if str(error) != self._complaint:
            log.error("%s", error)
        self._complaint = str(error)


def parts(request: Request) -> list[Set | Adjust]:
    """A request of several values that was refused, value by value: one wrong one must not stop the others."""
    if not isinstance(request, Set | Adjust) or len(request.values) < 2:
        return []
    return [msgspec.structs.replace(request, values={id: value}) for id, value in request.values.items()]
