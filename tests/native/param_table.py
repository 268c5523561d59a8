"""param_table.py FILE: writes control/table.py as rows of C, for tests that turn every parameter there is. Needs Python only."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path

ROOT = Path(__file__).parents[2]


def rows() -> list[str]:
    """PARAM(member, kind, min, max, default) in the order of chain_params."""
    package = types.ModuleType("masterd")  # the rooms under their names, installed or not
    package.__path__ = [str(ROOT)]
    sys.modules.setdefault("masterd", package)
    from masterd.control.table import table

    chain = [row for row in table() if not row.id.startswith("macro.")]  # a macro moves others
    return [f"PARAM({member(row.id)}, {row.kind.upper()}, {row.min!r}, {row.max!r}, {position(row)!r})" for row in chain]


def member(id: str) -> str:
    """eq.3.gain_db is eq.band[2].gain_db."""
    return re.sub(r"\.(\d+)\.", lambda at: f".band[{int(at[1]) - 1}].", id)


def position(row) -> float:
    """The default as C has it: choices and switches by number."""
    return row.choices.index(row.default) if row.choices else float(row.default)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text("\n".join([*rows(), ""]))
