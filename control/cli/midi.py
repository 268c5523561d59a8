"""midi: MIDI controllers: run them, see what they do, learn, look at maps, try every light."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from masterd.control.address import Address
from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.cli.midi_learn import learn
from masterd.control.cli.midi_map import map_
from masterd.control.cli.midi_monitor import monitor
from masterd.control.cli.midi_system import backend, reported
from masterd.control.cli.midi_test import test
from masterd.control.cli.stopped import stopped
from masterd.control.protocol import MidiState
from masterd.control.text import columns


@click.group()
def midi() -> None:
    """Turns the daemon with MIDI controllers."""


@midi.command()
@click.option(
    "--map",
    "map_paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A map file, one for each box; those of the configuration folder otherwise.",
)
@click.option("--name", help="Which daemon; as masterctl --name.")
@pass_hand
def run(hand: Hand, map_paths: tuple[Path, ...], name: str | None) -> None:
    """Ties controllers to the daemon until stopped. Boxes and daemon may come and go."""
    from masterd.control.client import Client
    from masterd.control.midi.boxes import Boxes
    from masterd.control.midi.run import Run, process_name

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    origin = process_name()
    going = Run(Boxes(map_paths), Client(Address(name) if name else hand.address, hand.timeout_s, origin), origin)
    gc.collect()
    gc.freeze()  # profiles and modules stay: looking through them again, now and then, would hold a knob up for 20 ms
    with stopped() as is_over:
        going.until(is_over)


@midi.command("list")
@json_option
@pass_hand
def list_boxes(hand: Hand) -> None:
    """The boxes that MIDI processes report to the daemon, and the ports of this machine."""
    from masterd.control.midi.backend import NoMidi

    state = reported(hand)
    processes = state.processes if state else []
    system, ports = "", {}
    try:
        with backend() as here:
            here.look(0.0)
            system, ports = here.name, known_ports(here.sources, here.sinks)
    except NoMidi:
        if not processes:
            raise
    if hand.json:
        hand.print_json({"processes": processes, "system": system, "ports": ports})
        return
    if state:
        print_boxes(state)
    for port, it in ports.items():
        ways = " and ".join(word for word in ("sends", "receives") if it[word])
        click.echo(f"{system} {port}: {ways}" + (f", {it['profile']}" if it["profile"] else ""))


def known_ports(sources: Sequence[str], sinks: Sequence[str]) -> dict[str, dict[str, object]]:
    """The ports by name: whether each sends and receives, and the make it is recognised as."""
    from masterd.control.midi.backend import plain
    from masterd.control.midi.library import library

    known, found = library(), {}
    for port in dict.fromkeys((*sources, *sinks)):
        profile = known.recognised(plain(port))
        found[port] = {"sends": port in sources, "receives": port in sinks, "profile": profile.name if profile else ""}
    return found


def print_boxes(state: MidiState) -> None:
    """A table of all boxes, and what is wrong with them."""
    rows = [(box.name, box.state, box.profile, box.port, process.process) for process in state.processes for box in process.boxes]
    if rows:
        click.echo(columns([("box", "state", "profile", "port", "process"), *rows]))
    for process in state.processes:
        if not process.boxes:
            where = f"looking on {process.system}" if process.system else "and no MIDI system"
            click.echo(f"{process.process}: no box yet, {where}")
        for box in process.boxes:
            if box.problem:
                click.echo(f"{box.name}: {box.problem}")


for command in (learn, monitor, map_, test):
    midi.add_command(command)
