"""masterd render: a file through the engine that runs on air, as fast as it goes."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import click

from masterd.control.errors import MasterdError
from masterd.daemon.audio_writer import SUBTYPES
from masterd.daemon.commands.measure import table
from masterd.daemon.linear_phase import refusals
from masterd.daemon.rendering import ProgressTold, Rendered, refuse_what_is_wrong, render_file, wanted_values


@click.command("render")
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", "target", required=True, metavar="OUT", type=click.Path(path_type=Path), help="WAV or FLAC file to write."
)
@click.option("--preset", metavar="NAME", help="Start from this preset; without it the chain is flat.")
@click.option(
    "--set", "settings", multiple=True, metavar="ID=VALUE", help="Set a parameter, over the preset. Any number of times."
)
@click.option(
    "--bits", type=click.Choice(list(SUBTYPES)), default="24", show_default=True, help="Word length; 16 and 24 are dithered."
)
@click.option("--linear-phase", is_flag=True, help="Equalise without turning the phase; static bands only.")
@click.option("--force", is_flag=True, help="Overwrite OUT.")
def render(
    source: Path, target: Path, preset: str | None, settings: tuple[str, ...], bits: str, linear_phase: bool, force: bool
) -> None:
    """Master a file: IN through the chain into OUT.

    OUT is aligned with IN and has exactly its length and sample rate. Nothing is written before everything is known to be
    right, and OUT appears when it is complete.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        values, wrong = wanted_values(preset, settings)
        if linear_phase:
            wrong += refusals(values)
        refuse_what_is_wrong(source, target, bits, force, wrong)
        done = render_file(source, target, values, bits, force, progress(), linear_phase)
    except MasterdError as reason:
        for line in str(reason).splitlines():
            click.echo(f"masterd render: {line}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo("masterd render: stopped; nothing was written", err=True)
        sys.exit(130)
    click.echo(summary(done))


def progress() -> ProgressTold | None:
    """Draws how far it is, on a terminal only."""
    if not sys.stderr.isatty():
        return None
    shown = -1

    def tell(frames: int, of_frames: int) -> None:
        nonlocal shown
        percent = 100 * frames // max(of_frames, 1)
        if percent != shown:
            shown = percent
            click.echo(f"\r{percent:3d} %" if frames < of_frames else "\r     \r", nl=False, err=True)

    return tell


def summary(done: Rendered) -> str:
    """Loudness and peaks before and after, and how long it took."""
    lines = [table([done.before, done.after])]
    if done.mono:
        lines.append("the input is mono, measured as one channel; the output has it on both sides, which reads 3 LU more")
    if done.nonfinite_samples:
        lines.append(f"{done.nonfinite_samples} samples of the input were not finite and are silence in the output")
    minutes, seconds = divmod(done.seconds, 60)
    speed = done.seconds / max(done.took_seconds, 1e-9)
    lines.append(f"{int(minutes)}:{seconds:04.1f} min in {done.took_seconds:.1f} s, {speed:.0f} times real time")
    return "\n".join(lines)
