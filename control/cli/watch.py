"""watch: what happens, as it happens."""

from __future__ import annotations

import time
from collections.abc import Iterator

import click
import msgspec

from masterd.control.cli.hand import Hand, json_option, pass_hand, to_json
from masterd.control.client import Client
from masterd.control.clock import clock_text
from masterd.control.errors import Unreachable
from masterd.control.event_text import event_text
from masterd.control.parameters import Parameter
from masterd.control.protocol import AnyEvent, Heartbeat, StateSnapshot

RETRY_S = 0.5

Item = StateSnapshot | AnyEvent


@click.command()
@click.option("--count", type=click.IntRange(1), help="End after so many lines.")
@click.option("--heartbeats", is_flag=True, help="Also the signs of life, one a second when nothing happens.")
@json_option
@pass_hand
def watch(hand: Hand, count: int | None, heartbeats: bool) -> None:
    """Prints the state once, then every change: who did what. Goes on when the daemon restarts.

    With --json one object per line; its type is snapshot, changed, presets, host, alarm, midi, midi_moves, or heartbeat.
    """
    parameters = {parameter.id: parameter for parameter in hand.client.describe()}
    lines = (item for item in follow_always(hand.client) if heartbeats or not isinstance(item, Heartbeat))
    for number, item in enumerate(lines, 1):
        click.echo(as_json(item) if hand.json else as_text(item, parameters))
        if number == count:
            break


def follow_always(client: Client) -> Iterator[Item]:
    """Follows, and waits for the daemon to come back when it goes. Unreachable when it was never there."""
    been_there = False
    while True:
        try:
            for item in client.follow():
                been_there = True
                yield item
        except Unreachable as error:
            if not been_there:
                raise
            click.echo(f"masterctl: {error}; waiting for it", err=True)
            _wait_for(client)


def _wait_for(client: Client) -> None:
    while True:
        time.sleep(RETRY_S)
        try:
            client.snapshot()
            return
        except Unreachable:
            continue


def as_json(item: Item) -> str:
    """One object; a snapshot gets the type that events have already."""
    fields = msgspec.to_builtins(item)
    return to_json({"type": "snapshot", **fields})


def as_text(item: Item, parameters: dict[str, Parameter]) -> str:
    """A line for people, or one per parameter that changed."""
    if isinstance(item, StateSnapshot):
        return f"revision {item.revision}, preset {item.preset or '(none)'}{', changed since' if item.dirty else ''}"
    return f"{clock_text(item.time)} {event_text(item, parameters)}"
