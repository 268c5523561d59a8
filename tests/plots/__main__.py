"""Measures, draws docs/sound/*.png and writes the tables of docs/sound.md between their markers. Arguments: groups, else all."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from time import monotonic

from plots import agc, clipper, clocks, compressor, crossover, equaliser, limiter, loudness
from plots.sheet import FOLDER, Row

GROUPS = {
    "equaliser": equaliser.measure,
    "crossover": crossover.measure,
    "compressor": compressor.measure,
    "limiter": limiter.measure,
    "clipper": clipper.measure,
    "agc": agc.measure,
    "loudness": loudness.measure,
    "clocks": clocks.measure,
}
PAGE = FOLDER.with_suffix(".md")


def table(rows: list[Row]) -> str:
    lines = ["| Measured | Threshold | Reached |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines).replace(" -", " −").replace("| +0.2/-0.4", "| +0.2/−0.4").replace("/-", "/−")


def write(page: Path, group: str, text: str) -> None:
    before = page.read_text(encoding="utf-8")
    marker = rf"(<!-- measured: {group} -->\n).*?(<!-- end -->)"
    after, found = re.subn(marker, lambda match: f"{match[1]}{text}\n{match[2]}", before, flags=re.DOTALL)
    if not found:
        raise SystemExit(f"{page}: no markers for {group}")
    page.write_text(after, encoding="utf-8")


for group in sys.argv[1:] or GROUPS:
    began = monotonic()
    write(PAGE, group, table(GROUPS[group]()))
    print(f"{group}: {monotonic() - began:.0f} s", flush=True)
