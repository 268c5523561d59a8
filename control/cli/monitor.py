"""monitor: what the monitor output plays, and through whose loudspeaker."""

from __future__ import annotations

import click

from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.protocol import MonitorState
from masterd.control.text import columns


@click.command()
@click.argument("simulation", required=False)
@click.option("--dim", "dim_db", default=0.0, metavar="DB", help="Quieter by so much, 0 to 24 dB.")
@json_option
@pass_hand
def monitor(hand: Hand, simulation: str | None, dim_db: float) -> None:
    """Listens to the air through another loudspeaker: SIMULATION is direct, mono, phone, laptop, car, ... Without it, says how it
    stands. The air never changes."""
    now = hand.client.monitor_hear(simulation, dim_db) if simulation else hand.client.monitor()
    if hand.json:
        hand.print_json(now)
    else:
        click.echo(columns(rows(now)))


def rows(now: MonitorState) -> list[tuple[str, str]]:
    """What people read."""
    dim = f", {now.dim_db:g} dB quieter" if now.dim_db else ""
    lines = [
        ("monitor", f"{now.simulation}{dim}: {now.simulations[now.simulation]}"),
        ("output", f"{now.state}: {now.host} {now.device}".rstrip()),
        ("clock", f"{now.drift_ppm:+.1f} ppm, waits {now.delay_ms:.1f} ms, slips {now.slips}"),
    ]
    lines += [("problem", now.reason)] if now.reason else []
    others = [(name, text) for name, text in now.simulations.items() if name != now.simulation]
    return [*lines, ("", ""), *others]
