"""Keeps the ports of a JACK client connected: to what is configured, and to what somebody connected before the server was lost.

A connection whose other end has gone away is made again when it returns. One that somebody takes apart stays apart; one to a
port that is to be shunned is taken apart.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from masterd.daemon.hosts.libjack import AUDIO_TYPE, PORT_IS_INPUT, PORT_IS_OUTPUT, names

if TYPE_CHECKING:
    from masterd.daemon.hosts.jack import JackOptions

EVERY_S, FIRST_ROUNDS_EVERY_S = 0.1, 0.01
FIRST_ROUNDS = 3  # a pattern is believed in the second
INPUTS, OUTPUTS = ("in_1", "in_2"), ("out_1", "out_2")


class Patchbay:
    """A thread of its own, because a stalled server keeps whoever asks it waiting."""

    def __init__(self, jack: ctypes.CDLL, client: int, options: JackOptions, lost: Callable[[], bool]) -> None:
        self.jack, self.client, self.options, self.lost = jack, client, options, lost
        self.client_name = jack.jack_get_client_name(client).decode()
        self.wanted = {port: set(options.wanted.get(port, ())) for port in (*INPUTS, *OUTPUTS)}
        self.made: dict[str, set[str]] = {port: set() for port in self.wanted}
        self.seen: dict[str, list[str]] = {}
        self.found: set[str] = set()
        self.rounds = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jack-patchbay", daemon=True)
        self._thread.start()

    @property
    def settled(self) -> bool:
        """Whether whatever was there at the beginning is connected. Any thread."""
        return self.rounds >= FIRST_ROUNDS

    def end(self) -> None:
        """Returns when the thread has left libjack: with a stalled server that may be never."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.is_set() and not self.lost():
            self._look_for(self.options.capture, PORT_IS_OUTPUT, INPUTS)
            self._look_for(self.options.playback, PORT_IS_INPUT, OUTPUTS)
            for port in self.wanted:
                self._tend(port)
            self.rounds += 1
            self._end.wait(EVERY_S if self.settled else FIRST_ROUNDS_EVERY_S)

    def _look_for(self, pattern: str, flag: int, ours: tuple[str, str]) -> None:
        """A configured pattern, once it matches the same ports twice, turns into wanted connections; mono goes to both sides."""
        if not pattern or pattern in self.found:
            return
        found = names(self.jack, self.jack.jack_get_ports(self.client, pattern.encode(), AUDIO_TYPE, flag))
        found = [name for name in found if not name.startswith(f"{self.client_name}:")]
        if found and found == self.seen.get(pattern):  # not while the other client is still making its ports
            self.found.add(pattern)
            self.wanted[ours[0]].add(found[0])
            self.wanted[ours[1]].add(found[min(1, len(found) - 1)])
        self.seen[pattern] = found

    def _tend(self, port: str) -> None:
        here = self._without_shunned(port, self._connections(port))
        if self.lost():
            return  # what a dying server says about its connections is not what the user wanted
        for other in self.made[port] - here:
            self.made[port].discard(other)
            if self._exists(other):
                self.wanted[port].discard(other)
        self.wanted[port] |= here
        self.made[port] |= here
        for other in self.wanted[port] - here:
            if self._exists(other) and not self._is_shunned(port, other) and self._connect(port, other):
                self.made[port].add(other)
        self.options.wanted[port] = set(self.wanted[port])

    def _without_shunned(self, port: str, here: set[str]) -> set[str]:
        shunned = {other for other in here if self._is_shunned(port, other)}
        for other in shunned:
            self.jack.jack_disconnect(self.client, self._full(port), other.encode())
        self.wanted[port] -= shunned
        return here - shunned

    def _is_shunned(self, port: str, other: str) -> bool:
        if not self.options.shun or port in INPUTS:
            return False
        shunned = f"{self.options.shun}:"
        return other.startswith(shunned) or any(it.startswith(shunned) for it in self._connections_of(other.encode()))

    def _connections(self, port: str) -> set[str]:
        return self._connections_of(self._full(port))

    def _connections_of(self, name: bytes) -> set[str]:
        handle = self.jack.jack_port_by_name(self.client, name)
        return set(names(self.jack, self.jack.jack_port_get_all_connections(self.client, handle))) if handle else set()

    def _exists(self, other: str) -> bool:
        return bool(self.jack.jack_port_by_name(self.client, other.encode()))

    def _connect(self, port: str, other: str) -> bool:
        ends = (other.encode(), self._full(port)) if port in INPUTS else (self._full(port), other.encode())
        return bool(self.jack.jack_connect(self.client, *ends) == 0)

    def _full(self, port: str) -> bytes:
        return f"{self.client_name}:{port}".encode()
