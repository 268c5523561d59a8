"""Reads a map file: TOML, all of its errors found at once, each with its line and key.

    profile = "xtouch_mini"            # what the box is; its own map counts where this one says nothing else
    port = "X-TOUCH MINI"              # a regular expression, looked for in the port's name

    [[control]]
    control = "encoder.3"              # or cc = 18, note = 40, pitch_bend = true
    parameter = "compressor.threshold_db"
    min = -40                          # the rest is optional

docs/midi/maps.md lists every key.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from masterd.control.documents import NoDocument, toml_document
from masterd.control.midi.library import GENERIC, Library, library
from masterd.control.midi.mapping import MidiMap
from masterd.control.midi.maptables import TABLE_KEYS, read_tables
from masterd.control.midi.profile import Profile
from masterd.control.midi.reader import Reader, is_pattern
from masterd.control.midi.refused import BadMap
from masterd.control.parameters import PARAMETERS, Parameter

FILE_KEYS = {"name", "port", "profile", "defaults", "group", *TABLE_KEYS}


def load(path: Path, parameters: Mapping[str, Parameter] = PARAMETERS, profiles: Library | None = None) -> MidiMap:
    """The map in a file, or BadMap."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadMap(str(path), ["there is no such file; `masterctl midi learn PARAMETER` begins one"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadMap(str(path), [str(getattr(error, "strerror", None) or error)]) from None
    return parse(text, str(path), path.stem, parameters, profiles)


def parse(
    text: str,
    source: str = "map",
    name: str = "map",
    parameters: Mapping[str, Parameter] = PARAMETERS,
    profiles: Library | None = None,
) -> MidiMap:
    """The map in a TOML text, or BadMap that tells of `source`."""
    try:
        data = toml_document(text)
    except NoDocument as error:
        raise BadMap(source, [str(error)]) from None
    problems: list[str] = []
    made = _map(Reader(problems, data, "", FILE_KEYS), name, parameters, profiles or library())
    if problems:
        raise BadMap(source, problems, text)
    return made


def default_map(profile: Profile) -> MidiMap:
    """The map a box of that make works with when nobody has written one."""
    return MidiMap(profile.name, profile.port, profile, profile.map, profile.group)


def _map(read: Reader, name: str, parameters: Mapping[str, Parameter], profiles: Library) -> MidiMap:
    profile = _profile(read, profiles)
    port = read.take("port", str, profile.port, "a regular expression", is_pattern)
    tables = read_tables(read, profile, parameters)
    if read.take("defaults", bool, True, "true or false"):
        tables = tables.over(profile.map)
    title = read.take("name", str, name, "a text")
    return MidiMap(title, port, profile, tables, read.take("group", str, profile.group, "a text"))


def _profile(read: Reader, profiles: Library) -> Profile:
    wanted: Any = read.table.get("profile", GENERIC)
    refused = next((it for it in profiles.refused if Path(it.path).stem == wanted), None)
    if refused:
        read.wrong("profile", str(refused))
        return profiles.profiles[GENERIC]
    names = profiles.names()
    return profiles.profiles[read.take("profile", str, GENERIC, f"one of {', '.join(names)}", names.__contains__)]
