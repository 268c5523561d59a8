"""A map or a profile that cannot be used: which file, which line, which key, why."""

from __future__ import annotations

import re

from masterd.control.errors import MasterdError

HEADER = re.compile(r"^\s*\[(\[?)\s*([\w.\s\"'-]+?)\s*\]\]?\s*(?:#.*)?$")
KEY = re.compile(r"^\s*([\w-]+)\s*=")


class BadFile(MasterdError):
    """`problems` are `key: what is wrong`, each about one key."""

    code = "bad_midi_file"

    def __init__(self, path: str, problems: list[str], text: str = "") -> None:
        self.path = path
        self.problems = problems
        at = lines(text)
        super().__init__(f"{path} cannot be used:" + "".join(f"\n  {line_of(at, problem)}{problem}" for problem in problems))


class BadMap(BadFile):
    """A map file."""

    code = "bad_midi_map"


class MapNotWritten(MasterdError):
    """A map file is not changed."""

    code = "midi_map_not_written"

    def __init__(self, path: str, error: OSError) -> None:
        super().__init__(f"{path} is not written: {error.strerror or error}; whoever learns must be able to write in its folder")


class BadProfile(BadFile):
    """A profile's file."""

    code = "bad_midi_profile"


def lines(text: str) -> dict[str, int]:
    """Line numbers, from 1, of every table and key of a TOML text, by paths like `page[2].control[1].cc`."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := HEADER.match(line):
            table = _enter(counts, header[2].replace(" ", ""), is_array=bool(header[1]))
            found[table] = number
        elif key := KEY.match(line):
            found.setdefault(f"{table}.{key[1]}".lstrip("."), number)
    return found


def _enter(counts: dict[str, int], name: str, is_array: bool) -> str:
    if is_array:
        counts[name] = counts.get(name, 0) + 1
        for inner in [it for it in counts if it.startswith(f"{name}.")]:
            del counts[inner]
    parts, path = name.split("."), []
    for depth in range(1, len(parts) + 1):
        count = counts.get(".".join(parts[:depth]))
        path.append(parts[depth - 1] + (f"[{count}]" if count else ""))
    return ".".join(path)


def line_of(at: dict[str, int], problem: str) -> str:
    """`line 12: ` for a problem with a key that is there, or whose table is."""
    path = problem.partition(":")[0].partition(" ")[0]
    while path and path not in at:
        path = path.rpartition(".")[0]
    return f"line {at[path]}: " if path else ""
