"""Which boxes there are: one for each map file, and one for each port of a make that is known and that no map is about.

Maps are the files that are given; else `midi.toml` and every `midi/*.toml` of the configuration folder. A file that cannot be
used is told with its lines, and the others work.
"""

from __future__ import annotations

import itertools
import logging
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from masterd.control.midi.backend import Backend, plain
from masterd.control.midi.box import Box, stamp
from masterd.control.midi.connection import State, matching
from masterd.control.midi.layers import Layers
from masterd.control.midi.library import Library, library
from masterd.control.midi.mapfile import default_map, load, parse
from masterd.control.midi.mapping import MidiMap
from masterd.control.midi.refused import BadMap
from masterd.control.places import config_directory
from masterd.control.protocol import MidiBox

log = logging.getLogger(__name__)

REREAD_S = 0.5


def named(given: Path) -> Path:
    """A map file as given; a name alone, with or without .toml, is looked for in the configuration folder."""
    if given.exists() or given.parent != Path():
        return given
    folder = config_directory()
    names = (given.name, f"{given.name}.toml")
    found = (path for name in names for path in (folder / name, folder / "midi" / name) if path.is_file())
    return next(found, folder / given)


def map_files() -> list[Path]:
    """The maps of the configuration folder."""
    folder = config_directory()
    first = [folder / "midi.toml"] if (folder / "midi.toml").exists() else []
    return [*first, *sorted((folder / "midi").glob("*.toml"))]


def new_file(name: str) -> Path:
    """Where the map of a box goes that has none."""
    return config_directory() / "midi" / f"{slug(name)}.toml"


def slug(name: str) -> str:
    """A name for files and tables."""
    return re.sub(r"\W+", "_", name.lower()).strip("_") or "box"


class Boxes:
    """All of one process. One thread."""

    def __init__(self, given: Sequence[Path] = (), new: bool = False) -> None:
        """BadMap when files are given and none can be used; `new` files need not be there yet."""
        self.library: Library = library()
        for refused in self.library.refused:
            log.error("%s", refused)
        self._given = [named(path) for path in given]
        self._boxes: list[Box] = []
        self._refused: dict[Path, str] = {}
        self._stamps: dict[Path, object] = {}
        self._layers: dict[str, Layers] = {}
        self._taken: set[str] = set()
        self._numbers = itertools.count()
        self._read_s = float("-inf")
        self._load()
        if self._given and not self._boxes and not (new and not any(path.exists() for path in self._given)):
            raise BadMap(*first_refusal(self._given))

    def __iter__(self) -> Iterator[Box]:
        return iter(self._boxes)

    def reports(self) -> list[MidiBox]:
        """How they are, and the files that are no maps."""
        bad = [
            MidiBox(name=path.stem, port="", profile="", state=State.ABSENT, problem=why) for path, why in self._refused.items()
        ]
        return [*(box.report() for box in self._boxes), *bad]

    def reread(self, now_s: float, backend: Backend | None) -> None:
        """Takes in what was written into the maps, and new ones."""
        if now_s - self._read_s < REREAD_S:
            return
        self._read_s = now_s
        for box in self._boxes:
            box.reread()
        self._load(backend)

    def _load(self, backend: Backend | None = None) -> None:
        """A box for each file that has none yet."""
        known = {box.path for box in self._boxes}
        for path in self._given or map_files():
            if path in known or self._stamps.get(path, ...) == (now := stamp(path)):
                continue
            self._stamps[path] = now
            self._refused.pop(path, None)
            try:
                self._add(load(path, profiles=self.library), path, backend)
            except BadMap as error:
                self._refused[path] = str(error)
                log.error("%s", error)

    def _add(self, map: MidiMap, path: Path, backend: Backend | None) -> Box:
        box = Box(map, path, f"{os.getpid()}.{next(self._numbers)}", self._layers_of)
        self._boxes.append(box)
        if backend:
            box.attach(backend, self._taken)
        return box

    def _layers_of(self, group: str) -> Layers:
        return self._layers.setdefault(group, Layers())

    # ports

    def attach(self, backend: Backend) -> None:
        """Looks for all of them there."""
        for box in self._boxes:
            box.attach(backend, self._taken)

    def detach(self) -> None:
        """The MIDI system is gone."""
        for box in self._boxes:
            box.detach()
        self._taken.clear()

    def step(self, backend: Backend) -> None:
        """After the ports were looked at: boxes come and go, and makes that are known get a box of their own."""
        for box in self._boxes:
            box.step()
        for port in self.unmapped(backend) if not self._given else ():
            if profile := self.library.recognised(plain(port)):
                log.info("%s is a %s", port, profile.title)
                self._add(default_map(profile), new_file(profile.name), backend).step()

    def unmapped(self, backend: Backend) -> list[str]:
        """Ports that send and that no box has."""
        return matching("", backend.sources, self._taken | backend.young)

    def strangers(self, backend: Backend) -> list[Box]:
        """A box for each port that has none, to learn on: nothing is mapped, and it is kept when something was written."""
        if self._given and self._boxes:
            return []
        made = []
        for port in self.unmapped(backend):
            name = plain(port)
            map = parse(f"port = {toml_pattern(name)}", name=slug(name), profiles=self.library)
            made.append(self._add(map, self._given[0] if self._given else new_file(map.name), backend))
        for box in made:
            box.step()
        return made

    def meant(self, wanted: str) -> dict[str, Box]:
        """The boxes, by name, that somebody means who asks for a name or a pattern of ports: of those that are there."""
        return {box.name: box for box in self._boxes if box.state is State.READY and (not wanted or box.is_meant(wanted))}

    def forget(self, boxes: Sequence[Box]) -> None:
        """Lets go of boxes that nothing was written for."""
        for box in boxes:
            if not box.path.exists():
                box.detach()
                self._boxes.remove(box)


def toml_pattern(name: str) -> str:
    """A regular expression for a port of exactly that name, as TOML."""
    return "'" + "^" + re.escape(name).replace("'", ".") + "$" + "'"


def first_refusal(paths: Sequence[Path]) -> tuple[str, list[str]]:
    """Why the first of these files is no map."""
    for path in paths:
        try:
            load(path)
        except BadMap as error:
            return error.path, error.problems
    return "", []
