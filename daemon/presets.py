"""Presets: factory ones, which come with the package and never change, and the user's, one TOML file each.

    description = "What it is for"
    [values]
    eq.1.on = true
    eq.1.gain_db = 1.5
    [macro.less_more]
    eq.1.gain_db = [[0, 0], [50, 1.5], [100, 3]]

What a preset does not name is flat. A file with anything wrong in it is reported and skipped; the others load.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from masterd.control import places
from masterd.control.errors import BadRequest, ImmutablePreset, MasterdError, Refused, UnknownPreset
from masterd.control.files import sync_folder, write_atomically
from masterd.control.parameters import Value
from masterd.daemon.macros import Macros, checked_macros
from masterd.daemon.state import checked, complete

FACTORY_FOLDER = Path(__file__).parent / "factory"
FACTORY = (
    "flat", "speech", "music", "broadcast", "streaming",
    "news", "talk_music", "pop_rock", "classical", "jazz", "urban", "am", "podcast",
    "r128", "atsc", "streaming_14", "streaming_16",
)  # fmt: skip
NAME = re.compile(r"\w(?:[\w .+-]{0,62}[\w+-])?")
NAME_BYTES = 200
FILE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Preset:
    """A complete set of values under a name."""

    name: str
    description: str
    values: Mapping[str, Value]
    factory: bool = False
    macros: Macros = field(default_factory=dict)


class BrokenPreset(MasterdError):
    """The file is not a preset; the text says why."""

    code = "broken_preset"


class Presets:
    """The factory presets and those in `folder`, read once and on `rescan`. Reading and writing wait for the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.factory = {name: read(FACTORY_FOLDER / f"{name}.toml", factory=True) for name in FACTORY}
        self.user: dict[str, Preset] = {}
        self.broken: dict[str, str] = {}
        """Why a file was skipped, by preset name."""
        self.rescan()

    def rescan(self) -> None:
        """Reads the folder anew."""
        user: dict[str, Preset] = {}
        broken: dict[str, str] = {}
        for path in sorted(self.folder.glob("*.toml")) if self.folder.is_dir() else ():
            try:
                user[checked_name(path.stem)] = read(path)
            except (MasterdError, OSError) as reason:
                broken[path.stem] = f"{path}: {reason}"
        self.user, self.broken = user, broken

    def names(self) -> list[str]:
        """Factory names first, in their order, then the user's by alphabet."""
        return [*self.factory, *sorted(self.user)]

    def load(self, name: str) -> Preset:
        """The preset of that name, or UnknownPreset."""
        if found := self.factory.get(name) or self.user.get(name):
            return found
        if why := self.broken.get(name):
            raise UnknownPreset(f"preset {name!r} is broken: {why}")
        raise UnknownPreset(f"no preset {name[:80]!r}; there are {', '.join(self.names())}")

    def save(self, name: str, values: Mapping[str, Value], description: str = "", macros: Macros | None = None) -> str:
        """Keeps `values` on the disk and returns the name as kept. BadRequest, ImmutablePreset, OSError: nothing was changed."""
        name = checked_name(name)
        preset = Preset(name, description, complete(checked(values)), macros=macros or {})
        write_atomically(self.path(name), text(preset).encode())
        self.user[name] = preset
        self.broken.pop(name, None)
        return name

    def delete(self, name: str) -> None:
        """Removes a user preset. UnknownPreset, ImmutablePreset, OSError: nothing was changed."""
        if name not in self.broken:
            name = checked_name(name)
            if name not in self.user:
                self.load(name)
        self.path(name).unlink(missing_ok=True)
        sync_folder(self.folder)
        self.user.pop(name, None)
        self.broken.pop(name, None)

    def path(self, name: str) -> Path:
        """Where the user preset of a checked name lives."""
        return self.folder / f"{name}.toml"


def checked_name(name: str) -> str:
    """`name` in composed Unicode when it may be a user preset's: letters, digits, space and _ . + - inside. Never a path."""
    name = unicodedata.normalize("NFC", name)
    if not NAME.fullmatch(name) or len(name.encode()) > NAME_BYTES:
        raise BadRequest(
            f"{name[:80]!r} is not a preset name: up to 64 letters, digits, spaces and _ . + -, starting with a letter or digit"
        )
    if name.casefold() in FACTORY:
        raise ImmutablePreset(f"{name!r} is a factory preset; save under another name")
    return name


def read(path: Path, factory: bool = False) -> Preset:
    """The preset in a file, or BrokenPreset, or OSError."""
    with path.open("rb") as file:
        content = file.read(FILE_BYTES + 1)
    if len(content) > FILE_BYTES:
        raise BrokenPreset(f"longer than {FILE_BYTES} bytes")
    try:
        return parsed(path.stem, content.decode(), factory)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as reason:
        raise BrokenPreset(f"not TOML: {reason}") from None
    except Refused as reason:
        raise BrokenPreset(str(reason)) from None


def parsed(name: str, toml: str, factory: bool = False) -> Preset:
    """The preset in a text. BrokenPreset, Refused, tomllib.TOMLDecodeError."""
    document = tomllib.loads(toml)
    description, values, macros = document.pop("description", ""), document.pop("values", {}), document.pop("macro", {})
    if document:
        raise BrokenPreset(f"unknown: {', '.join(map(repr, document))}; a preset holds description, [values] and [macro.NAME]")
    if not isinstance(description, str) or not isinstance(values, dict):
        raise BrokenPreset("description must be a text and values a table")
    if not isinstance(macros, dict) or not all(isinstance(curves, dict) for curves in macros.values()):
        raise BrokenPreset("macro must hold tables: [macro.less_more]")
    curves = checked_macros({macro: dict(flattened(table)) for macro, table in macros.items()})
    return Preset(name, description, complete(checked(dict(flattened(values)))), factory, curves)


def flattened(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, object]]:
    """`eq.1.gain_db` from the tables that TOML makes of dotted keys."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flattened(value, f"{path}{key}.")
        else:
            yield path + key, value


def text(preset: Preset) -> str:
    """The preset as TOML, complete."""
    lines = [f"{id} = {json.dumps(value)}" for id, value in preset.values.items()]
    for name, curves in preset.macros.items():
        lines += ["", f"[macro.{name}]", *(f"{id} = {json.dumps(points)}" for id, points in curves.items())]
    return "\n".join([f"description = {json.dumps(preset.description)}", "", "[values]", *lines, ""])


def load(name: str, folder: Path | None = None) -> dict[str, Value]:
    """Complete values of a factory preset, or of a user preset in `folder` or in the state folder of the daemon `main`."""
    folder = folder or places.state_directory(os.environ.get("MASTERD_NAME", places.DEFAULT_NAME)) / "presets"
    return dict(Presets(folder).load(name).values)
