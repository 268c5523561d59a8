"""lock, unlock, confirm, revert, whoami, audit: who may turn, who did, and what goes back unless it is confirmed."""

from __future__ import annotations

import click

from masterd.control import protocol
from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.clock import clock_text
from masterd.control.protocol import Answer, AuditEntry
from masterd.control.text import columns

confirm_option = click.option(
    "--confirm-within-s",
    type=click.FloatRange(1, 3600),
    metavar="SECONDS",
    help="Goes back by itself after so long, unless `masterctl confirm` says that all is well.",
)
override_option = click.option("--override", is_flag=True, help="As an admin: although somebody else holds the lock.")


def turned(hand: Hand, request: protocol.Request, told: str = "") -> Answer:
    """Asks, and tells what was done; also how to confirm it, when it is to be confirmed."""
    answer = hand.client.request(request)
    to_confirm = answer.result.get("confirm") if isinstance(answer.result, dict) else None
    if to_confirm:
        when, token = clock_text(to_confirm["until"]), to_confirm["token"]
        told = f"{told}\ngoes back at {when} unless you say: masterctl confirm {token}".strip()
    hand.done(answer, told)
    return answer


@click.command()
@click.argument("note", default="")
@click.option("--seconds", type=click.FloatRange(1), help="Opens by itself after so long.")
@override_option
@json_option
@pass_hand
def lock(hand: Hand, note: str, seconds: float | None, override: bool) -> None:
    """On air, hands off: nobody but you turns anything until `masterctl unlock`. NOTE tells the others why."""
    answer = hand.client.request(protocol.TakeLock(note=note, seconds=seconds, override=override))
    hand.done(answer, f"locked{f' for {seconds:g} s' if seconds else ''}; masterctl unlock opens it")


@click.command()
@override_option
@json_option
@pass_hand
def unlock(hand: Hand, override: bool) -> None:
    """Lets others turn again. With --override an admin opens somebody else's lock."""
    hand.done(hand.client.request(protocol.Unlock(override=override)), "open")


@click.command()
@click.argument("token")
@json_option
@pass_hand
def confirm(hand: Hand, token: str) -> None:
    """Keeps what was turned with --confirm-within-s."""
    hand.done(hand.client.confirm(token), "kept")


@click.command()
@click.argument("token")
@json_option
@pass_hand
def revert(hand: Hand, token: str) -> None:
    """Takes back at once what was turned with --confirm-within-s."""
    hand.done(hand.client.revert(token), "gone back")


@click.command()
@json_option
@pass_hand
def whoami(hand: Hand) -> None:
    """Who the daemon takes you for, and what you may do."""
    it = hand.client.whoami()
    if hand.json:
        hand.print_json(it)
    else:
        click.echo(f"{it.who} from {it.address}, {it.role}")


@click.command()
@click.option("-n", "--count", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many entries.")
@json_option
@pass_hand
def audit(hand: Hand, count: int) -> None:
    """Who changed what, when, from where, and what was refused; newest last. For admins."""
    entries = hand.client.audit(count)
    if hand.json:
        hand.print_json(entries)
    elif entries:
        click.echo(columns(row(it) for it in entries))


def row(it: AuditEntry) -> tuple[str, ...]:
    """An entry in columns."""
    who = f"{it.who}@{it.address}" if it.address != "local" else it.who
    changes = [f"{id} {old} -> {new}" for id, (old, new) in it.changes.items()]
    more = [f"and {it.more_changes} more"] if it.more_changes else []
    details = [f"{name} {value}" for name, value in it.details.items()]
    times = f" x{it.count}" if it.count > 1 else ""
    return it.time, who, it.origin or "-", f"{it.op}{times}", it.code, ", ".join([*details, *changes, *more])
