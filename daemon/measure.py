"""masterd measure: loudness and peaks of files, as a table or as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from masterd.daemon.audio_files import AudioFileError, AudioReader
from masterd.daemon.meter import NONE, ProgrammeMeter

DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Measurement:
    """One file. -200 stands for "nothing": silence, or too short (M 400 ms, S and range 3 s); it is never NaN or infinite.

    A mono file is measured as one channel: 3 LU below the same programme on both sides.
    """

    file: str
    integrated_lufs: float
    momentary_max_lufs: float
    short_term_max_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    sample_peak_dbfs: float


def measure(path: Path | str) -> Measurement:
    """Reads the whole file with the meters that run on air. AudioFileError when it cannot be read to its end."""
    with AudioReader(path) as reader:
        meter = ProgrammeMeter(reader.sample_rate_hz, reader.channels)
        for block in reader.blocks():
            meter.add(block)
    return measurement(str(path), meter)


def measurement(file: str, meter: ProgrammeMeter) -> Measurement:
    """What a meter has to say at the end, to a thousandth."""
    return Measurement(file, **{name: round(value, DECIMALS) for name, value in meter.readings().items()})


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
def command(files: tuple[Path, ...], as_json: bool) -> None:
    """Measure loudness (EBU R128), true peak and sample peak of audio FILEs.

    A file that cannot be read is named on the standard error, the others go on, and the exit code is 1. In JSON -200 stands for
    nothing: silence, or too short.
    """
    rows, broken = [], 0
    for path in files:
        try:
            rows.append(measure(path))
        except AudioFileError as reason:
            click.echo(f"masterd measure: {reason}", err=True)
            broken += 1
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2))
    elif rows:
        click.echo(table(rows))
    sys.exit(1 if broken else 0)
