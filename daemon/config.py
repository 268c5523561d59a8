"""The configuration file: TOML, every key optional, every error at once with its key and line. Nothing starts on half a file."""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from masterd.control.errors import MasterdError
from masterd.daemon.config_tables import Config, Key

__all__ = ["Config", "ConfigRefused", "Problem", "differences", "load", "parse"]

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


def load(path: Path, overrides: Mapping[str, object] | None = None) -> Config:
    """The configuration in a file, with `overrides` by dotted key on top, or ConfigRefused."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES + 1)
        if len(content) > FILE_BYTES:
            raise ConfigRefused(str(path), [Problem("", f"longer than {FILE_BYTES} bytes")])
        return parse(content.decode(), str(path), overrides)
    except OSError as reason:
        raise ConfigRefused(str(path), [Problem("", f"cannot be read: {reason.strerror}")]) from None
    except UnicodeDecodeError as reason:
        raise ConfigRefused(str(path), [Problem("", f"not UTF-8: {reason}")]) from None


def parse(toml: str, where: str = "configuration", overrides: Mapping[str, object] | None = None) -> Config:
    """The configuration in a text, or ConfigRefused."""
    try:
        document: dict[str, Any] = tomllib.loads(toml)
    except (tomllib.TOMLDecodeError, RecursionError) as reason:
        raise ConfigRefused(where, [Problem("", f"not TOML: {reason}")]) from None
    for dotted, value in (overrides or {}).items():
        table, _, name = dotted.partition(".")
        if isinstance(document.setdefault(table, {}), dict):
            document[table][name] = value
    values, problems = collect(document, lines_of(toml))
    if problems:
        raise ConfigRefused(where, problems)
    return Config(**values)


def collect(document: Mapping[str, Any], lines: Mapping[str, int]) -> tuple[dict[str, Any], list[Problem]]:
    """The tables, and everything that is wrong."""
    tables = {it.name: type(getattr(Config(), it.name)) for it in dataclasses.fields(Config)}
    problems = [Problem(name, unknown("table", name, tables), lines.get(name, 0)) for name in document if name not in tables]
    made: dict[str, Any] = {}
    for name, table in tables.items():
        given = document.get(name, {})
        if not isinstance(given, dict):
            problems.append(Problem(name, f"must be a table: [{name}]", lines.get(name, 0)))
            continue
        values, wrong = read_table(name, table, given)
        problems += [dataclasses.replace(it, line=lines.get(it.key, 0)) for it in wrong]
        if not wrong:
            made[name] = table(**values)
    return made, sorted(problems, key=lambda it: it.line)


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


HEADER = re.compile(r"\s*\[+\s*([\w.-]+)\s*\]")
ENTRY = re.compile(r"\s*([\w.-]+)\s*=")


def lines_of(toml: str) -> dict[str, int]:
    """The line of each plain key, by dotted name; good enough to point at, not a parser."""
    lines: dict[str, int] = {}
    table = ""
    for at, line in enumerate(toml.splitlines(), 1):
        if header := HEADER.match(line):
            table = header[1]
            lines.setdefault(table, at)
        elif entry := ENTRY.match(line):
            lines.setdefault(f"{table}.{entry[1]}" if table else entry[1], at)
    return lines


def differences(old: Config, new: Config) -> Iterator[tuple[str, bool]]:
    """Dotted keys whose values differ, and whether each can change while audio runs."""
    for table in dataclasses.fields(Config):
        before, after = getattr(old, table.name), getattr(new, table.name)
        for it in dataclasses.fields(before):
            if getattr(before, it.name) != getattr(after, it.name):
                yield f"{table.name}.{it.name}", it.metadata["key"].live
