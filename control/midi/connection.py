"""A box that comes and goes: found by its name, opened, lost, found again.

    absent --its port appears--> opening --opened--> ready --its port disappears--> lost --> absent
                                    \\--it went again--> absent

Boxes that send and receive have two ports, often of one name. One without a port that receives shows nothing.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable

from masterd.control.midi.backend import Backend, NoMidi, Sink, Source, plain

PROBE_S = 0.5


class State(enum.StrEnum):
    """Where the connection is; OPENING, READY and LOST are entered once for each time the box comes."""

    ABSENT = "absent"
    OPENING = "opening"
    READY = "ready"
    LOST = "lost"


def matching(pattern: str, ports: Iterable[str]) -> str | None:
    """The first port whose name, without ALSA's numbers, holds the regular expression. An empty one takes any port but the
    kernel's own loop."""
    named = (port for port in ports if pattern or not port.startswith("Midi Through"))
    return next((port for port in named if re.search(pattern, plain(port), re.IGNORECASE)), None)


class Connection:
    """One box on a backend. One thread."""

    def __init__(self, backend: Backend, pattern: str) -> None:
        self.state = State.ABSENT
        self.port = ""
        self.showing_port = ""
        self._backend = backend
        self._pattern = pattern
        self._source: Source | None = None
        self._sink: Sink | None = None
        self._probed_s = float("-inf")

    def step(self, now_s: float) -> bool:
        """Looks for the box every PROBE_S; True when `state` is another than before, or a port to show things on came."""
        if now_s - self._probed_s < PROBE_S:
            return False
        self._probed_s = now_s
        before = (self.state, self.showing_port)
        match self.state:
            case State.ABSENT:
                self._look()
            case State.OPENING:
                self._open()
            case State.READY:
                self._check()
            case State.LOST:
                self.state = State.ABSENT
        return (self.state, self.showing_port) != before

    def messages(self) -> Iterable[list[int]]:
        """What the box has sent."""
        return self._source.messages() if self._source else ()

    def send(self, messages: Iterable[bytes]) -> None:
        """Shows something on the box."""
        for message in messages:
            if self._sink:
                self._sink.send(message)

    def close(self) -> None:
        """Lets the box go."""
        for end in (self._source, self._sink):
            if end:
                end.close()
        self._source = self._sink = None
        self.showing_port = ""
        self.state = State.ABSENT

    def _look(self) -> None:
        port = matching(self._pattern, self._backend.sources())
        if port is not None:
            self.port, self.state = port, State.OPENING
            self._open()

    def _open(self) -> None:
        try:
            self._source = self._backend.open_source(self.port)
        except NoMidi:
            self.close()
            return
        self.state = State.READY
        self._check()

    def _check(self) -> None:
        if self.port not in self._backend.sources():
            self.close()
            self.state = State.LOST
            return
        sinks = self._backend.sinks()
        if self._sink and self.showing_port not in sinks:
            self._sink.close()
            self._sink, self.showing_port = None, ""
        if self._sink is None and (port := matching(self._pattern, sinks)) is not None:
            self._open_sink(port)

    def _open_sink(self, port: str) -> None:
        try:
            self._sink = self._backend.open_sink(port)
        except NoMidi:
            return
        self.showing_port = port
