"""Takes values out of a TOML table and writes down everything that is wrong with them, instead of stopping at the first."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any


class Reader:
    """Takes keys out of a table, and writes down what is wrong with them."""

    def __init__(self, problems: list[str], table: Mapping[str, Any], at: str, known: set[str]) -> None:
        self.problems = problems
        self.table = table
        self.at = at
        for key in table:
            if key not in known:
                self.wrong(key, f"no such key; there are {', '.join(sorted(known))}")

    def wrong(self, key: str, message: str) -> None:
        """Writes down a problem with `key`, once."""
        problem = f"{self.at}{key}: {message}"
        if problem not in self.problems:
            self.problems.append(problem)

    def take(self, key: str, kind: Any, default: Any, wanted: str, fits: Callable[[Any], bool] = lambda _: True) -> Any:
        """The value of `key`, or `default` when it is missing or wrong."""
        value = self.table.get(key, default)
        is_kind = isinstance(value, kind) and not (isinstance(value, bool) and not takes_bool(kind))
        if key not in self.table or (is_kind and fits(value)):
            return value
        self.wrong(key, f"{value!r} is not {wanted}")
        return default

    def inner(self, key: str, known: set[str]) -> Reader | None:
        """The table in `key`, when it is there and one."""
        table = self.take(key, dict, None, "a table")
        return None if table is None else Reader(self.problems, table, f"{self.at}{key}.", known)

    def tables(self, key: str) -> list[dict[str, Any]]:
        """The [[key]] tables, none when it is not there."""
        found: list[dict[str, Any]] = self.take(key, list, [], f"[[{self.at}{key}]] tables", all_are(dict))
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty when it is not there."""
        return tuple(self.take(key, list, [], "a list of texts", all_are(str)))


def takes_bool(kind: Any) -> bool:
    """Whether true and false are of that kind, and not numbers by accident."""
    return kind is bool or (isinstance(kind, tuple) and bool in kind)


def all_are(kind: type) -> Callable[[Any], bool]:
    """A test of a list."""
    return lambda items: all(isinstance(item, kind) for item in items)


def within(low: float, high: float) -> Callable[[Any], bool]:
    """A test of a number."""
    return lambda value: low <= value <= high


def is_pattern(text: str) -> bool:
    """Whether it is a regular expression, and means tomorrow what it means today."""
    with warnings.catch_warnings(), contextlib.suppress(re.error, FutureWarning):
        warnings.simplefilter("error", FutureWarning)  # "[[": its meaning is about to change
        re.compile(text)
        return True
    return False
