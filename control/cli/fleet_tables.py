"""What became of each host of a fleet: as one table, as JSON, and as an exit code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from masterd.control.cli.hand import Hand
from masterd.control.cli.status import duration_text
from masterd.control.parameters import PARAMETERS, Value
from masterd.control.protocol import Answer, DaemonStatus
from masterd.control.text import columns, value_text

if TYPE_CHECKING:
    from masterd.control.fleet import Outcome

ALL, NONE, SOME = 0, 1, 5
WORDS = {ALL: "all", NONE: "none", SOME: "some"}
MOST_CHANGES_SHOWN = 3


def exit_code(outcomes: Mapping[str, Outcome[Any]]) -> int:
    """Whether all did it, none, or some."""
    done = sum(it.is_done for it in outcomes.values())
    return ALL if done == len(outcomes) else SOME if done else NONE


def change_row(outcome: Outcome[Any]) -> tuple[str, ...]:
    """The outcome of a change."""
    answer = outcome.result
    if not isinstance(answer, Answer):
        return outcome.word, "", str(outcome.error or "")
    changes = answer.result.get("changes", {}) if isinstance(answer.result, dict) else {}
    told = [f"{id} {shown(id, old)} -> {shown(id, new)}" for id, (old, new) in list(changes.items())[:MOST_CHANGES_SHOWN]]
    told += [f"and {len(changes) - len(told)} more"] if len(changes) > len(told) else []
    return outcome.word, str(answer.revision), ", ".join(told)


def status_row(outcome: Outcome[DaemonStatus]) -> tuple[str, ...]:
    """How a daemon is."""
    now = outcome.result
    if now is None:
        return outcome.word, "", "", "", "", str(outcome.error)
    preset = f"{now.preset or '(none)'}{' *' if now.dirty else ''}"
    held = [f"locked by {now.lock.who}"] if now.lock else []
    return (
        f"{now.state} {now.host}",
        preset,
        str(now.revision),
        f"{now.load_percent:.1f} %",
        duration_text(now.uptime_s),
        ", ".join(now.alarms + held),
    )


def report(
    hand: Hand,
    outcomes: Mapping[str, Outcome[Any]],
    row: Callable[[Outcome[Any]], tuple[str, ...]] = change_row,
    head: Sequence[str] = ("HOST", "OUTCOME", "REVISION", "WHAT"),
) -> None:
    """A line for each host, and how many of them did it; leaves with the exit code."""
    if hand.json:
        hand.print_json(as_object(outcomes))
    else:
        click.echo(columns([head, *((name, *row(it)) for name, it in outcomes.items())]))
        done = sum(it.is_done for it in outcomes.values())
        click.echo(f"{done} of {len(outcomes)} hosts", err=done < len(outcomes))
    leave(outcomes)


def values_table(hand: Hand, outcomes: Mapping[str, Outcome[dict[str, Value]]]) -> None:
    """Each value with the hosts that have it, and the hosts that did not answer; leaves with the exit code."""
    if hand.json:
        hand.print_json(as_object(outcomes))
        leave(outcomes)
    rows = [("ID", "VALUE", "HOSTS")]
    for id in dict.fromkeys(id for it in outcomes.values() for id in it.result or {}):
        having: dict[str, list[str]] = {}
        for name, it in outcomes.items():
            if it.result and id in it.result:
                having.setdefault(shown(id, it.result[id]), []).append(name)
        rows += [(id, value, ", ".join(names)) for value, names in having.items()]
    if len(rows) > 1:
        click.echo(columns(rows))
    for name, it in outcomes.items():
        if it.error:
            click.echo(f"{name}: {it.word}: {it.error}", err=True)
    leave(outcomes)


def leave(outcomes: Mapping[str, Outcome[Any]]) -> None:
    """Ends the command with the exit code."""
    click.get_current_context().exit(exit_code(outcomes))


def shown(id: str, value: Value) -> str:
    """With its unit, where this package knows the parameter."""
    return value_text(PARAMETERS[id], value) if id in PARAMETERS else str(value)


def as_object(outcomes: Mapping[str, Outcome[Any]]) -> dict[str, Any]:
    """What --json says."""
    return {
        "outcome": WORDS[exit_code(outcomes)],
        "hosts": {name: _host(it) for name, it in outcomes.items()},
    }


def _host(outcome: Outcome[Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"ok": outcome.is_done, "outcome": outcome.word}
    if outcome.error:
        said["error"] = {"code": outcome.error.code, "message": str(outcome.error)}
        if outcome.error.parameter:
            said["error"]["parameter"] = outcome.error.parameter
    elif isinstance(outcome.result, Answer):
        said |= {"revision": outcome.result.revision, "result": outcome.result.result}
    elif outcome.result is not None:
        said["result"] = msgspec.to_builtins(outcome.result)
    return said
