"""masterd measure: loudness, peaks, dynamics, stereo image and spectrum of files, and whether they can be delivered."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click

from masterd.control.errors import MasterdError
from masterd.daemon import crew
from masterd.daemon.commands.measured_table import clipping, spreadsheet, table, verdicts
from masterd.daemon.commands.progress import Progress
from masterd.daemon.delivery import profile as delivery
from masterd.daemon.delivery.judging import Judgement, judged
from masterd.daemon.measuring.measurement import Measurement, measure_file
from masterd.daemon.reading.finding import found

CANNOT_READ, NOT_DELIVERABLE = 1, 2


@click.command("measure")
@click.argument("files", nargs=-1, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of objects, one per file, in order.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, a line per file.")
@click.option("--profile", "names", multiple=True, metavar="NAME", help="Check against a delivery profile, or a TOML file.")
@click.option("--profiles", "list_profiles", is_flag=True, help="List the delivery profiles.")
@click.option("--spectrum/--no-spectrum", default=True, help="Measure the spectrum too; without, it takes a ninth of the time.")
@click.option("--bs1770", is_flag=True, help="Measure true peak also with the very filter printed in ITU-R BS.1770.")
@click.option("-j", "--jobs", "processes", type=click.IntRange(1), default=crew.cores, help="Files at a time; all processors.")
def measure(
    files: tuple[Path, ...],
    as_json: bool,
    as_csv: bool,
    names: tuple[str, ...],
    list_profiles: bool,
    spectrum: bool,
    bs1770: bool,
    processes: int,
) -> None:
    """Measure loudness (EBU R128), peaks, dynamics (PLR, PSR, DR), stereo image, clipping and spectrum of audio FILEs or folders.

    A file that cannot be read is named on the standard error, the others go on, and the exit code is 1; it is 2 when all could
    be read and one fails a delivery profile. In JSON -200 stands for nothing: silence, or too short.
    """
    if list_profiles:
        click.echo(profile_table())
        return
    if not files:
        raise click.UsageError("Missing argument 'FILE...'.")
    profiles = loaded(names)
    paths = [file.path for file in found(files)]
    if not paths:
        click.echo(f"masterd measure: no audio files in {', '.join(map(str, files))}", err=True)
    work = partial(measured, bs1770=bs1770, spectrum=spectrum)
    with Progress([path.name for path in paths], [1.0] * len(paths)) as shown:
        outcomes = crew.all_done(work, paths, processes, shown.tell, shown.finished)
    rows = [(row, [judged(row, it) for it in profiles]) for outcome in outcomes if (row := outcome.result)]
    for outcome in outcomes:
        if outcome.error:
            click.echo(f"masterd measure: {outcome.error}", err=True)
    for row, _ in rows:
        for complaint in row.facts.complaints if row.facts else ():
            click.echo(f"masterd measure: {row.file}: the decoder said: {complaint}", err=True)
    click.echo(printed(rows, as_json, as_csv), nl=False)
    failed = any(not judgement.passed for _, judgements in rows for judgement in judgements)
    sys.exit(CANNOT_READ if len(rows) < len(paths) or not paths else NOT_DELIVERABLE if failed else 0)


def measured(path: Path, tell: crew.Told, bs1770: bool, spectrum: bool) -> Measurement:
    """What each process does."""
    return measure_file(path, bs1770, spectrum, tell)


def loaded(names: Sequence[str]) -> list[delivery.Profile]:
    """The profiles of these names, or the end."""
    try:
        return [delivery.load(name) for name in names]
    except MasterdError as reason:
        click.echo(f"masterd measure: {reason}", err=True)
        sys.exit(CANNOT_READ)


def printed(rows: Sequence[tuple[Measurement, Sequence[Judgement]]], as_json: bool, as_csv: bool) -> str:
    """All of it in one of the three ways."""
    if as_json:
        return json.dumps([row.known() | judged_as_json(each) for row, each in rows], indent=2) + "\n"
    if not rows:
        return ""
    if as_csv:
        return spreadsheet(rows)
    measurements = [row for row, _ in rows]
    lines = [table(measurements), *clipping(measurements)]
    lines += [line for row, judgements in rows for line in verdicts(row, judgements)]
    return "\n".join([*lines, ""])


def judged_as_json(judgements: Sequence[Judgement]) -> dict[str, object]:
    """Under a name of their own, when there are any."""
    return {"delivery": [asdict(it) for it in judgements]} if judgements else {}


def profile_table() -> str:
    """Names, titles, where they come from and how sure that is."""
    lines = []
    for name in delivery.names():
        try:
            it = delivery.load(name)
            target = f"{it.target_lufs:g} LUFS" if it.target_lufs is not None else "-"
            ceiling = f"{it.ceiling_dbtp:g} dBTP" if it.ceiling_dbtp is not None else "-"
            lines.append(f"{name:20} {target:>9} {ceiling:>8}  {it.title}; {it.source} [{it.confidence}]")
        except MasterdError as reason:
            lines.append(f"{name:20} {reason}")
    return "\n".join(lines)
