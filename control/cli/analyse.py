"""analyse: listens to what is on air and explains it; apply: turns what a proposal says."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from masterd.control import proposal
from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.cli.values import glide_option, now_text
from masterd.control.errors import AnalysisRunning

ASK_EVERY_S = 0.5


@click.command()
@click.option("--point", type=click.Choice(["input", "output"]), default="output", show_default=True, help="Where to listen.")
@click.option("--seconds", default=30.0, show_default=True, help="How long.")
@click.option("--corridor", default="neutral", show_default=True, help="A kind of programme, of those the daemon has.")
@click.option("--match", is_flag=True, help="Come near the middle of the corridor, which may be a learned reference.")
@click.option("--target", "target_lufs", type=float, metavar="LUFS", help="Loudness that is wanted.")
@click.option(
    "-p", "--proposal", "to", type=click.Path(path_type=Path), metavar="FILE", help="Write the moves, to edit and apply."
)
@click.option("--html", "page", type=click.Path(path_type=Path), metavar="FILE", help="Write a page with pictures.")
@json_option
@pass_hand
def analyse(hand: Hand, /, to: Path | None, page: Path | None, **wish: Any) -> None:
    """Listens to what is on air, and explains: what was measured, what is unusual, which parameters would change that.

    Nothing is turned. `masterctl apply FILE` turns what the proposal says, after you have read and edited it.
    """
    for path in (to, page):
        if path is not None and path.exists():
            raise click.UsageError(f"{path} exists already")
    hand.client.analyse_begin(**wish)
    click.echo(f"listening for {wish['seconds']:g} s", err=True)
    wait(hand, wish["seconds"])
    if to is not None:
        to.write_text(hand.client.analyse_result("proposal"))
    if page is not None:
        page.write_text(hand.client.analyse_result("html"))
    if hand.json:
        hand.print_json(hand.client.analyse_result("object"))
    else:
        click.echo(hand.client.analyse_result("text"))


def wait(hand: Hand, seconds: float) -> None:
    """Until the analysis is through."""
    time.sleep(seconds)
    while True:
        try:
            hand.client.analyse_result("text")
            return
        except AnalysisRunning:
            time.sleep(ASK_EVERY_S)


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@glide_option
@click.option("--dry-run", is_flag=True, help="Only show what would be turned.")
@json_option
@pass_hand
def apply(hand: Hand, path: Path, glide_ms: float, dry_run: bool) -> None:
    """Turns everything in a proposal that has `apply = true`, at once and all or nothing."""
    values = proposal.read(path)
    if not values:
        raise click.UsageError(f"{path}: no move has apply = true")
    if dry_run:
        click.echo("\n".join(f"{id} = {value}" for id, value in values.items()))
        return
    answer = hand.client.set(values, glide_ms)
    hand.done(answer, now_text(hand, list(values)))
