"""tui: the console in a terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from masterd.control.cli.hand import Hand, pass_hand

if TYPE_CHECKING:
    from masterd.control.tui.console import Console
    from masterd.control.tui.target import Target


class TargetType(click.ParamType):
    """`-23` or `-23 1`."""

    name = "lufs [lu]"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Target | None:
        """A corridor, or a usage error."""
        from masterd.control.tui.target import parse_target

        try:
            return parse_target(str(value))
        except ValueError as reason:
            self.fail(str(reason), param, ctx)


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--target", type=TargetType(), metavar="LUFS[±LU]", help="Loudness to aim at, with its tolerance: -23 or -23±1.")
@click.option("--theme", default="masterd", show_default=True, help="masterd, masterd-light, or any of textual's.")
@pass_hand
def tui(hand: Hand, names: tuple[str, ...], target: Target | None, theme: str) -> None:
    """Opens a console for one daemon or several, side by side where there is room: meters, history, parameters, presets, events.

    It needs no daemon to be there: it waits, and says for how long. The key ? shows all keys.
    """
    console(names or (hand.name,), hand.timeout_s, target, theme).run()


def console(names: tuple[str, ...], timeout_s: float, target: Target | None, theme: str) -> Console:
    """A console that is not running yet; UsageError for what is not installed or has no such name."""
    try:
        import textual  # noqa: F401
    except ImportError:
        raise click.UsageError("the console needs textual: pip install 'masterd[tui]'") from None
    from masterd.control.tui.async_client import AsyncClient
    from masterd.control.tui.console import Console
    from masterd.control.tui.link import Link
    from masterd.control.tui.station import Station
    from masterd.control.tui.themes import names as themes

    if theme not in themes():
        raise click.UsageError(f"no theme {theme!r}; there are {', '.join(themes())}")
    links = [Link(AsyncClient(name, timeout_s, "tui"), Station(name, time.monotonic(), target)) for name in dict.fromkeys(names)]
    return Console(links, theme)
