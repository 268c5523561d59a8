"""midi: run a controller, list ports, see what a box sends, learn a control."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from masterd.control.address import Address
from masterd.control.cli.complete import parameter_ids
from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.cli.stopped import stopped
from masterd.control.places import config_directory

if TYPE_CHECKING:
    from masterd.control.midi.backend import Backend
    from masterd.control.midi.learn import Learned, Learner

POLL_S = 0.001

map_option = click.option(
    "--map",
    "map_path",
    type=click.Path(path_type=Path),
    help="The map file; midi.toml in the configuration folder when not given.",
)


def map_file(given: Path | None) -> Path:
    """Where the map is: as given, or midi.toml beside the daemon's configuration; a name without a folder is looked for there."""
    if given is None:
        return config_directory() / "midi.toml"
    return given if given.exists() or given.parent != Path() else config_directory() / given


@click.group()
def midi() -> None:
    """Turns the daemon with a MIDI controller."""


@midi.command()
@map_option
@click.option("--name", help="Which daemon; as masterctl --name.")
@pass_hand
def run(hand: Hand, map_path: Path | None, name: str | None) -> None:
    """Ties a controller to the daemon until stopped. Box and daemon may come and go."""
    from masterd.control.midi.mapfile import load
    from masterd.control.midi.run import Run

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    with stopped() as is_over:
        Run(load(map_file(map_path)), Address(name) if name else hand.address, hand.timeout_s).until(is_over)


@contextlib.contextmanager
def backend() -> Iterator[Backend]:
    """The MIDI system, closed afterwards."""
    from masterd.control.midi.backend import Backend

    opened = Backend()
    try:
        yield opened
    finally:
        opened.close()


@midi.command("list")
@json_option
@pass_hand
def list_ports(hand: Hand) -> None:
    """Ports of boxes that send and that receive."""
    with backend() as system:
        sources, sinks = system.sources(), system.sinks()
        if hand.json:
            hand.print_json({"system": system.name, "sources": sources, "sinks": sinks})
            return
        for word, ports in (("sends", sources), ("receives", sinks)):
            for port in ports:
                click.echo(f"{word:<9} {port}")


@midi.command()
@click.option("--port", "pattern", default="", help="A regular expression the port's name holds; any port otherwise.")
@click.option("--count", type=click.IntRange(1), help="End after so many messages.")
@json_option
@pass_hand
def monitor(hand: Hand, pattern: str, count: int | None) -> None:
    """Prints what a box sends."""
    from masterd.control.midi.messages import moved

    for number, (port, message) in enumerate(heard(pattern), 1):
        move = moved(message)
        if hand.json:
            control = {"control": str(move.control), "value": move.value} if move else {}
            hand.print_json({"port": port, "message": message, **control})
        else:
            text = f"{move.control}: {move.value}" if move else ""
            click.echo(f"{' '.join(f'{byte:02X}' for byte in message):<9}  {text}")
        if number == count:
            break


def heard(pattern: str) -> Iterator[tuple[str, list[int]]]:
    """Messages of the box that matches, waiting for it, until stopped."""
    return ((port, message) for port, message in listened(pattern) if message is not None)


def listened(pattern: str) -> Iterator[tuple[str, list[int] | None]]:
    """The same, and a None each time nothing more has come."""
    from masterd.control.midi.connection import Connection

    with backend() as system, stopped() as is_over:
        connection = Connection(system, pattern)
        while not is_over():
            if connection.step(time.monotonic()):
                click.echo(f"{connection.port}: {connection.state}", err=True)
            for message in connection.messages():
                yield connection.port, message
            yield connection.port, None
            time.sleep(POLL_S)


@midi.command()
@click.argument("parameter_id", metavar="PARAMETER", shell_complete=parameter_ids)
@map_option
@click.option("--port", "pattern", default="", help="A regular expression the port's name holds; the map's otherwise.")
@click.option("--allow-unsafe", is_flag=True, help="Lets the control turn what decides how loud the air gets.")
@click.option("--seconds", default=0.7, show_default=True, help="How long to listen after the first movement each way.")
@pass_hand
def learn(hand: Hand, parameter_id: str, map_path: Path | None, pattern: str, allow_unsafe: bool, seconds: float) -> None:
    """Learns which control turns PARAMETER, and writes it into the map."""
    from masterd.control.midi.backend import plain
    from masterd.control.midi.mapfile import load
    from masterd.control.midi.mapwrite import write
    from masterd.control.parameters import is_unsafe, parameter

    target, path = parameter(parameter_id), map_file(map_path)
    if is_unsafe(target) and not allow_unsafe:
        raise click.UsageError(f"{target.id} decides how loud the air gets; say --allow-unsafe if a knob may turn it")
    if not pattern and path.exists():
        pattern = load(path).port
    learned, port = gesture(pattern, seconds)
    gone = write(path, learned, target, plain(port), allow_unsafe)
    kind = "button" if learned.is_button else learned.encoding
    click.echo(f"{learned.control} ({kind}) turns {target.id}, in {path}")
    for before in gone:
        click.echo(f"it turned {before} before, and does not any more")


def gesture(pattern: str, seconds: float) -> tuple[Learned, str]:
    """What a person turned, and on which port."""
    from masterd.control.midi.learn import Learner

    learner, messages = Learner(), listened(pattern)
    click.echo("turn the control to the right, or press the button", err=True)
    port = collect(learner, messages, seconds)
    if not learner.is_button():
        learner.now_left()
        click.echo("now to the left", err=True)
        collect(learner, messages, seconds)
    learned = learner.learned()
    if learned is None:
        raise click.Abort
    return learned, port


def collect(learner: Learner, messages: Iterator[tuple[str, list[int] | None]], seconds: float) -> str:
    """Feeds the learner until `seconds` after the first movement; the port it came from."""
    end_s = float("inf")
    came_from = ""
    for port, message in messages:
        if message is not None and learner.feed(message) and end_s == float("inf"):
            end_s, came_from = time.monotonic() + seconds, port
        if time.monotonic() > end_s:
            break
    return came_from
