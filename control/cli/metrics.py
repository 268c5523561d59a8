"""metrics: tells Prometheus how the daemon is."""

from __future__ import annotations

import logging
import sys
import threading
import time

import click

from masterd.control.cli.hand import Hand, pass_hand
from masterd.control.cli.network import allow_option, listen_option, port_option
from masterd.control.cli.stopped import stopped
from masterd.control.errors import MissingExtra

ROUND_S = 0.2


@click.command()
@listen_option
@port_option(9823)
@allow_option
@click.option("--corridor", type=(float, float), metavar="LOW HIGH", help="Between which LUFS the programme should be: -24 -22.")
@pass_hand
def metrics(hand: Hand, listen: str, port: int, allow: tuple[str, ...], corridor: tuple[float, float] | None) -> None:
    """Runs a Prometheus endpoint for the daemon until stopped, and says so when the daemon is away. docs/monitoring.md."""
    from masterd.control.allowed import Allowed
    from masterd.control.metrics.watch import Watch

    try:
        from masterd.control.metrics.collector import registry
        from masterd.control.metrics.endpoint import opened
    except ModuleNotFoundError as error:
        raise MissingExtra(str(error.name), "metrics") from error

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    allowed = Allowed(allow)
    allowed.guard(listen)
    watch = Watch(hand.client)
    with stopped() as is_over, opened(listen, port, allowed, registry(watch, corridor)) as server, watch:
        logging.info("metrics on %s", server.url)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        while not is_over():
            time.sleep(ROUND_S)
        server.shutdown()
