"""Changes one control in a map file, and leaves everything else in it as it is: what was learned, added or taken away.

Only [[control]] tables that stand for themselves are touched, those that count on every page; a row or a page is the hand's of
whoever wrote it. The result is read before it takes the old file's place, at once and completely.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from masterd.control.files import write_atomically
from masterd.control.midi.encodings import Encoding
from masterd.control.midi.learn import Learned
from masterd.control.midi.library import GENERIC
from masterd.control.midi.mapfile import parse
from masterd.control.midi.mapping import MidiMap
from masterd.control.midi.messages import Control, Kind
from masterd.control.midi.refused import HEADER, MapNotWritten
from masterd.control.midi.words import does
from masterd.control.parameters import Parameter
from masterd.control.toml_tables import comments_after


@dataclass(frozen=True, slots=True)
class Edit:
    """A map file as it will be. `gone` is what the control does now and will not do any more."""

    path: Path
    text: str
    map: MidiMap
    gone: list[str]

    def write(self) -> None:
        """Does it. MapNotWritten."""
        try:
            write_atomically(self.path, self.text.encode(), mode=0o644)
        except OSError as error:
            raise MapNotWritten(str(self.path), error) from None


def bind(path: Path, before: MidiMap, control: Control, table: Mapping[str, Any], port: str = "") -> Edit:
    """The control does what `table` says, beside its address. A file that does not exist begins with the box of `before`, or one
    on `port`. BadMap when that makes no map."""
    kept = "".join(without(read(path, before, port), control)).rstrip()
    return edit(path, before, control, f"{kept}\n\n[[control]]\n{lines({**address(control), **table})}".lstrip())


def unbind(path: Path, before: MidiMap, control: Control) -> Edit:
    """The control does nothing by this file any more; what the make's own map says of it counts again."""
    return edit(path, before, control, "".join(without(read(path, before, ""), control)))


def edit(path: Path, before: MidiMap, control: Control, text: str) -> Edit:
    """What the text will mean. BadMap."""
    after = parse(text, str(path), path.stem)
    then = done(after, control)
    return Edit(path, text, after, [it for it in done(before, control) if it not in then])


def learned_table(learned: Learned, target: Parameter, allow_unsafe: bool, before: MidiMap) -> dict[str, Any]:
    """What a learned control's table says beside its address."""
    place = before.profile.place_of(learned.control)
    table: dict[str, Any] = {"parameter": target.id}
    if learned.is_button and learned.control.kind is Kind.CC:
        table["action"] = "toggle"
    if not learned.is_button and learned.encoding is not (place.encoding if place else Encoding.ABSOLUTE):
        table["encoding"] = str(learned.encoding)
    if learned.invert:
        table["invert"] = True
    if allow_unsafe:
        table["allow_unsafe"] = True
    return table


def done(map: MidiMap, control: Control) -> list[str]:
    """What a control does on any page, in any layer; of a bank only where it begins."""
    slots = [slot for slot in map.tables.slots if slot.address == control]
    return [does(next(it for it in slot.variants if it)) for slot in slots]


def read(path: Path, before: MidiMap, port: str) -> str:
    """The file's text; for one that is not there the head of a new one."""
    if path.exists():
        return path.read_text(encoding="utf-8")
    if before.profile.name != GENERIC:
        return f"profile = {json.dumps(before.profile.name)}\n"
    return f"port = {json.dumps(re.escape(port) if port else before.port)}\n"


def address(control: Control) -> dict[str, Any]:
    """A control's address, as a table says it."""
    number: Any = True if control.kind is Kind.PITCH_BEND else control.number
    wide = {"bits": 14} if control.kind is Kind.CC and control.bits == 14 else {}
    return {str(control.kind): number, "channel": control.channel, **wide}


def lines(table: Mapping[str, Any]) -> str:
    """Keys and values in TOML, whose texts, numbers and truths are JSON's."""
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())


def without(text: str, control: Control) -> Iterator[str]:
    """The pieces of the text but for the [[control]] tables about `control`; the comments behind those stay."""
    for piece in pieces(text):
        if piece.startswith("[[control]]") and same_control(tomllib.loads(piece)["control"][0], control):
            yield comments_after(piece)
        else:
            yield piece


def pieces(text: str) -> Iterator[str]:
    """The text cut before every table that is not a part of the one before it."""
    piece, owner = "", ""
    for line in text.splitlines(keepends=True):
        header = HEADER.match(line.rstrip("\n"))
        name = re.sub(r"\s", "", header[2]) if header else ""
        if header and not (owner == "control" and name.startswith("control.")):
            yield piece
            piece, owner = "", name
            line = re.sub(r"^\s*\[\[\s*control\s*\]\]", "[[control]]", line)
        piece += line
    yield piece


def same_control(entry: Mapping[str, Any], control: Control) -> bool:
    """Whether a [[control]] table is about `control`."""
    if entry.get("channel", 1) != control.channel:
        return False
    if control.kind is Kind.PITCH_BEND:
        return bool(entry.get("pitch_bend"))
    return bool(entry.get(str(control.kind)) == control.number)
