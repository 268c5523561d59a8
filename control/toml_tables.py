"""Reads TOML files whose tables are dataclasses with `key` fields: every error at once, with its key and line. Nobody starts on
half a file."""

from __future__ import annotations

import dataclasses
import difflib
import itertools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from masterd.control.errors import MasterdError
from masterd.control.toml_keys import Key

FILE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file. `line` is 0 when unknown."""

    key: str
    what: str
    line: int = 0

    def __str__(self) -> str:
        return (f"line {self.line}: " if self.line else "") + (f"{self.key}: " if self.key else "") + self.what


class ConfigRefused(MasterdError):
    """The configuration cannot be used; `problems` is everything that is wrong with it."""

    code = "config_refused"

    def __init__(self, where: str, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join([f"{where}: nothing of it is used:", *(f"  {problem}" for problem in problems)]))


def read_text(path: Path) -> str:
    """What a file holds, or ConfigRefused."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES + 1)
        if len(content) > FILE_BYTES:
            raise ConfigRefused(str(path), [Problem("", f"longer than {FILE_BYTES} bytes")])
        return content.decode()
    except OSError as reason:
        raise ConfigRefused(str(path), [Problem("", f"cannot be read: {reason.strerror}")]) from None
    except UnicodeDecodeError as reason:
        raise ConfigRefused(str(path), [Problem("", f"not UTF-8: {reason}")]) from None


def document(toml: str, where: str) -> dict[str, Any]:
    """The tables of a text, or ConfigRefused."""
    try:
        return tomllib.loads(toml)
    except (tomllib.TOMLDecodeError, RecursionError) as reason:
        raise ConfigRefused(where, [Problem("", f"not TOML: {reason}")]) from None


def read_table(name: str, table: type, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The values of one table, and what is wrong in it."""
    keys: dict[str, Key] = {it.name: it.metadata["key"] for it in dataclasses.fields(table)}
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for entry, value in given.items():
        if entry not in keys:
            problems.append(Problem(f"{name}.{entry}", unknown("key", entry, keys)))
            continue
        try:
            values[entry] = keys[entry].reads(value)
        except (ValueError, OverflowError):
            problems.append(Problem(f"{name}.{entry}", f"{str(value)[:80]!r} must be {keys[entry].right}"))
    return values, problems


def unknown(kind: str, name: str, known: Mapping[str, object]) -> str:
    """What to say about a name that is not in `known`."""
    near = difflib.get_close_matches(name, list(known), 1, cutoff=0.5)
    return f"unknown {kind}; did you mean {near[0]}?" if near else f"unknown {kind}; there are {', '.join(known)}"


def comments_after(table: str) -> str:
    """The comments at the end of a table's lines: they are about what follows it."""
    lines = table.splitlines(keepends=True)
    at = len(lines)
    while at and (not lines[at - 1].strip() or lines[at - 1].lstrip().startswith("#")):
        at -= 1
    return "".join(lines[at:])


HEADER = re.compile(r"\s*\[+\s*([\w.-]+)\s*\]")
ENTRY = re.compile(r"\s*([\w.-]+)\s*=")


def lines_of(toml: str) -> dict[str, int]:
    """The line of each plain key, by dotted name; good enough to point at, not a parser."""
    lines: dict[str, int] = {}
    table = ""
    for at, line in enumerate(toml.splitlines(), 1):
        if header := HEADER.match(line):
            table = header[1]
            for name in itertools.accumulate(table.split("."), "{}.{}".format):
                lines.setdefault(name, at)
        elif entry := ENTRY.match(line):
            lines.setdefault(f"{table}.{entry[1]}" if table else entry[1], at)
    return lines
