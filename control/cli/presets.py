"""preset: list, show, load, save, delete."""

from __future__ import annotations

from typing import Any

import click

from masterd.control import protocol
from masterd.control.cli.complete import preset_names
from masterd.control.cli.guarding import confirm_option, override_option, turned
from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.cli.values import glide_option, if_revision_option


@click.group()
def preset() -> None:
    """Lists, loads, saves and deletes presets."""


@preset.command("list")
@json_option
@pass_hand
def list_presets(hand: Hand) -> None:
    """Names of all presets, factory ones first."""
    names = hand.client.preset_list()
    if hand.json:
        hand.print_json(names)
    else:
        click.echo("\n".join(names))


@preset.command()
@json_option
@pass_hand
def show(hand: Hand) -> None:
    """Which preset the daemon is at, and whether something was changed since."""
    now = hand.client.snapshot()
    if hand.json:
        hand.print_json({"preset": now.preset, "dirty": now.dirty, "revision": now.revision})
    else:
        click.echo(f"{now.preset or '(none)'}{', changed since' if now.dirty else ''}")


@preset.command()
@click.argument("name", shell_complete=preset_names)
@glide_option
@if_revision_option
@confirm_option
@override_option
@json_option
@pass_hand
def load(hand: Hand, /, name: str, **how: Any) -> None:
    """Goes to a preset."""
    turned(hand, protocol.PresetLoad(name=name, **how))


@preset.command()
@click.argument("name", shell_complete=preset_names)
@override_option
@json_option
@pass_hand
def save(hand: Hand, name: str, override: bool) -> None:
    """Keeps the present values under a name; an existing preset of yours is replaced, factory ones never are."""
    turned(hand, protocol.PresetSave(name=name, override=override))


@preset.command()
@click.argument("name", shell_complete=preset_names)
@override_option
@json_option
@pass_hand
def delete(hand: Hand, name: str, override: bool) -> None:
    """Removes one of your presets."""
    turned(hand, protocol.PresetDelete(name=name, override=override))
