"""Reads a profile's file: TOML, all of its errors found at once, each with its line and key.

    title = "Maker Model"
    port = "MODEL"                     # a regular expression, looked for in the port's name
    automatic = true                   # a box with such a port gets this profile by itself

    [[controls]]                       # a row: encoder.1 to encoder.8
    name = "encoder"
    kind = "encoder"
    count = 8
    cc = 16                            # the first; or a list of all
    encoding = "sign_magnitude"
    ring = { cc = 48, off = 0, dot = [1, 11], fill = [33, 43] }

docs/midi/profiles.md lists every key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from masterd.control.documents import NoDocument, toml_document
from masterd.control.midi.address import ADDRESS_KEYS, SPOT_KEYS, address, has_address, spot
from masterd.control.midi.drivers import DRIVERS
from masterd.control.midi.encodings import Encoding
from masterd.control.midi.maptables import TABLE_KEYS, read_tables
from masterd.control.midi.messages import Control, Kind
from masterd.control.midi.place import Light, Place, PlaceKind, Ring, Style
from masterd.control.midi.profile import Init, Profile
from masterd.control.midi.reader import Reader, is_pattern, within
from masterd.control.midi.refused import BadProfile
from masterd.control.midi.spots import template
from masterd.control.parameters import PARAMETERS

FILE_KEYS = {
    *("title", "port", "automatic", "driver", "devices", "init", "notes", "group", "offset", "controls", "map"),
}
ROW_KEYS = {"name", "kind", "count", "first", "encoding", "follows", "touch", "ring", "light", *ADDRESS_KEYS}
RING_KEYS = {"off", "mode", *map(str, Style), *SPOT_KEYS}
MODE_KEYS = {*map(str, Style), *SPOT_KEYS}
LIGHT_KEYS = {"off", "on", "blink", "colours", *SPOT_KEYS}
INIT_KEYS = {"message", "count"}
VALUES = within(0, 127)
MAX_COUNT = 128


def load_profile(path: Path) -> Profile:
    """The profile in a file, or BadProfile."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadProfile(str(path), [str(getattr(error, "strerror", None) or error)]) from None
    return parse_profile(text, str(path), path.stem)


def parse_profile(text: str, source: str, name: str) -> Profile:
    """The profile in a TOML text, or BadProfile that tells of `source`."""
    try:
        data = toml_document(text)
    except NoDocument as error:
        raise BadProfile(source, [str(error)]) from None
    problems: list[str] = []
    made = _profile(Reader(problems, data, "", FILE_KEYS), name)
    if problems:
        raise BadProfile(source, problems, text)
    return made


def _profile(read: Reader, name: str) -> Profile:
    bare = Profile(
        name=name,
        title=read.take("title", str, name, "a text"),
        port=read.take("port", str, "", "a regular expression", is_pattern),
        automatic=read.take("automatic", bool, False, "true or false"),
        driver=read.take("driver", str, "plain", f"one of {', '.join(DRIVERS)}", DRIVERS.__contains__),
        devices=tuple(read.take("devices", list, [], "a list of bytes, 0 to 127", _are_bytes)),
        init=tuple(message for at, table in enumerate(read.tables("init"), 1) for message in _init(read, table, at)),
        notes=read.texts("notes"),
        group=read.take("group", str, name, "a text"),
        offset=read.take("offset", int, 0, "0 or more", within(0, 1000)),
        places=_places(read),
    )
    inner = read.inner("map", TABLE_KEYS)
    return replace(bare, map=read_tables(inner, bare, PARAMETERS)) if inner else bare


def _are_bytes(items: list[Any]) -> bool:
    return all(type(item) is int and 0 <= item < 0x80 for item in items)


def _init(read: Reader, table: Mapping[str, Any], at: int) -> list[bytes]:
    inner = Reader(read.problems, table, f"init[{at}].", INIT_KEYS)
    text = inner.take("message", str, "", "a text of bytes")
    count = inner.take("count", int, 1, f"1 to {MAX_COUNT}", within(1, MAX_COUNT))
    try:
        return Init(template(text), count).messages()
    except ValueError as error:
        inner.wrong("message", str(error))
        return []


def _places(read: Reader) -> dict[str, Place]:
    places: dict[str, Place] = {}
    sent_by: dict[Control, str] = {}
    for at, table in enumerate(read.tables("controls"), 1):
        row = Reader(read.problems, table, f"controls[{at}].", ROW_KEYS)
        for place in _row(row):
            if place.name in places:
                row.wrong("name", f"{place.name} is there already")
            if place.control and place.control in sent_by:
                row.wrong("name", f"{place.control} is {sent_by[place.control]} already")
            places[place.name] = place
            if place.control:
                sent_by[place.control] = place.name
    return places


def _row(read: Reader) -> list[Place]:
    name = read.take("name", str, "", "a text")
    if not name:
        read.wrong("name", "a control needs a name")
    kinds = list(PlaceKind)
    kind = PlaceKind(read.take("kind", str, "button", f"one of {', '.join(kinds)}", kinds.__contains__))
    count = read.take("count", int, 0, f"1 to {MAX_COUNT}", within(1, MAX_COUNT))
    if not count:
        return [_place(read, name, kind, 0)]
    first = read.take("first", int, 1, f"1 to {MAX_COUNT}", within(1, MAX_COUNT))
    return [_place(read, f"{name}.{first + n}", kind, n) for n in range(count)]


def _place(read: Reader, name: str, kind: PlaceKind, n: int) -> Place:
    control = address(read, n) if has_address(read) else None
    encodings = list(Encoding)
    encoding = Encoding(read.take("encoding", str, "absolute", f"one of {', '.join(encodings)}", encodings.__contains__))
    if encoding is not Encoding.ABSOLUTE and control and (control.kind is not Kind.CC or control.bits != 7):
        read.wrong("encoding", "only a 7-bit cc can be relative")
    follows = read.take("follows", bool, False, "true or false")
    channel = control.channel if control else 1
    ring = _ring(read, n, channel)
    if ring is None and follows and control:
        ring = Ring(control, 0, {Style.FILL: (0, control.top)})
    return Place(name, kind, control, encoding, follows, _touch(read, n, channel), ring, _light(read, n, control), n + 1)


def _touch(read: Reader, n: int, channel: int) -> Control | None:
    inner = read.inner("touch", {"note", "channel"})
    return address(inner, n, (Kind.NOTE,), channel) if inner else None


def _ring(read: Reader, n: int, channel: int) -> Ring | None:
    inner = read.inner("ring", RING_KEYS)
    if inner is None:
        return None
    at = spot(inner, n, channel)
    ends = {style: tuple(inner.table[style]) for style in Style if style in inner.table and _are_ends(inner, style)}
    if not ends:
        inner.wrong("dot", f"give the values of at least one of {', '.join(Style)} for the two ends of the travel")
    mode = inner.inner("mode", MODE_KEYS)
    modes = {style: mode.take(style, int, 0, "0 to 127", VALUES) for style in Style if mode and style in mode.table}
    off = inner.take("off", int, 0, "0 to 127", VALUES)
    return Ring(at, off, ends, spot(mode, n, channel) if mode else None, modes) if at else None


def _are_ends(read: Reader, style: Style) -> bool:
    given = read.take(style, list, None, "two values, 0 to 127", lambda it: len(it) == 2 and _are_bytes(it))
    return given is not None


def _light(read: Reader, n: int, control: Control | None) -> Light | None:
    inner = read.inner("light", LIGHT_KEYS)
    if inner is None:
        return None
    is_elsewhere = has_address(inner) or "sysex" in inner.table
    at = spot(inner, n, control.channel if control else 1) if is_elsewhere else control
    if at is None:
        inner.wrong("note", "says nowhere where, and the control has no address either")
        return None
    off, on = (inner.take(key, int, value, "0 to 127", VALUES) for key, value in (("off", 0), ("on", 127)))
    blink = inner.take("blink", int, None, "0 to 127", VALUES)
    colours = inner.take("colours", dict, {}, "a table of values, 0 to 127", lambda it: _are_bytes(list(it.values())))
    return Light(at, off, on, blink, colours)
