"""tui: the console in a terminal."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from masterd.control.address import Address
from masterd.control.cli.hand import Hand, pass_hand
from masterd.control.cli.where import host_names

if TYPE_CHECKING:
    from masterd.control.tui.console import Console
    from masterd.control.tui.target import Target


def corridor(ctx: click.Context, param: click.Parameter, text: str | None) -> Target | None:
    """What --target says, or a usage error."""
    from masterd.control.tui.target import parse_target

    try:
        return parse_target(text or "")
    except ValueError as reason:
        raise click.BadParameter(str(reason)) from None


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME|HOST]...", shell_complete=host_names)
@click.option("--target", callback=corridor, metavar="LUFS[±LU]", help="Loudness to aim at, with its tolerance: -23 or -23±1.")
@click.option("--theme", default="masterd", show_default=True, help="masterd, masterd-light, or any of textual's.")
@pass_hand
def tui(hand: Hand, names: tuple[str, ...], target: Target | None, theme: str) -> None:
    """Opens a console for one daemon or several, side by side where there is room: meters, history, parameters, presets, events.

    Each is a host of hosts.toml, or a daemon of this machine by its name. None needs to be there: the console waits, and says for
    how long. The key ? shows all keys.
    """
    addresses = [address_of(name) for name in dict.fromkeys(names)] or [hand.address]
    console(addresses, hand.timeout_s, target, theme).run()


def address_of(name: str) -> Address:
    """A host of hosts.toml, else a daemon of this machine."""
    from masterd.control import hosts

    known = hosts.load(hosts.path())
    return known[name].reach(name) if name in known else Address(name)


def console(addresses: Sequence[Address], timeout_s: float, target: Target | None, theme: str) -> Console:
    """A console that is not running yet; UsageError for what is not installed or has no such name."""
    try:
        import textual  # noqa: F401
    except ImportError:
        raise click.UsageError("the console needs textual: pip install 'masterd[tui]'") from None
    from masterd.control.async_client import AsyncClient
    from masterd.control.tui.console import Console
    from masterd.control.tui.link import Link
    from masterd.control.tui.station import Station
    from masterd.control.tui.themes import names as themes

    if theme not in themes():
        raise click.UsageError(f"no theme {theme!r}; there are {', '.join(themes())}")
    clients = [AsyncClient(address, timeout_s, "tui") for address in addresses]
    return Console([Link(client, Station(client.name, time.monotonic(), target)) for client in clients], theme)
