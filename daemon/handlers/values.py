"""Reading and turning parameters, and the history."""

from __future__ import annotations

import dataclasses
from typing import Any

from masterd.control import protocol as ask
from masterd.control.parameters import PARAMETERS, Parameter
from masterd.daemon.desk import Desk
from masterd.daemon.handlers.checks import Handlers, entries, glide, how, named, turned


def described(it: Parameter) -> dict[str, Any]:
    """A parameter as `describe` shows it."""
    return {**dataclasses.asdict(it), "kind": it.kind, "group": it.group}


def describe(desk: Desk, request: ask.Describe) -> Any:  # noqa: D103
    return [described(PARAMETERS[id]) for id in named(request.ids)]


def get(desk: Desk, request: ask.Get) -> Any:  # noqa: D103
    return {id: desk.state.values[id] for id in named(request.ids)}


def set_(desk: Desk, request: ask.Set) -> Any:  # noqa: D103
    return turned(desk, request, lambda: desk.state.set(entries(request.values), **how(request)))


def adjust(desk: Desk, request: ask.Adjust) -> Any:  # noqa: D103
    return turned(desk, request, lambda: desk.state.adjust(entries(request.values), travel=request.travel, **how(request)))


def undo(desk: Desk, request: ask.Undo) -> Any:  # noqa: D103
    return turned(desk, request, lambda: desk.state.undo(request.steps, origin=request.origin, glide_ms=glide(request.glide_ms)))


def redo(desk: Desk, request: ask.Redo) -> Any:  # noqa: D103
    return turned(desk, request, lambda: desk.state.redo(request.steps, origin=request.origin, glide_ms=glide(request.glide_ms)))


HANDLERS: Handlers = {
    ask.Describe: describe,
    ask.Get: get,
    ask.Set: set_,
    ask.Adjust: adjust,
    ask.Undo: undo,
    ask.Redo: redo,
}
