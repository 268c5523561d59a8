"""metrics: tells Prometheus how the daemon is."""

from __future__ import annotations

import logging
import sys
import threading

import click

from masterd.control.cli.hand import Hand, pass_hand
from masterd.control.cli.network import allow_option, listen_option, port_option
from masterd.control.cli.stopped import stopped
from masterd.control.errors import CannotListen, MissingExtra


@click.command()
@listen_option
@port_option(9823)
@allow_option
@click.option("--corridor", type=(float, float), metavar="LOW HIGH", help="Between which LUFS the programme should be: -24 -22.")
@pass_hand
def metrics(hand: Hand, listen: str, port: int, allow: tuple[str, ...], corridor: tuple[float, float] | None) -> None:
    """Runs a Prometheus endpoint for the daemon until stopped, and says so when the daemon is away. docs/monitoring.md."""
    from masterd.control.allowed import Allowed
    from masterd.control.client import Client
    from masterd.control.metrics.watch import Watch

    try:
        from prometheus_client import CollectorRegistry

        from masterd.control.metrics.collector import MasterdCollector
        from masterd.control.metrics.endpoint import Endpoint
    except ModuleNotFoundError as error:
        raise MissingExtra("prometheus_client", "metrics") from error

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    allowed = Allowed(allow)
    allowed.guard(listen)
    registry = CollectorRegistry()
    try:
        server = Endpoint(listen, port, allowed, registry)
    except OSError as error:
        raise CannotListen(listen, port, error) from None
    with stopped() as is_over, Watch(Client(hand.name, hand.timeout_s)) as watch, server:
        registry.register(MasterdCollector(watch, corridor))
        host = f"[{listen}]" if ":" in listen else listen
        logging.info("metrics on http://%s:%d/metrics", host, server.server_port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        while not is_over():
            threading.Event().wait(0.2)
        server.shutdown()
