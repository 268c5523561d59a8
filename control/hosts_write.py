"""Writes a host into hosts.toml or takes one out, leaving everything else in it as it is."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

from masterd.control.files import write_atomically
from masterd.control.hosts import Host, parse
from masterd.control.toml_tables import ConfigRefused, Problem, comments_after, read_text

READABLE_MODE = 0o644


def block(name: str, host: Host) -> str:
    """The lines of one host; what is at its default is left out."""
    lines = [f"[host.{name}]"]
    for field in dataclasses.fields(Host):
        value = getattr(host, field.name)
        if value not in (field.default, ()):
            lines.append(f"{field.name} = {json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def without(toml: str, name: str) -> str:
    """The text without the table of a host; everything else, comments too, stays as it is."""
    heads = [*re.finditer(r"^[ \t]*\[.*$", toml, re.MULTILINE)]
    ends = [*(it.start() for it in heads[1:]), len(toml)]
    for head, end in zip(heads, ends, strict=True):
        if re.match(rf"\s*\[\s*host\s*\.\s*\"?{re.escape(name)}\"?\s*\]", head[0]):
            return toml[: head.start()] + comments_after(toml[head.start() : end]).lstrip("\n") + toml[end:]
    raise ConfigRefused("hosts", [Problem(f"host.{name}", "is not written as a table of its own: take it out by hand")])


def change(path: Path, name: str, host: Host | None) -> None:
    """Puts `host` into the file, in place of one of its name, or takes it out when None. The new text is read before it takes
    the old one's place. ConfigRefused, OSError."""
    toml = read_text(path) if path.exists() else ""
    wanted: dict[str, Host] = {it: known for it, known in parse(toml, str(path)).items() if it != name}
    if len(wanted) < len(parse(toml)):
        toml = without(toml, name)
    if host:
        toml = f"{toml.rstrip()}\n\n{block(name, host)}".lstrip()
        wanted[name] = host
    if parse(toml, str(path)) != wanted:
        raise ConfigRefused(str(path), [Problem(f"host.{name}", "cannot be changed without changing others: do it by hand")])
    write_atomically(path, toml.encode(), mode=READABLE_MODE)
