"""Which panes of a deck are shown where, by its size and the page: what does not fit is left out, the least important first."""

from __future__ import annotations

from typing import Literal, NamedTuple

Page = Literal["air", "parameters", "presets", "events"]
PAGES: tuple[Page, ...] = ("air", "parameters", "presets", "events")

WIDE = 116
"""Columns from which two columns of panes stand side by side."""
GAP = 2
HEAD, LEVELS, LOUDNESS, REDUCTION, READOUT = 1, 8, 4, 7, 4
LEAST_PLOT, LEAST_LIST, LEAST_EVENTS = 7, 6, 2
MOST_EVENTS = 8

Place = tuple[int, int, int, int]
"""x, y, width, height in cells."""


class Share(NamedTuple):
    """A pane that takes what is left over, at least so many rows."""

    name: str
    least: int


def plan(width: int, height: int, page: Page) -> dict[str, Place]:
    """Where each pane is; those that are not named are not shown."""
    places: dict[str, Place] = {"head": (0, 0, width, HEAD)}
    if width < WIDE:
        return places | column(narrow(height - HEAD, page), 0, HEAD, width, height - HEAD)
    left = (width - GAP) // 2
    right = width - GAP - left
    places |= column(wide_left(height - HEAD, page), 0, HEAD, left, height - HEAD)
    return places | column(wide_right(height - HEAD, page), left + GAP, HEAD, right, height - HEAD)


def column(rows: list[tuple[str, int]], x: int, y: int, width: int, height: int) -> dict[str, Place]:
    """Panes one under the other, as far down as there is room."""
    places: dict[str, Place] = {}
    for name, tall in rows:
        if (tall := min(tall, height)) > 0:
            places[name] = (x, y, width, tall)
        y, height = y + tall, height - tall
    return places


def narrow(height: int, page: Page) -> list[tuple[str, int]]:
    """Everything in one column."""
    if page != "air":
        monitors = monitors_within(height, LEAST_LIST, REDUCTION + LEAST_LIST)
        return [*monitors, (page, height - total(monitors))]
    monitors = monitors_within(height, 0, 0)
    rest = height - total(monitors)
    shown = [Share("events", LEAST_EVENTS), Share("history", LEAST_PLOT), Share("equaliser", LEAST_PLOT + 1)]
    while shown and total(shown) > rest:
        shown.pop()
    if "equaliser" in dict(shown) and total(shown) + READOUT <= rest:
        monitors.insert(1, ("readout", READOUT))
        rest -= READOUT
    order = ("history", "equaliser", "events")
    return monitors + sorted(shared(shown, rest), key=lambda it: order.index(it[0]))


def wide_left(height: int, page: Page) -> list[tuple[str, int]]:
    """The meters, and under them what suits the page."""
    monitors = monitors_within(height, 0, 0)
    if height - total(monitors) >= READOUT + LEAST_EVENTS:
        monitors.insert(0, ("readout", READOUT))
    rest = height - total(monitors)
    below = {"air": "events", "parameters": "equaliser", "presets": "history", "events": "history"}[page]
    least = LEAST_EVENTS if below == "events" else LEAST_PLOT
    return [*monitors, (below, rest)] if rest >= least else monitors


def wide_right(height: int, page: Page) -> list[tuple[str, int]]:
    """The plots, or the list of the page."""
    if page != "air":
        return [(page, height)]
    if height < 2 * LEAST_PLOT:
        return [("history", height)]
    return [("history", height - height // 2), ("equaliser", height // 2)]


def monitors_within(height: int, beside: int, beside_reduction: int) -> list[tuple[str, int]]:
    """The meters that have room beside so many rows of something else."""
    shown = [("levels", LEVELS)]
    if height - LEVELS - LOUDNESS >= beside:
        shown.append(("loudness", LOUDNESS))
    if height - total(shown) - REDUCTION >= max(beside, beside_reduction):
        shown.append(("reduction", REDUCTION))
    return shown


def shared(shown: list[Share], rows: int) -> list[tuple[str, int]]:
    """What is left over, evenly; the events take no more than they need."""
    sizes = dict(shown)
    spare = rows - total(shown)
    if "events" in sizes and len(sizes) > 1:
        more = min(MOST_EVENTS - LEAST_EVENTS, spare // 3)
        sizes["events"] += more
        spare -= more
    plots = [name for name in sizes if name != "events"] or list(sizes)
    for at, name in enumerate(plots):
        sizes[name] += spare // len(plots) + (at < spare % len(plots))
    return list(sizes.items())


def total(rows: list[tuple[str, int]] | list[Share]) -> int:
    """Rows they need together."""
    return sum(tall for _, tall in rows)
