"""masterd preview: what codecs make of files; masterd translate: what other loudspeakers make of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from masterd.control.errors import MasterdError
from masterd.control.text import columns
from masterd.daemon.preview import codec as codecs
from masterd.daemon.preview.translation import SPEAKERS, Translated, translated
from masterd.daemon.reading.finding import found
from masterd.daemon.translation import simulation

USUAL = ("mp3:128", "mp3:320", "m4a:128", "m4a:256", "opus:96", "opus:160", "ogg:160")


@click.command("preview")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--codec", "names", multiple=True, metavar="FORMAT[:KBPS]", help=f"Any number; {', '.join(USUAL)}.")
@click.option(
    "--ceiling", "ceiling_dbtp", default=0.0, show_default=True, metavar="DBTP", help="True peak wanted behind the codec."
)
@click.option(
    "--difference", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER", help="Write what each changed."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of objects.")
@click.option("--force", is_flag=True, help="Overwrite what exists.")
def preview(
    files: tuple[Path, ...], names: tuple[str, ...], ceiling_dbtp: float, folder: Path | None, as_json: bool, force: bool
) -> None:
    """Encode FILEs, decode them again, and tell what changed: true peak, overs, loudness. The difference can be listened to.

    The exit code is 2 when a true peak passes the ceiling behind a codec, 1 when a file could not be previewed.
    """
    rows, failed = [], 0
    try:
        wanted = [codecs.parsed(name) for name in names or USUAL]
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    except MasterdError as reason:
        complain("preview", reason)
        sys.exit(1)
    for path in [it.path for it in found(files)]:
        for codec in wanted:
            target = folder / f"{path.stem} - {codec.suffix[1:]} {codec.kbps}.wav" if folder else None
            try:
                rows.append(codecs.previewed(path, codec, target, force=force))
            except MasterdError as reason:
                complain("preview", reason)
                failed += 1
    click.echo(json.dumps([asdict(row) for row in rows], indent=1) if as_json else preview_table(rows, ceiling_dbtp))
    over = any(row.true_peak_after_dbtp > ceiling_dbtp for row in rows)
    sys.exit(1 if failed else 2 if over else 0)


def complain(command: str, reason: MasterdError) -> None:
    """On the standard error."""
    click.echo(f"masterd {command}: {reason}", err=True)


def preview_table(rows: Sequence[codecs.Preview], ceiling_dbtp: float) -> str:
    """For people."""
    lines = [("CODEC", "dBTP before", "after", "OVERS", "LU", "CHANGED dB", "FILE")]
    for it in rows:
        peaks = f"{it.true_peak_before_dbtp:.2f}", f"{it.true_peak_after_dbtp:.2f}"
        lines.append((it.codec, *peaks, str(it.overs), f"{it.loudness_change_lu:+.2f}", f"{it.difference_db:.1f}", it.file))
    advice = [f"{it.codec}: {text}" for it in rows if (text := it.advice(ceiling_dbtp))]
    return "\n".join([columns(lines), *advice])


@click.command("translate")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--on", "speakers", multiple=True, type=click.Choice(SPEAKERS), help="Only these; all of them otherwise.")
@click.option(
    "--render", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER", help="Write what each would play."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of objects.")
@click.option("--force", is_flag=True, help="Overwrite what exists.")
def translate(source: Path, speakers: tuple[str, ...], folder: Path | None, as_json: bool, force: bool) -> None:
    """What is left of FILE on a phone, in a car, a club, ...: loudness, bass, and what mono takes. Approximations, to compare by.

    Live, `masterctl monitor phone` lets you listen in the same way.
    """
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        rows = translated(source, speakers or SPEAKERS, folder, force)
    except MasterdError as reason:
        complain("translate", reason)
        sys.exit(1)
    click.echo(json.dumps([asdict(row) for row in rows], indent=1) if as_json else translation_table(rows))


def translation_table(rows: Sequence[Translated]) -> str:
    """For people."""
    lines = [("ON", "LUFS", "LU", "BASS LOST dB", "MONO LOSS LU", "APPROXIMATES")]
    for it in rows:
        numbers = f"{it.loudness_lufs:.1f}", f"{it.loudness_change_lu:+.1f}", f"{it.bass_lost_db:.1f}", f"{it.mono_loss_lu:.1f}"
        lines.append((it.speaker, *numbers, simulation(it.speaker).description))
    return columns(lines)
