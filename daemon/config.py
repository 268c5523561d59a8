"""The configuration file: TOML, every key optional, every error at once with its key and line. Nothing starts on half a file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from masterd.control.errors import MasterdError
from masterd.control.toml_tables import ConfigRefused, Problem, document, lines_of, read_table, read_text, unknown
from masterd.daemon.config_tables import Config

__all__ = ["Config", "ConfigRefused", "Problem", "differences", "load", "parse"]


def load(path: Path, overrides: Mapping[str, object] | None = None) -> Config:
    """The configuration in a file, with `overrides` by dotted key on top, or ConfigRefused."""
    return parse(read_text(path), str(path), overrides)


def parse(toml: str, where: str = "configuration", overrides: Mapping[str, object] | None = None) -> Config:
    """The configuration in a text, or ConfigRefused."""
    tables = document(toml, where)
    for dotted, value in (overrides or {}).items():
        table, _, name = dotted.partition(".")
        if isinstance(tables.setdefault(table, {}), dict):
            tables[table][name] = value
    values, problems = collect(tables, lines_of(toml))
    if problems:
        raise ConfigRefused(where, problems)
    return Config(**values)


def collect(given_tables: Mapping[str, Any], lines: Mapping[str, int]) -> tuple[dict[str, Any], list[Problem]]:
    """The tables, and everything that is wrong."""
    tables = {it.name: type(getattr(Config(), it.name)) for it in dataclasses.fields(Config)}
    problems = [Problem(name, unknown("table", name, tables), lines.get(name, 0)) for name in given_tables if name not in tables]
    made: dict[str, Any] = {}
    for name, table in tables.items():
        given = given_tables.get(name, {})
        if not isinstance(given, dict):
            problems.append(Problem(name, f"must be a table: [{name}]", lines.get(name, 0)))
            continue
        values, wrong = read_table(name, table, given)
        problems += [dataclasses.replace(it, line=lines.get(it.key, 0)) for it in wrong]
        if wrong:
            continue
        try:
            made[name] = table(**values)
        except MasterdError as reason:  # each key is right, and together they are not
            problems.append(Problem(name, str(reason), lines.get(name, 0)))
    return made, sorted(problems, key=lambda it: it.line)


def differences(old: Config, new: Config) -> Iterator[tuple[str, bool]]:
    """Dotted keys whose values differ, and whether each can change while audio runs."""
    for table in dataclasses.fields(Config):
        before, after = getattr(old, table.name), getattr(new, table.name)
        for it in dataclasses.fields(before):
            if getattr(before, it.name) != getattr(after, it.name):
                yield f"{table.name}.{it.name}", it.metadata["key"].live
