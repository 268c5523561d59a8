"""What could be turned, as a file that a person reads, edits, applies or throws away.

    # song.wav against the corridor Neutral
    [[move]]
    title = "DC offset"
    measure = "dc_percent"
    value = 0.31
    limit = "0.1 %"
    why = "a constant offset takes headroom away and makes edits click"
    confidence = "sure"
    apply = true                          # false, or take the whole move out: it is rejected
    values = { "input.dc_block" = true }  # change what you like

Moves of the confidence `taste` come with `apply = false`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from masterd.control.errors import MasterdError, Refused
from masterd.control.parameters import Value, parameter

KEYS = ("title", "measure", "value", "limit", "why", "confidence", "apply", "values")


class BrokenProposal(MasterdError):
    """A file is not a proposal; the text says why."""

    code = "broken_proposal"


def accepted(toml: str, where: str = "proposal") -> dict[str, Value]:
    """The values of all moves with `apply = true`, checked; a later move wins. BrokenProposal names the move."""
    try:
        document = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as reason:
        raise BrokenProposal(f"{where}: not TOML: {reason}") from None
    unknown, moves = set(document) - {"move"}, document.get("move", [])
    if unknown or not isinstance(moves, list):
        raise BrokenProposal(
            f"{where}: a proposal holds [[move]] and nothing else" + "".join(f"; unknown: {it}" for it in sorted(unknown))
        )
    values: dict[str, Value] = {}
    for number, move in enumerate(moves, 1):
        values |= _values(move, f"{where}: move {number}")
    return values


def _values(move: Mapping[str, Any], where: str) -> dict[str, Value]:
    if not isinstance(move, dict) or set(move) - set(KEYS):
        raise BrokenProposal(f"{where}: holds {', '.join(KEYS)} and nothing else")
    apply, values = move.get("apply", False), move.get("values", {})
    if not isinstance(apply, bool) or not isinstance(values, dict):
        raise BrokenProposal(f"{where}: apply must be true or false, and values a table")
    try:
        good = {id: parameter(id).check(value) for id, value in values.items()}
    except Refused as reason:
        raise BrokenProposal(f"{where}: {reason}") from None
    return good if apply else {}


def read(path: Path) -> dict[str, Value]:
    """From a file. BrokenProposal."""
    try:
        return accepted(path.read_text(), str(path))
    except (OSError, UnicodeDecodeError) as reason:
        raise BrokenProposal(f"{path}: {reason}") from None
