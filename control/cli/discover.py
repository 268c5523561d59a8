"""discover: which daemons announce themselves on this network, and whether they are who they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

from masterd.control.address import tcp_endpoint
from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.errors import MissingExtra
from masterd.control.text import columns

if TYPE_CHECKING:
    from masterd.control.discovery import Sighting


@click.command()
@click.option("--seconds", default=2.0, show_default=True, help="How long to listen.")
@click.option("--interface", "interfaces", multiple=True, metavar="ADDRESS", help="Only on the interface with this address.")
@json_option
@pass_hand
def discover(hand: Hand, seconds: float, interfaces: tuple[str, ...]) -> None:
    """Daemons that announce themselves here: where they are, the fingerprint they claim, and what hosts.toml knows of them.

    An announcement is no proof. What proves a daemon is its key, and that is checked at every connection.
    """
    from masterd.control import hosts

    try:
        from masterd.control import discovery
    except ModuleNotFoundError as error:
        raise MissingExtra(str(error.name), "mdns") from error

    known = hosts.load(hosts.path())
    sightings = [discovery.compared(found, known) for found in discovery.discover(seconds, interfaces)]
    if hand.json:
        hand.print_json([as_object(it) for it in sightings])
    elif not sightings:
        click.echo(f"nobody announced a masterd within {seconds:g} s", err=True)
    else:
        rows = [("NAME", "ADDRESS", "VERSION", "FINGERPRINT", "HOST")]
        rows += [(it.found.label, where(it), it.found.version, it.found.fingerprint, verdict(it)) for it in sightings]
        click.echo(columns(rows))


def where(sighting: Sighting) -> str:
    """Its first address."""
    found = sighting.found
    return tcp_endpoint(found.addresses[0] if found.addresses else found.machine, found.port)


def verdict(sighting: Sighting) -> str:
    """What hosts.toml knows of it."""
    if not sighting.host:
        return "(not known)"
    return sighting.host if sighting.matches else f"{sighting.host}: ANOTHER KEY"


def as_object(sighting: Sighting) -> dict[str, Any]:
    """What --json says: `host` is null for one that is not known, `matches` whether it claims that host's key."""
    known = {"host": sighting.host, "matches": sighting.matches} if sighting.host else {"host": None, "matches": None}
    return {**msgspec.to_builtins(sighting.found), **known}
