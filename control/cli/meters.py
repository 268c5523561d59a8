"""meters: live bars in a terminal, a line a second elsewhere, JSON for scripts."""

from __future__ import annotations

import itertools
import os
import sys
import time
from collections.abc import Iterator

import click

from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.cli.meter_lines import line
from masterd.control.cli.meter_screen import Screen, terminal
from masterd.control.client import Client
from masterd.control.errors import MasterdError, Unreachable
from masterd.control.follow import Follower, MeterReader
from masterd.control.levels import merged
from masterd.control.protocol import Changed, Meters, StateSnapshot

DRAW_S = 0.05
LINE_S = 1.0


@click.command()
@click.option("--count", type=click.IntRange(1), help="End after so many frames or lines.")
@click.option("--reset", is_flag=True, help="First starts integrated loudness, range and maxima anew.")
@json_option
@pass_hand
def meters(hand: Hand, count: int | None, reset: bool) -> None:
    """Shows levels, loudness, gain reduction, and blocks that came late.

    In a terminal: bars, with the peaks of the last two seconds held and the limiter's ceiling marked; Ctrl-C ends.
    Elsewhere: a line every second with the highest values in it. With --json: every frame, one object per line.
    """
    hand.client.status()  # says at once when nobody is there
    if reset:
        hand.client.reset_loudness()
    if hand.json:
        for frame in itertools.islice(hand.client.meters(), count):
            hand.print_json(frame)
    elif sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        draw(hand.client, count)
    else:
        for text in itertools.islice(lines(hand.client), count):
            click.echo(text)
            sys.stdout.flush()


def lines(client: Client) -> Iterator[str]:
    """A line for every second, made of all frames in it."""
    with client.meter_reader() as reader:
        while True:
            yield line(gathered(reader, LINE_S, client.timeout_s))


def gathered(reader: MeterReader, span_s: float, timeout_s: float) -> Meters:
    """All frames of `span_s` as one; Unreachable when none comes within `timeout_s`."""
    frame = reader.read(timeout_s)
    deadline = time.monotonic() + span_s
    while (left_s := deadline - time.monotonic()) > 0:
        if (newer := reader.poll(left_s)) is not None:
            frame = merged(frame, newer)
    return frame


def draw(client: Client, count: int | None) -> None:
    """Bars, until Ctrl-C; the terminal is as it was afterwards. A daemon that goes is waited for."""
    screen = Screen(client.name)
    with terminal() as show, client.meter_reader() as reader, client.follower() as follower:
        for _ in itertools.count() if count is None else range(count):
            refresh_state(screen, follower)
            try:
                screen.take(gathered(reader, DRAW_S, 1.0), time.monotonic())
            except Unreachable as error:
                screen.lost(str(error))
            show(screen.lines(*os.get_terminal_size(sys.stdout.fileno())))


def refresh_state(screen: Screen, follower: Follower) -> None:
    """Brings ceiling and preset up to date with whatever happened since."""
    try:
        while (item := follower.poll()) is not None:
            screen.trouble = ""
            if isinstance(item, StateSnapshot):
                screen.told(item.preset, item.dirty, item.values)
            elif isinstance(item, Changed):
                screen.told(item.preset, item.dirty, {id: new for id, (_, new) in item.changes.items()})
    except MasterdError as error:
        screen.trouble = str(error)
