"""describe, get, set, adjust, undo, redo: the values of the daemon's parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import click
import msgspec

from masterd.control import protocol
from masterd.control.cli.complete import adjust_words, parameter_ids, set_words
from masterd.control.cli.guarding import confirm_option, override_option, turned
from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.cli.numbers import NumberCommand
from masterd.control.errors import UnknownParameter, WrongType
from masterd.control.parameters import Parameter
from masterd.control.protocol import DEFAULT_GLIDE_MS, MAX_GLIDE_MS
from masterd.control.text import columns, range_text, value_text

glide_option = click.option(
    "--glide-ms",
    type=click.FloatRange(0, MAX_GLIDE_MS),
    default=DEFAULT_GLIDE_MS,
    show_default=True,
    help="How long the way to the new values takes.",
)
if_revision_option = click.option("--if-revision", type=int, help="Only if the state is still at this revision.")


def is_pattern(word: str) -> bool:
    """Whether `word` names several parameters: `eq.3.*`."""
    return any(character in word for character in "*?[")


def expand(words: Iterable[str], known: Sequence[str]) -> list[str]:
    """The ids that `words` name, patterns expanded in the table's order; UnknownParameter for one that names nothing."""
    ids: list[str] = []
    for word in words:
        found = [id for id in known if fnmatchcase(id, word)] if is_pattern(word) else [word]
        if not found:
            raise UnknownParameter(word, known)
        ids += found
    return list(dict.fromkeys(ids))


def described(hand: Hand, words: Sequence[str]) -> dict[str, Parameter]:
    """The parameters that `words` name, or all, by id."""
    if not any(map(is_pattern, words)):
        return {parameter.id: parameter for parameter in hand.client.describe(*dict.fromkeys(words))}
    return chosen(hand.client.describe(), words)


def chosen(parameters: Iterable[Parameter], words: Sequence[str]) -> dict[str, Parameter]:
    """Of all parameters those that `words` name, by id; UnknownParameter."""
    everything = {parameter.id: parameter for parameter in parameters}
    for id in (wanted := expand(words, list(everything))):
        if id not in everything:
            raise UnknownParameter(id, everything)
    return {id: everything[id] for id in wanted}


def as_object(parameter: Parameter) -> dict[str, Any]:
    """What `describe --json` says of one parameter."""
    fields = msgspec.to_builtins(parameter)
    return {**fields, "kind": parameter.kind, "group": parameter.group}


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID|PATTERN]...", shell_complete=parameter_ids)
@json_option
@pass_hand
def describe(hand: Hand, ids: tuple[str, ...]) -> None:
    """What can be turned: range, unit, default and meaning of parameters."""
    parameters = described(hand, ids).values()
    if hand.json:
        hand.print_json([as_object(parameter) for parameter in parameters])
        return
    rows = [("ID", "RANGE", "DEFAULT", "MEANING")]
    rows += [(p.id, range_text(p), value_text(p, p.default), f"{p.label}: {p.help}") for p in parameters]
    click.echo(columns(rows))


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID|PATTERN]...", shell_complete=parameter_ids)
@json_option
@pass_hand
def get(hand: Hand, ids: tuple[str, ...]) -> None:
    """Values now: all, or those named. One id alone prints the value only."""
    parameters = described(hand, ids)
    values = hand.client.get(*parameters)
    if hand.json:
        hand.print_json(values)
    elif len(ids) == 1 and not is_pattern(ids[0]):
        click.echo(value_text(parameters[ids[0]], values[ids[0]]))
    else:
        click.echo(columns((id, value_text(parameters[id], value)) for id, value in values.items()))


def paired(words: Sequence[str]) -> list[tuple[str, str]]:
    """ID VALUE ID VALUE... as pairs."""
    if len(words) % 2:
        raise click.UsageError(f"no value for {words[-1]}: give ID VALUE pairs")
    return list(zip(words[::2], words[1::2], strict=True))


def parse_pairs(hand: Hand, words: Sequence[str], parse: Callable[[Parameter, str], Any]) -> dict[str, Any]:
    """Values by id, patterns expanded, each read by `parse` as its parameter wants."""
    paired(words)
    return parsed(described(hand, words[::2]), words, parse)


def parsed(parameters: Mapping[str, Parameter], words: Sequence[str], parse: Callable[[Parameter, str], Any]) -> dict[str, Any]:
    """The same, of `parameters` that were described already."""
    pairs = paired(words)
    values: dict[str, Any] = {}
    for word, text in pairs:
        values |= {id: parse(parameters[id], text) for id in expand([word], list(parameters))}
    return values


def amount(parameter: Parameter, text: str) -> float:
    """A number typed for `adjust`."""
    try:
        return float(text)
    except ValueError:
        raise WrongType(parameter.id, text, "a number to adjust by") from None


def now_text(hand: Hand, ids: Sequence[str]) -> str:
    """What parameters are now, for people."""
    parameters, values = described(hand, ids), hand.client.get(*ids)
    return columns((id, value_text(parameters[id], value)) for id, value in values.items())


@click.command(cls=NumberCommand)
@click.argument("words", nargs=-1, required=True, metavar="ID VALUE [ID VALUE]...", shell_complete=set_words)
@glide_option
@if_revision_option
@confirm_option
@override_option
@json_option
@pass_hand
def set(hand: Hand, /, words: tuple[str, ...], **how: Any) -> None:
    """Sets parameters, all or none. Values are in the parameter's unit; switches take on or off."""
    turned(hand, protocol.Set(values=parse_pairs(hand, words, Parameter.parse), **how))


@click.command(cls=NumberCommand)
@click.argument("words", nargs=-1, required=True, metavar="ID AMOUNT [ID AMOUNT]...", shell_complete=adjust_words)
@click.option("--travel", is_flag=True, help="AMOUNT is knob travel: 1 is the whole range, along the parameter's curve.")
@glide_option
@if_revision_option
@confirm_option
@override_option
@json_option
@pass_hand
def adjust(hand: Hand, /, words: tuple[str, ...], **how: Any) -> None:
    """Moves parameters by an amount in their unit, held at the ends of their range."""
    amounts = parse_pairs(hand, words, amount)
    turned(hand, protocol.Adjust(values=amounts, **how))
    if not hand.json:
        click.echo(now_text(hand, list(amounts)))


@click.command()
@click.argument("steps", type=click.IntRange(1), default=1)
@glide_option
@confirm_option
@override_option
@json_option
@pass_hand
def undo(hand: Hand, /, steps: int, **how: Any) -> None:
    """Goes back by STEPS changes."""
    answer = turned(hand, protocol.Undo(steps=steps, **how))
    if not hand.json:
        click.echo(f"now at revision {answer.revision}")


@click.command()
@click.argument("steps", type=click.IntRange(1), default=1)
@glide_option
@confirm_option
@override_option
@json_option
@pass_hand
def redo(hand: Hand, /, steps: int, **how: Any) -> None:
    """Goes forward again by STEPS changes."""
    answer = turned(hand, protocol.Redo(steps=steps, **how))
    if not hand.json:
        click.echo(f"now at revision {answer.revision}")
