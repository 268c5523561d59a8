"""midi monitor: what boxes send, and what came of it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.cli.midi_system import POLL_S, backend, port_option, reported
from masterd.control.cli.stopped import stopped
from masterd.control.protocol import MidiMove, MidiMoves, StateSnapshot
from masterd.control.protocol.midi import MONITOR_S

if TYPE_CHECKING:
    from masterd.control.midi.backend import Backend, Source


@click.command()
@port_option
@click.option("--count", type=click.IntRange(1), help="End after so many lines.")
@json_option
@pass_hand
def monitor(hand: Hand, pattern: str, count: int | None) -> None:
    """Prints what boxes send, and what came of it: a value, waiting to be picked up, refused, an echo.

    As the MIDI processes tell it, on whatever machine they run. Without one this command listens by itself: nothing comes of what
    it hears then. With --json a line for each move: box, bytes, control, value, did.
    """
    state = None if pattern else reported(hand)
    moves = told(hand) if state and state.processes else heard(pattern)
    for move in itertools.islice(moves, count):
        if hand.json:
            hand.print_json(move)
        else:
            value = f"{move.control}: {move.value}" if move.control else ""
            click.echo(f"{move.box:<14}  {move.bytes:<9}  {value:<28}  {move.did}".rstrip())


def told(hand: Hand) -> Iterator[MidiMove]:
    """What MIDI processes tell the daemon, for as long as this is read."""
    asked_s, is_heard = float("-inf"), False
    with hand.client.follower() as follower, stopped() as is_over:
        follower.poll()  # events come from now on, or soon: the first one proves it
        while not is_over():
            if time.monotonic() - asked_s > MONITOR_S / 2:
                asked_s = time.monotonic()
                hand.client.midi_monitor(MONITOR_S)
            item = follower.poll(0.1)
            if item and not is_heard and not isinstance(item, StateSnapshot):
                click.echo("listening", err=True)
                is_heard = True
            if isinstance(item, MidiMoves):
                yield from item.moves
                if item.missed:
                    yield MidiMove(box="", bytes="", did=f"and {item.missed} more")


def heard(pattern: str) -> Iterator[MidiMove]:
    """What comes in on the ports of this machine that match, also on those that come later."""
    from masterd.control.midi.backend import plain

    sources: dict[str, Source] = {}
    with backend() as system, stopped() as is_over:
        while not is_over():
            if system.look(time.monotonic()):
                listen(system, sources, pattern)
            for port, source in sources.items():
                yield from (as_move(plain(port), message) for message in source.messages())
            time.sleep(POLL_S)


def listen(system: Backend, sources: dict[str, Source], pattern: str) -> None:
    """Opens the ports that came, and lets go of those that went."""
    from masterd.control.midi.connection import matching

    there = matching(pattern, system.sources)
    for port in [port for port in sources if port not in there]:
        system.drop(sources.pop(port))
        click.echo(f"{port}: gone", err=True)
    for port in [port for port in there if port not in sources and port not in system.young]:
        sources[port] = system.open_source(port)
        click.echo(f"{port}: listening", err=True)


def as_move(box: str, message: list[int]) -> MidiMove:
    """A message of which nothing comes."""
    from masterd.control.midi.box import hexadecimal
    from masterd.control.midi.messages import moved

    move = moved(message)
    bytes = hexadecimal(message)
    return MidiMove(box, bytes, str(move.control), move.value) if move else MidiMove(box, bytes)
