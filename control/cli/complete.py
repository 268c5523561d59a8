"""Tab completion: ids and choices from the daemon, or from this package's table when none answers quickly."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem

from masterd.control.address import Address
from masterd.control.cli.where import where
from masterd.control.errors import MasterdError
from masterd.control.parameters import PARAMETERS, Parameter
from masterd.control.places import DEFAULT_NAME
from masterd.control.text import range_text

PATIENCE_S = 0.5
"""Longer than a local daemon ever needs, shorter than a person notices."""


def known_parameters(ctx: click.Context) -> dict[str, Parameter]:
    """By id."""
    from masterd.control.client import Client

    try:
        with Client(_where(ctx), PATIENCE_S) as client:
            return {parameter.id: parameter for parameter in client.describe()}
    except (MasterdError, ValueError, click.UsageError):
        return dict(PARAMETERS)


def known_presets(ctx: click.Context) -> list[str]:
    """Names; none when no daemon answers."""
    from masterd.control.client import Client

    try:
        with Client(_where(ctx), PATIENCE_S) as client:
            return client.preset_list()
    except (MasterdError, ValueError, click.UsageError):
        return []


def _where(ctx: click.Context) -> Address:
    root = ctx.find_root()
    given = {it: str(root.params.get(it) or "") for it in ("host", "server_key", "key")}
    return where(root, str(root.params.get("name") or DEFAULT_NAME), **given).address()


def _typed(ctx: click.Context, argument: str) -> tuple[str, ...]:
    return tuple(ctx.params.get(argument) or ())


def _starting(words: Iterable[CompletionItem], incomplete: str) -> list[CompletionItem]:
    return [word for word in words if word.value.startswith(incomplete)]


def _id_items(parameters: Iterable[Parameter]) -> Iterable[CompletionItem]:
    return (CompletionItem(parameter.id, help=f"{parameter.label}, {range_text(parameter)}") for parameter in parameters)


def parameter_ids(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Ids that begin as typed and are not there yet."""
    typed = _typed(ctx, param.name or "")
    return [item for item in _starting(_id_items(known_parameters(ctx).values()), incomplete) if item.value not in typed]


def set_words(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """An id, then a value of it, then an id again."""
    typed = _typed(ctx, "words")
    if len(typed) % 2 == 0:
        return parameter_ids(ctx, param, incomplete)
    parameter = known_parameters(ctx).get(typed[-1])
    return _starting(_value_items(parameter), incomplete) if parameter else []


def adjust_words(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """An id at every second place; amounts cannot be guessed."""
    typed = _typed(ctx, "words")
    return parameter_ids(ctx, param, incomplete) if len(typed) % 2 == 0 else []


def _value_items(parameter: Parameter) -> Iterable[CompletionItem]:
    if parameter.kind == "switch":
        return [CompletionItem("on"), CompletionItem("off")]
    if parameter.kind == "choice":
        return [CompletionItem(choice) for choice in parameter.choices]
    assert not isinstance(parameter.default, str)
    return [CompletionItem(f"{parameter.default:g}", help=f"the default; {range_text(parameter)}")]


def preset_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Presets that begin as typed."""
    return _starting(map(CompletionItem, known_presets(ctx)), incomplete)
