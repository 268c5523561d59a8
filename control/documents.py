"""The door for every file that people write in TOML or JSON: a text becomes plain data, or NoDocument says why it does not.

What the parsers let in and readers stumble over stays outside: whole numbers too long to be printed or to become a float, and
tables within tables without end. TOML itself promises 64 bits, and nobody any depth.
"""

from __future__ import annotations

import json
from typing import Any

MOST_DEPTH = 32


class NoDocument(ValueError):
    """The text is no TOML, or no JSON, or none that is of use here."""


def toml_document(text: str) -> dict[str, Any]:
    """The tables of a text. NoDocument."""
    import tomllib  # 5 ms, which whoever reads no TOML need not wait

    try:
        document = tomllib.loads(text)
        bounded(document)
    except (ValueError, RecursionError) as reason:  # ValueError itself is a number of more digits than Python reads
        raise NoDocument(f"not TOML: {reason}") from None
    return document


def json_document(text: str) -> Any:
    """What a text says in JSON. NoDocument."""
    try:
        document = json.loads(text)
        bounded(document)
    except (ValueError, RecursionError) as reason:
        raise NoDocument(f"not JSON: {reason}") from None
    return document


def bounded(document: Any) -> None:
    """ValueError when something in it is out of all bounds."""
    level: list[Any] = [document]
    for _ in range(MOST_DEPTH):
        if any(type(it) is int and not -(2**63) <= it < 2**63 for it in level):
            raise ValueError("a whole number of more than 64 bits")
        level = [inner for it in level for inner in (it.values() if isinstance(it, dict) else it if isinstance(it, list) else ())]
        if not level:
            return
    raise ValueError(f"tables or lists within one another, more than {MOST_DEPTH} deep")
