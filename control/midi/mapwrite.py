"""Writes what was learned into a map file, leaving everything else in it as it is."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from masterd.control.files import write_atomically
from masterd.control.midi.encodings import Encoding
from masterd.control.midi.learn import Learned
from masterd.control.midi.mapfile import parse
from masterd.control.midi.messages import Control, Kind
from masterd.control.parameters import Parameter
from masterd.control.toml_tables import comments_after

HEAD = re.compile(r"^\s*\[\[\s*control\s*\]\].*$", re.MULTILINE)


def block(learned: Learned, parameter: Parameter, allow_unsafe: bool = False) -> str:
    """The lines for one control."""
    control = learned.control
    address = "pitch_bend = true" if control.kind is Kind.PITCH_BEND else f"{control.kind} = {control.number}"
    lines = ["[[control]]", address, f"channel = {control.channel}", f"parameter = {json.dumps(parameter.id)}"]
    if control.kind is Kind.CC and control.bits == 14:
        lines.append("bits = 14")
    if learned.encoding is not Encoding.ABSOLUTE:
        lines.append(f'encoding = "{learned.encoding}"')
    if learned.is_button and control.kind is Kind.CC:
        lines.append('action = "toggle"')
    if allow_unsafe:
        lines.append("allow_unsafe = true")
    return "\n".join(lines) + "\n"


def same_control(entry: dict[str, Any], control: Control) -> bool:
    """Whether a [[control]] table is about `control`."""
    if entry.get("channel", 1) != control.channel:
        return False
    if control.kind is Kind.PITCH_BEND:
        return bool(entry.get("pitch_bend"))
    return bool(entry.get(str(control.kind)) == control.number)


def with_block(text: str, new: str, control: Control) -> tuple[str, list[str]]:
    """`text` with `new` at its end and without the tables about the same control; what those turned."""
    gone: list[str] = []
    starts = [match.start() for match in HEAD.finditer(text)]
    kept = text[: starts[0]] if starts else text
    for start, end in zip(starts, [*starts[1:], len(text)][: len(starts)], strict=True):
        entry = tomllib.loads(text[start:end])["control"][0]
        if same_control(entry, control):
            gone.append(str(entry.get("parameter") or entry.get("preset") or entry.get("action")))
            kept += comments_after(text[start:end])
        else:
            kept += text[start:end]
    return f"{kept.rstrip()}\n\n{new}".lstrip(), gone


def write(path: Path, learned: Learned, parameter: Parameter, port: str, allow_unsafe: bool = False) -> list[str]:
    """Adds a control to the map file, made for `port` when it does not exist; what the control turned before. The result is
    read before it takes the old file's place, at once and completely."""
    text = path.read_text(encoding="utf-8") if path.exists() else f"port = {json.dumps(re.escape(port))}\n"
    text, gone = with_block(text, block(learned, parameter, allow_unsafe), learned.control)
    parse(text, str(path), path.stem, {parameter.id: parameter})
    write_atomically(path, text.encode(), mode=0o644)
    return gone
