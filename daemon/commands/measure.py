"""masterd measure: loudness and peaks of files, as a table or as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from masterd.daemon.audio_files import AudioFileError
from masterd.daemon.measurement import Measurement, measure_file
from masterd.daemon.meter import NONE

COLUMNS = {
    "integrated_lufs": "I LUFS",
    "momentary_max_lufs": "M max",
    "short_term_max_lufs": "S max",
    "loudness_range_lu": "LRA LU",
    "true_peak_dbtp": "dBTP",
    "sample_peak_dbfs": "dBFS",
}


def table(rows: Sequence[Measurement]) -> str:
    """Aligned columns for people, one decimal as the standards advise, - for nothing."""
    lines = [[*COLUMNS.values(), "file"]]
    for row in rows:
        values = (getattr(row, name) for name in COLUMNS)
        lines.append([*("-" if value <= NONE else f"{value:.1f}" for value in values), row.file])
    return "\n".join("".join(cell.rjust(8) for cell in line[:-1]) + "  " + line[-1] for line in lines)


@click.command("measure")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of objects, one per file, in order.")
def measure(files: tuple[Path, ...], as_json: bool) -> None:
    """Measure loudness (EBU R128), true peak and sample peak of audio FILEs.

    A file that cannot be read is named on the standard error, the others go on, and the exit code is 1. In JSON -200 stands for
    nothing: silence, or too short.
    """
    rows, broken = [], 0
    for path in files:
        try:
            rows.append(measure_file(path))
        except AudioFileError as reason:
            click.echo(f"masterd measure: {reason}", err=True)
            broken += 1
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2))
    elif rows:
        click.echo(table(rows))
    sys.exit(1 if broken else 0)
