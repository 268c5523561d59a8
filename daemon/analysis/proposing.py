"""Findings as a proposal (control/proposal.py says how it looks)."""

from __future__ import annotations

import json
from collections.abc import Sequence

from masterd.daemon.analysis.finding import Confidence, Finding


def written(name: str, against: str, findings: Sequence[Finding]) -> str:
    """As TOML."""
    lines = [f"# {json.dumps(name)[1:-1]} against {json.dumps(against)[1:-1]}"]
    for it in findings:
        lines += [
            "",
            "[[move]]",
            f"title = {json.dumps(it.title)}",
            f"measure = {json.dumps(it.measure)}",
            f"value = {it.value:.2f}",
        ]
        lines += [f"limit = {json.dumps(it.limit)}", f"why = {json.dumps(it.why)}", f'confidence = "{it.confidence}"']
        lines.append(f"apply = {json.dumps(bool(it.moves) and it.confidence is not Confidence.TASTE)}")
        lines.append(
            "values = { " + ", ".join(f"{json.dumps(id)} = {json.dumps(value)}" for id, value in it.moves.items()) + " }"
        )
    return "\n".join([*lines, ""])
