"""A box that comes and goes: found by its name, opened, lost, found again.

    absent --its port appears--> opening --opened--> ready --its port disappears--> lost --> absent
                                    \\--it went again--> absent

Nobody reports that a box is unplugged or that its port has another number now: its name is looked for in the list of ports. Boxes
that send and receive have two ports, often of one name. One without a port that receives shows nothing. Several boxes of one name
are told apart by taking the next free port of that name; which of them is which is the system's order.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable

from masterd.control.midi.backend import Backend, NoMidi, Sink, Source, number, plain


class State(enum.StrEnum):
    """Where the connection is; OPENING, READY and LOST are entered once for each time the box comes."""

    ABSENT = "absent"
    OPENING = "opening"
    READY = "ready"
    LOST = "lost"


def matching(pattern: str, ports: Iterable[str], besides: Iterable[str] = ()) -> list[str]:
    """The ports whose names, without ALSA's numbers, hold the regular expression, but for those `besides`. An empty one takes any
    port but the kernel's own loop."""
    taken = {*besides}
    named = [port for port in ports if port not in taken and (pattern or not port.startswith("Midi Through"))]
    return [port for port in named if re.search(pattern, plain(port), re.IGNORECASE)]


def partner(source: str, sinks: list[str]) -> str | None:
    """Which of these ports receives for the box that sends on `source`: the one of its ALSA client or of its full name, if there
    is one, else the first."""
    own = [port for port in sinks if port == source or (number(source) and number(port) == number(source))]
    return next(iter([*own, *sinks]), None)


class Connection:
    """One box on a backend; `taken` are the ports that other boxes of this process have, and this one's. One thread."""

    def __init__(self, backend: Backend, pattern: str, taken: set[str] | None = None) -> None:
        self.state = State.ABSENT
        self.port = ""
        self.showing_port = ""
        self.pattern = pattern
        self._backend = backend
        self._taken = taken if taken is not None else set()
        self._mine: set[str] = set()
        self._source: Source | None = None
        self._sink: Sink | None = None

    def step(self) -> bool:
        """Goes on after `Backend.look`; True when `state` is another than before, or a port to show things on came."""
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
                self._look()
        return (self.state, self.showing_port) != before

    def look_for(self, pattern: str) -> None:
        """Another pattern counts; a box that it does not fit is let go."""
        self.pattern = pattern
        if self.state is not State.ABSENT and not matching(pattern, [self.port]):
            self.close()

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
        self._backend.drop(self._source, self._sink)
        self._taken -= self._mine
        self._mine.clear()
        self._source = self._sink = None
        self.showing_port = ""
        self.state = State.ABSENT

    def _look(self) -> None:
        if ports := matching(self.pattern, self._backend.sources, self._taken | self._backend.young):
            self.port, self.state = ports[0], State.OPENING
            self._take(self.port)
            self._open()

    def _take(self, port: str) -> None:
        self._mine.add(port)
        self._taken.add(port)

    def _open(self) -> None:
        try:
            self._source = self._backend.open_source(self.port)
        except NoMidi:
            self.close()
            return
        self.state = State.READY
        self._check()

    def _check(self) -> None:
        if self.port not in self._backend.sources:
            self.close()
            self.state = State.LOST
            return
        if self._sink and self.showing_port not in self._backend.sinks:
            self._backend.drop(self._sink)
            self._taken.discard(as_sink(self.showing_port))
            self._sink, self.showing_port = None, ""
        if self._sink is None:
            self._open_sink()

    def _open_sink(self) -> None:
        fitting = matching(self.pattern, self._backend.sinks, self._backend.young)
        free = [port for port in fitting if as_sink(port) not in self._taken]
        port = partner(self.port, free)
        try:
            self._sink = self._backend.open_sink(port) if port else None
        except NoMidi:
            return
        if port:
            self.showing_port = port
            self._take(as_sink(port))


def as_sink(port: str) -> str:
    """How a port that receives is told from one of the same name that sends."""
    return f"> {port}"
