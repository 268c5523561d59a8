"""A corridor from references of one's own: mean and spread of what they have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from masterd.daemon.analysis.corridor import LEAST_SPREAD_DB, RANGES
from masterd.daemon.analysis.features import Features

SPREADS = 1.5
"""Half width of a learned corridor in standard deviations: of a normal set, 87 % lie inside."""


def learned(title: str, references: Sequence[Features]) -> str:
    """The corridor as TOML. Two references at least, or ValueError."""
    if len(references) < 2:
        raise ValueError("a corridor needs two references or more: one has no spread")
    shapes = np.array([it.shape_db for it in references])
    spread_db = np.maximum(SPREADS * shapes.std(axis=0, ddof=1), LEAST_SPREAD_DB)
    lines = [
        f'title = "{title}"',
        f'source = "{len(references)} references: {", ".join(quoted(it.name) for it in references)}"',
        'confidence = "measured"',
        "",
        "[spectrum]",
        f"shape_db = {numbers(shapes.mean(axis=0))}",
        f"spread_db = {numbers(spread_db)}",
        "",
        "[range]",
    ]
    for name in RANGES:
        values = np.array([getattr(it, name) for it in references])
        half = SPREADS * values.std(ddof=1)
        lines.append(f"{name} = {numbers(np.array([values.mean() - half, values.mean() + half]))}")
    return "\n".join([*lines, ""])


def numbers(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> str:
    """As a TOML array, to a hundredth."""
    return "[" + ", ".join(f"{value:.2f}" for value in values) + "]"


def quoted(name: str) -> str:
    """Without what would end a TOML string."""
    return name.replace("\\", "/").replace('"', "'")
