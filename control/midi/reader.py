"""Takes values out of a TOML table and writes down everything that is wrong with them, instead of stopping at the first."""

from __future__ import annotations

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
        """Writes down a problem with `key`."""
        self.problems.append(f"{self.at}{key}: {message}")

    def take(self, key: str, kind: Any, default: Any, wanted: str, fits: Callable[[Any], bool] = lambda _: True) -> Any:
        """The value of `key`, or `default` when it is missing or wrong."""
        value = self.table.get(key, default)
        is_kind = isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool)
        if key not in self.table or (is_kind and fits(value)):
            return value
        self.wrong(key, f"{value!r} is not {wanted}")
        return default
