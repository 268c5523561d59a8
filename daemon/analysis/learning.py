"""A corridor from references of one's own: mean and spread of what they have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from masterd.daemon.analysis.corridor import LEAST_SPREAD_DB, RANGES
from masterd.daemon.analysis.features import Features, Float64

SPREADS = 1.5
"""Half width of a learned corridor in standard deviations: of a normal set, 87 % lie inside."""
LEAST_HALF = {"correlation": 0.15}
"""Half width of a range at least, where 1.5 of its unit would be too much."""


def learned(title: str, references: Sequence[Features]) -> str:
    """The corridor as TOML; of one reference it is as narrow as corridors get."""
    shapes = np.array([it.shape_db for it in references])
    spread_db = np.maximum(SPREADS * spread(shapes), LEAST_SPREAD_DB)
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
        half = max(SPREADS * float(spread(values)), LEAST_HALF.get(name, LEAST_SPREAD_DB))
        lines.append(f"{name} = {numbers(np.array([values.mean() - half, values.mean() + half]))}")
    return "\n".join([*lines, ""])


def spread(values: Float64) -> Float64:
    """Standard deviation over the first axis, 0 of a single one."""
    return np.std(values, axis=0, ddof=1) if len(values) > 1 else np.zeros(values.shape[1:])


def numbers(values: Float64) -> str:
    """As a TOML array, to a hundredth."""
    return "[" + ", ".join(f"{value:.2f}" for value in values) + "]"


def quoted(name: str) -> str:
    """Without what would end a TOML string."""
    return name.replace("\\", "/").replace('"', "'")
