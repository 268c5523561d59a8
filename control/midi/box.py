"""One box: its map file, read again whenever it changes, its connection, and the surface between them."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from masterd.control.midi.backend import Backend, plain
from masterd.control.midi.connection import Connection, State
from masterd.control.midi.layers import Layers
from masterd.control.midi.learn import Learned
from masterd.control.midi.mapfile import load
from masterd.control.midi.mapping import MidiMap
from masterd.control.midi.mapwrite import Edit, bind, learned_table
from masterd.control.midi.messages import Moved
from masterd.control.midi.refused import BadMap
from masterd.control.midi.sieve import Sieve
from masterd.control.midi.surface import Surface
from masterd.control.midi.words import does
from masterd.control.parameters import Parameter
from masterd.control.protocol import MidiBox, MidiMove

log = logging.getLogger(__name__)

Watcher = Callable[[MidiMove], None]
LayersOf = Callable[[str], Layers]
"""The pages and banks that boxes of a group turn together."""


class Box:
    """A box that is there or may come. `path` is its map's file, which need not exist yet; `map` what it works by. One thread."""

    def __init__(self, map: MidiMap, path: Path, number: str, layers_of: LayersOf) -> None:
        self.path = path
        self.problem = ""
        self.connection: Connection | None = None
        self.is_pupil = False
        """Somebody learns on it: what comes from it turns nothing."""
        self._watcher: Watcher | None = None
        self._bytes: Sequence[int] = ()
        self._number = number
        self._layers_of = layers_of
        self._stamp = stamp(path)
        self._take(map)

    def _take(self, map: MidiMap) -> None:
        self.map = map
        self.surface = Surface(map, f"midi {map.name[:30]} {self._number}", self._layers_of(map.group or map.name))
        self._sieve = Sieve(map)
        self.watch(self._watcher)

    @property
    def name(self) -> str:
        """Its map's."""
        return self.map.name

    @property
    def port(self) -> str:
        """The system's name for it, empty before it was there."""
        return self.connection.port if self.connection else ""

    @property
    def is_blank(self) -> bool:
        """Whether it knows nothing of the daemon yet."""
        return not self.surface.wishes.values

    @property
    def state(self) -> State:
        """Where its connection is."""
        return self.connection.state if self.connection else State.ABSENT

    def is_meant(self, wanted: str) -> bool:
        """Whether somebody who asks for `wanted` means this box."""
        with contextlib.suppress(re.error):
            return self.name == wanted or bool(re.search(wanted, plain(self.port), re.IGNORECASE))
        return False

    # its port

    def attach(self, backend: Backend, taken: set[str]) -> None:
        """Looks for its port there from now on."""
        self.connection = Connection(backend, self.map.port, taken)

    def detach(self) -> None:
        """The MIDI system is gone."""
        if self.connection:
            self.connection.close()
            self.connection = None
            self.surface.gone()

    def step(self) -> bool:
        """After the ports were looked at; whether the box came or went."""
        if self.connection is None or not self.connection.step():
            return False
        log.info("MIDI box %s: %s", self.connection.port, self.connection.state)
        if self.connection.state is State.READY:
            self.surface.came()
        elif self.connection.state is State.LOST:
            self.surface.gone()
        return True

    def arrived(self) -> Sequence[Sequence[int]]:
        """All that it has sent."""
        return [*self.connection.messages()] if self.connection else ()

    def hear(self, now_s: float) -> None:
        """Takes what it has sent, the newest of a flood."""
        if self.is_pupil:
            self.is_pupil = False
            self.surface.missed()
        for message in self._sieve(self.arrived()):
            self._bytes = message
            self.surface.hear(message, now_s)

    def watch(self, watcher: Watcher | None) -> None:
        """Tells somebody of every move, or nobody any more."""
        self._watcher = watcher
        self.surface.witness = self._told if watcher else None

    def _told(self, move: Moved, did: str) -> None:
        if self._watcher:
            self._watcher(MidiMove(self.name, hexadecimal(self._bytes), str(move.control), move.value, did))

    def show(self, now_s: float) -> None:
        """Sends what it should show."""
        if self.connection:
            self.connection.send(self.surface.messages(now_s))

    def report(self) -> MidiBox:
        """How it is, for everybody."""
        return MidiBox(
            name=self.name,
            port=self.port or self.map.port,
            profile=self.map.profile.name,
            state=str(self.state),
            problem=self.problem or self.surface.driver.problem,
            turns={name: does(binding) for name, binding in self.surface.active.items()},
            waiting=self.surface.waiting(),
        )

    # its map

    def reread(self) -> None:
        """Takes the map file anew when it is another than before; a bad one is a problem, and the map before stays."""
        if (now := stamp(self.path)) == self._stamp:
            return
        self._stamp = now
        try:
            fresh = load(self.path) if now else None
        except BadMap as error:
            self.problem = str(error)
            log.error("%s", error)
            return
        self.problem = "" if fresh else f"{self.path} is gone; the map it held still counts"
        if fresh:
            self._change(fresh)

    def _change(self, map: MidiMap) -> None:
        """Works by another map from now on: nobody knows where the knobs stand for it."""
        self.surface.gone()
        self._take(map)
        if self.connection:
            self.connection.look_for(map.port)
        if self.state is State.READY:
            self.surface.came()
        log.info("the map %s counts now", self.path)

    # learning

    def _edit(self, learned: Learned, target: Parameter, allow_unsafe: bool) -> Edit:
        table = learned_table(learned, target, allow_unsafe, self.map)
        return bind(self.path, self.map, learned.control, table, plain(self.port))

    def replaces(self, learned: Learned, target: Parameter) -> list[str]:
        """What the control does now and would not do any more."""
        return self._edit(learned, target, allow_unsafe=True).gone

    def write(self, learned: Learned, target: Parameter, allow_unsafe: bool) -> None:
        """Binds the control to the parameter in the map file, and works by it at once. BadMap, MapNotWritten."""
        self._edit(learned, target, allow_unsafe).write()
        self.reread()


def hexadecimal(message: Iterable[int]) -> str:
    """`B0 07 40`."""
    return " ".join(f"{byte:02X}" for byte in message)


def stamp(path: Path) -> tuple[int, int, int] | None:
    """Tells a file from what it was before; None when there is none."""
    try:
        it = path.stat()
    except OSError:
        return None
    return it.st_mtime_ns, it.st_size, it.st_ino
