"""fleet: one thing at many daemons of hosts.toml at the same time, and a table of what came of it at each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from masterd.control import words
from masterd.control.cli.complete import parameter_ids, preset_names, set_words
from masterd.control.cli.fleet_tables import report, status_row, values_table
from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.cli.numbers import NumberCommand
from masterd.control.cli.values import chosen, glide_option, paired, parsed
from masterd.control.errors import MasterdError, UnknownPreset
from masterd.control.parameters import Parameter

if TYPE_CHECKING:
    from masterd.control.async_client import AsyncClient
    from masterd.control.fleet import Change, Outcome, Plan
    from masterd.control.hosts import Host
    from masterd.control.protocol import StateSnapshot

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def who_items(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Hosts and groups that begin as typed, after the last comma."""
    from masterd.control import hosts

    try:
        known = hosts.load(hosts.path())
    except MasterdError:
        return []
    before, comma, word = incomplete.rpartition(",")
    groups = {group for host in known.values() for group in host.groups}
    return [CompletionItem(before + comma + it) for it in (hosts.EVERYONE, *sorted(groups), *known) if it.startswith(word)]


class Crew:
    """The hosts that were chosen, once they are needed, and the patience with each."""

    def __init__(self, who: str, timeout_s: float) -> None:
        self.who, self.timeout_s = who, timeout_s

    @property
    def hosts(self) -> dict[str, Host]:
        """By name; UnknownHost, ConfigRefused."""
        from masterd.control import hosts

        return hosts.chosen(hosts.load(hosts.path()), self.who)

    def do(self, work: Callable[[AsyncClient], Any]) -> dict[str, Outcome[Any]]:
        """`work` at each of them."""
        from masterd.control.fleet import everywhere

        return asyncio.run(everywhere(self.hosts, self.timeout_s, work))

    def change(self, plan: Plan, all_or_nothing: bool, dry_run: bool) -> dict[str, Outcome[Any]]:
        """A change at each of them, or at all or none, or only thought through."""
        from masterd.control import fleet, fleet_trial

        async def straight(client: AsyncClient) -> Any:
            return await client.ask((await plan(client, await client.snapshot()))(None, None))

        async def foreseen(client: AsyncClient) -> Any:
            now = await client.snapshot()
            return fleet.foreseen((await plan(client, now))(None, None), now)

        if dry_run:
            return fleet.called(fleet.COULD, self.do(foreseen))
        return asyncio.run(fleet_trial.all_or_nothing(self.hosts, self.timeout_s, plan)) if all_or_nothing else self.do(straight)


pass_crew = click.make_pass_decorator(Crew)


def change_options(command: F) -> F:
    """--glide-ms, --all-or-nothing, --dry-run, --json."""
    for option in (
        json_option,
        click.option("--dry-run", is_flag=True, help="Only checks at each whether it could be done; nothing is changed."),
        click.option("--all-or-nothing", is_flag=True, help="Keeps it only when every host has done it; else it is taken back."),
        glide_option,
    ):
        command = option(command)
    return command


@click.group(epilog="Exit codes: 0 every host did it; 1 none did; 5 some did and some did not, and the table says which.")
@click.argument("who", shell_complete=who_items)
@click.pass_context
def fleet(ctx: click.Context, who: str) -> None:
    """Does one thing at many daemons at the same time. WHO is names and groups of `masterctl hosts`, with commas, or all.

    \b
    masterctl fleet all status
    masterctl fleet fm get limiter.ceiling_dbtp
    masterctl fleet fm,studio set limiter.ceiling_dbtp -1.5 --all-or-nothing
    masterctl fleet north preset load broadcast --glide-ms 2000
    """
    ctx.obj = Crew(who, ctx.ensure_object(Hand).timeout_s)


@fleet.command()
@json_option
@pass_crew
@pass_hand
def status(hand: Hand, crew: Crew) -> None:
    """How each of them is."""
    outcomes = crew.do(lambda client: client.status())
    report(hand, outcomes, status_row, ("HOST", "AUDIO", "PRESET", "REVISION", "LOAD", "UP", "TROUBLE"))


@fleet.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID|PATTERN...", shell_complete=parameter_ids)
@json_option
@pass_crew
@pass_hand
def get(hand: Hand, crew: Crew, ids: tuple[str, ...]) -> None:
    """Values now, those who agree together: who does not stands apart."""

    async def read(client: AsyncClient) -> dict[str, Any]:
        return await client.get(*chosen(await client.describe(), ids))

    values_table(hand, crew.do(read))


@fleet.command(cls=NumberCommand)
@click.argument("pairs", nargs=-1, required=True, metavar="ID VALUE [ID VALUE]...", shell_complete=set_words)
@change_options
@pass_crew
@pass_hand
def set(hand: Hand, crew: Crew, pairs: tuple[str, ...], glide_ms: float, all_or_nothing: bool, dry_run: bool) -> None:
    """Sets parameters at each, all of them or none."""
    paired(pairs)

    async def plan(client: AsyncClient, now: StateSnapshot) -> Change:
        values = parsed(chosen(await client.describe(), pairs[::2]), pairs, Parameter.parse)
        return lambda revision, within_s: words.set(values, glide_ms, revision, within_s)

    report(hand, crew.change(plan, all_or_nothing, dry_run))


@fleet.command()
@click.option("--steps", type=click.IntRange(1), default=1, show_default=True)
@glide_option
@json_option
@pass_crew
@pass_hand
def undo(hand: Hand, crew: Crew, steps: int, glide_ms: float) -> None:
    """Goes back by some changes at each."""
    report(hand, crew.do(lambda client: client.undo(steps, glide_ms)))


@fleet.group()
def preset() -> None:
    """Loads and saves presets at each."""


@preset.command()
@click.argument("name", shell_complete=preset_names)
@change_options
@pass_crew
@pass_hand
def load(hand: Hand, crew: Crew, name: str, glide_ms: float, all_or_nothing: bool, dry_run: bool) -> None:
    """Goes to a preset at each, to the one that each has of that name."""

    async def plan(client: AsyncClient, now: StateSnapshot) -> Change:
        if name not in await client.preset_list():
            raise UnknownPreset(f"no preset {name!r} there")
        return lambda revision, within_s: words.preset_load(name, glide_ms, revision, within_s)

    report(hand, crew.change(plan, all_or_nothing, dry_run))


@preset.command()
@click.argument("name")
@json_option
@pass_crew
@pass_hand
def save(hand: Hand, crew: Crew, name: str) -> None:
    """Keeps the present values of each under a name there."""
    report(hand, crew.do(lambda client: client.preset_save(name)))
