"""masterd measure: loudness, peaks, dynamics and stereo image of files, as a table or as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
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
    "plr_db": "PLR",
    "psr_min_db": "PSR min",
    "dr_db": "DR",
    "correlation": "corr",
    "balance_db": "bal dB",
    "dc_percent": "DC %",
}
COMPATIBLE = {"true_peak_bs1770_dbtp": "BS.1770"}


def table(rows: Sequence[Measurement]) -> str:
    """Aligned columns for people, one decimal as the standards advise, - for nothing."""
    columns = COLUMNS | (COMPATIBLE if rows[0].true_peak_bs1770_dbtp is not None else {})
    lines = [[*columns.values(), "file"]]
    for row in rows:
        lines.append([*(cell(name, getattr(row, name)) for name in columns), row.file])
    return "\n".join("".join(cell.rjust(8) for cell in line[:-1]) + "  " + line[-1] for line in lines)


def cell(name: str, value: float | tuple[float, float]) -> str:
    """A value as it stands in the table: of DC the side that has more, DR as it is published."""
    if isinstance(value, tuple):
        return f"{max(value, key=abs):.3f}"
    if value <= NONE:
        return "-"
    return f"{value:.0f}" if name == "dr_db" else f"{value:.2f}" if name == "correlation" else f"{value:.1f}"


@click.command("measure")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of objects, one per file, in order.")
@click.option("--bs1770", is_flag=True, help="Measure true peak also with the very filter printed in ITU-R BS.1770.")
def measure(files: tuple[Path, ...], as_json: bool, bs1770: bool) -> None:
    """Measure loudness (EBU R128), peaks, dynamics (PLR, PSR, DR) and stereo image of audio FILEs.

    A file that cannot be read is named on the standard error, the others go on, and the exit code is 1. In JSON -200 stands for
    nothing: silence, or too short.
    """
    rows, broken = [], 0
    for path in files:
        try:
            rows.append(measure_file(path, bs1770))
        except AudioFileError as reason:
            click.echo(f"masterd measure: {reason}", err=True)
            broken += 1
    if as_json:
        click.echo(json.dumps([row.known() for row in rows], indent=2))
    elif rows:
        click.echo(table(rows))
    sys.exit(1 if broken else 0)
