"""What the commands of `masterctl midi` share: the MIDI system, options."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from masterd.control.cli.hand import Hand
from masterd.control.errors import BadRequest, Unreachable

if TYPE_CHECKING:
    from masterd.control.midi.backend import Backend
    from masterd.control.protocol import MidiState

POLL_S = 0.001

map_option = click.option(
    "--map", "map_path", type=click.Path(path_type=Path), help="A map file; those of the configuration folder otherwise."
)
port_option = click.option(
    "--port", "pattern", default="", metavar="PATTERN", help="Only a box with a port that this regular expression fits."
)


@contextlib.contextmanager
def backend() -> Iterator[Backend]:
    """The MIDI system of this machine, closed afterwards. NoMidi."""
    from masterd.control.midi.backend import Backend

    opened = Backend()
    try:
        yield opened
    finally:
        opened.close()


def reported(hand: Hand) -> MidiState | None:
    """What MIDI processes report to the daemon; None when there is no daemon, or one that knows nothing of that."""
    try:
        return hand.client.midi_list()
    except (Unreachable, BadRequest):
        return None
