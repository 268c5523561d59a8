"""osc: turns the daemon from whatever speaks Open Sound Control."""

from __future__ import annotations

import logging
import sys

import click

from masterd.control.cli.hand import Hand, pass_hand
from masterd.control.cli.network import allow_option, listen_option, port_option
from masterd.control.cli.stopped import stopped
from masterd.control.cli.values import glide_option


@click.command()
@listen_option
@port_option(10023)
@allow_option
@click.option("--allow-unsafe", is_flag=True, help="Lets clients turn what decides how loud the air gets: ceiling, output trim.")
@glide_option
@pass_hand
def osc(hand: Hand, listen: str, port: int, allow: tuple[str, ...], allow_unsafe: bool, glide_ms: float) -> None:
    """Runs an OSC server for the daemon until stopped. The daemon may come and go. docs/osc.md lists the addresses."""
    from masterd.control.allowed import Allowed
    from masterd.control.osc.run import Run, bound

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    allowed = Allowed(allow)
    allowed.guard(listen)
    udp = bound(listen, port)
    logging.info("OSC on %s port %d", listen, udp.getsockname()[1])
    with stopped() as is_over:
        Run(udp, hand.client, allowed, allow_unsafe, glide_ms).until(is_over)
