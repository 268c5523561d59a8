"""The gate: instructions per frame of every row of ours beside those recorded in baseline.json."""

from __future__ import annotations

import json
from pathlib import Path

from bench import kernels

FILE = Path(__file__).with_name("baseline.json")
MAY_GROW = 0.05
KEY = ("name", "block", "variant")

Counts = dict[str, float]


def count() -> Counts:
    """Of `name|block|variant`: instructions per frame, for all blocks."""
    program = kernels.compile_bench(peers=False)
    rows = [row for block in kernels.BLOCKS for row in kernels.instructions(program, block)]
    return {"|".join(str(row[part]) for part in KEY): round(row["instructions"], 2) for row in rows}


def record() -> str:
    """Writes what is counted now."""
    counts = count()
    FILE.write_text(json.dumps({"compiler": kernels.compiler(), "instructions_per_frame": counts}, indent=1) + "\n")
    return f"{len(counts)} rows recorded in {FILE}"


def check() -> tuple[str, bool]:
    """A table of what changed, and whether all is well."""
    recorded = json.loads(FILE.read_text())
    before, now = recorded["instructions_per_frame"], count()
    lines = compare(before, now)
    if not is_this_compiler():
        lines.insert(0, f"another compiler than at recording: {kernels.compiler()}; then {recorded['compiler']}\n")
    good = not any("FAIL" in line for line in lines)
    lines.append(f"\n{len(now)} rows, none grew by more than {MAY_GROW:.0%}" if good else "\nbench: FAIL")
    return "\n".join(lines), good


def is_this_compiler() -> bool:
    """Whether what was recorded can be compared with what is counted here."""
    return bool(json.loads(FILE.read_text())["compiler"] == kernels.compiler())


def compare(before: Counts, now: Counts) -> list[str]:
    """A line for each row that moved by 0.1 % or more, came or went. A row that went fails: it can no longer be judged."""
    lines = ["| work | block | variant | recorded | now | change | |", "|---|---|---|---|---|---|---|"]
    for key in sorted(before.keys() | now.keys()):
        old, new = before.get(key), now.get(key)
        if old is None or new is None:
            lines.append(
                f"| {key.replace('|', ' | ')} | {old or ''} | {new or ''} | | {'new' if old is None else 'FAIL: gone'} |"
            )
        elif abs(change := new / old - 1) >= 0.001:
            verdict = "FAIL" if change > MAY_GROW else ""
            lines.append(f"| {key.replace('|', ' | ')} | {old:.1f} | {new:.1f} | {change:+.1%} | {verdict} |")
    return lines
