"""announce: tells the network where a daemon is. The daemon runs it beside itself when [network] says announce."""

from __future__ import annotations

import logging
import sys

import click

from masterd.control.address import DEFAULT_PORT
from masterd.control.cli.hand import Hand, pass_hand
from masterd.control.cli.stopped import stopped
from masterd.control.errors import MissingExtra


@click.command()
@click.option("--listen", default="*", show_default=True, metavar="ADDRESS", help="Where the daemon listens: [network] address.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="The port of its ctl.")
@pass_hand
def announce(hand: Hand, listen: str, port: int) -> None:
    """Announces the daemon of --name by mDNS until stopped: its name, where it is, and the fingerprint of its key."""
    from masterd.control import keys

    try:
        from masterd.control import announcer
    except ModuleNotFoundError as error:
        raise MissingExtra(str(error.name), "mdns") from error

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    fingerprint = keys.fingerprint(keys.load_public(keys.secret_path()))
    with stopped() as is_over:
        announcer.announce(hand.where.name, port, fingerprint, listen, is_over)
