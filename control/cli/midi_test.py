"""midi test: every light, ring, motor and display of a box in turn, then every control by hand. Without a daemon."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.cli.midi_system import POLL_S, backend, map_option, port_option
from masterd.control.cli.stopped import stopped
from masterd.control.errors import MasterdError
from masterd.control.text import columns

if TYPE_CHECKING:
    from masterd.control.midi.backend import Backend
    from masterd.control.midi.box import Box
    from masterd.control.midi.place import Place
    from masterd.control.midi.spots import Shown, Spot

LIT_S = 0.08
"""How long each light is on."""
FIND_S = 5.0
AWAKE_S = 0.3


class NothingToTest(MasterdError):
    """No box is there, or nothing is known of it."""

    code = "nothing_to_test"


@dataclass(frozen=True)
class Heard:
    """What came from one control when it was asked for."""

    control: str
    address: str
    heard: int
    low: int
    high: int
    others: list[str]
    """What came from elsewhere meanwhile."""


@click.command()
@map_option
@port_option
@click.option("--lights/--no-lights", default=True, help="Shows every light, ring, motor and display.")
@click.option("--controls/--no-controls", default=True, help="Asks for every control to be moved.")
@click.option("--seconds", default=10.0, show_default=True, help="How long to wait for each control; 0 waits for ever.")
@json_option
@pass_hand
def test(hand: Hand, map_path: Path | None, pattern: str, lights: bool, controls: bool, seconds: float) -> None:
    """Tries a box: lights each light in turn, then asks for each control and says what it heard. Needs no daemon.

    Exit code 1 when a control was not heard.
    """
    with backend() as system, stopped() as is_over:
        box = found(system, map_path, pattern, is_over)
        places = box.map.places
        if not places:
            raise NothingToTest(f"nothing is known of {box.port}; `masterctl midi monitor` shows what it sends")
        if lights:
            show_all(box, places, is_over)
        heard = list(ask_all(box, places, seconds, is_over)) if controls else []
        box.detach()
    report(hand, box, heard)


def found(system: Backend, map_path: Path | None, pattern: str, is_over: Callable[[], bool]) -> Box:
    """The first box that is there and meant, opened and awake. NothingToTest."""
    from masterd.control.midi.boxes import Boxes

    boxes = Boxes([map_path] if map_path else ())
    boxes.attach(system)
    until_s = time.monotonic() + FIND_S
    while not is_over() and time.monotonic() < until_s:
        if system.look(time.monotonic()):
            boxes.step(system)
            if meant := [*boxes.meant(pattern).values()]:
                click.echo(f"{meant[0].port}: {meant[0].map.profile.title}", err=True)
                listened(meant[0], AWAKE_S)
                return meant[0]
        time.sleep(POLL_S)
    raise NothingToTest("no box is there that a map is about, or whose make is known; `masterctl midi list` shows the ports")


def listened(box: Box, seconds: float) -> None:
    """Lets its driver talk to it for so long."""
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        for message in box.arrived():
            box.surface.hear(message, time.monotonic())
        box.show(time.monotonic())
        time.sleep(POLL_S)


# lights


def show_all(box: Box, places: Iterable[Place], is_over: Callable[[], bool]) -> None:
    """One after the other, on and off."""
    for place in places:
        for spot, values in shown(box, place):
            if is_over() or box.connection is None:
                return
            click.echo(f"shows {place.name}", err=True)
            for value in values:
                box.connection.send(spot.messages(value))
                time.sleep(LIT_S)


def shown(box: Box, place: Place) -> Iterator[tuple[Spot, list[Shown]]]:
    """Where it shows something, and what to show there in turn, dark at the end."""
    from masterd.control.midi.driver import METER_TOP
    from masterd.control.midi.place import PlaceKind

    if place.ring:
        style = next(iter(place.ring.ends))
        yield place.ring.spot, [*(place.ring.value(style, position) for position in (0.0, 0.5, 1.0)), place.ring.off]
    if place.light:
        yield place.light.spot, [place.light.on, *place.light.colours.values(), place.light.off]
    if place.kind is PlaceKind.STRIP:
        for row in (0, 1):
            if spot := box.surface.driver.strip(place.column, row):
                yield spot, [place.name[:7], ""]
    if place.kind is PlaceKind.METER and (meter := box.surface.driver.meter(place.column)):
        yield meter, [METER_TOP, 0]


# controls


def ask_all(box: Box, places: Iterable[Place], seconds: float, is_over: Callable[[], bool]) -> Iterator[Heard]:
    """Asks for each control that sends something."""
    for place in places:
        if place.control and not is_over():
            click.echo(f"{'press' if place.kind == 'button' else 'turn'} {place.name}", err=True)
            yield asked(box, place, seconds, is_over)


def asked(box: Box, place: Place, seconds: float, is_over: Callable[[], bool]) -> Heard:
    """What came of one control, until it was heard and rests, or so long."""
    from masterd.control.midi.parser import Parser

    assert place.control
    parser = Parser([it.control for it in box.map.places if it.control])
    values: list[int] = []
    others: dict[str, None] = {}
    until_s = time.monotonic() + seconds if seconds else float("inf")
    rests_s = float("inf")
    while not is_over() and time.monotonic() < min(until_s, rests_s):
        now_s = time.monotonic()
        for message in box.arrived():
            for move in parser.feed(message, now_s):
                if move.control == place.control:
                    values.append(move.value)
                    rests_s = now_s + AWAKE_S
                else:
                    others[str(move.control)] = None
        time.sleep(POLL_S)
    low, high = (min(values), max(values)) if values else (0, 0)
    return Heard(place.name, str(place.control), len(values), low, high, list(others))


def report(hand: Hand, box: Box, heard: list[Heard]) -> None:
    """What was heard, control by control. NothingHeard when one was not."""
    silent = [it.control for it in heard if not it.heard]
    if hand.json:
        hand.print_json({"port": box.port, "profile": box.map.profile.name, "controls": heard, "silent": silent})
    elif heard:
        rows = [
            (
                it.control,
                it.address,
                f"{it.heard} times, {it.low} to {it.high}" if it.heard else "not heard",
                f"but {', '.join(it.others)}" if it.others else "",
            )
            for it in heard
        ]
        click.echo(columns(rows))
    if silent:
        click.get_current_context().exit(1)
