"""masterd replay: a recorded session through the engine again."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from masterd.control.errors import MasterdError
from masterd.daemon.session import replay as session


@click.command("replay")
@click.argument("take", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", "target", required=True, metavar="OUT.wav", type=click.Path(path_type=Path), help="File to write."
)
@click.option("--force", is_flag=True, help="Overwrite OUT.wav.")
def replay(take: Path, target: Path, force: bool) -> None:
    """Render a session again: FOLDER is one take, as `record.session` keeps them. OUT.wav is what left the engine, to the bit.

    It begins with the engine's first frame, so the latency is in it. `masterd render FOLDER/input.wav` masters the same input
    in another way.
    """
    try:
        frames = session.replay(take, target, force)
    except MasterdError as reason:
        click.echo(f"masterd replay: {reason}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo("masterd replay: stopped; nothing was written", err=True)
        sys.exit(130)
    click.echo(f"{target}: {frames} frames")
