"""What requests must keep to beyond their types, and the shape of what turning answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, TypedDict

from masterd.control import protocol as ask
from masterd.control.errors import BadRequest
from masterd.control.parameters import PARAMETERS, parameter
from masterd.control.protocol import MAX_GLIDE_MS, Request, Turning
from masterd.daemon.desk import Desk
from masterd.daemon.state import Change

Handlers: TypeAlias = Mapping[type[Request], Callable[[Desk, Any], Any]]
"""What a file of operations offers: the function of each request type."""

MOST_ENTRIES = 1024
ORIGIN_CHARACTERS = 64
MOST_POINTS = 1024


def check_envelope(request: Request) -> None:
    """What every request must keep to, or BadRequest."""
    if request.v != ask.VERSION:
        raise BadRequest(f"v: this daemon speaks version {ask.VERSION} of the protocol, not {request.v}")
    if len(request.origin) > ORIGIN_CHARACTERS or not request.origin.isprintable():
        raise BadRequest(f"origin: at most {ORIGIN_CHARACTERS} printable characters")


def glide(glide_ms: float) -> float:
    """A glide time that can be kept, or BadRequest."""
    if not (math.isfinite(glide_ms) and 0 <= glide_ms <= MAX_GLIDE_MS):
        raise BadRequest(f"glide_ms: {glide_ms:g} is outside 0 to {MAX_GLIDE_MS:g} ms")
    return glide_ms


class How(TypedDict):
    """What a request says about the way of a change."""

    origin: str
    glide_ms: float
    if_revision: int | None


def how(request: ask.Set | ask.Adjust | ask.PresetLoad) -> How:
    """The keyword arguments of the state's methods, or BadRequest."""
    return {"origin": request.origin, "glide_ms": glide(request.glide_ms), "if_revision": request.if_revision}


def entries(named: Mapping[str, Any]) -> Mapping[str, Any]:
    """At least one value and not too many, or BadRequest."""
    if not 1 <= len(named) <= MOST_ENTRIES:
        raise BadRequest(f"values: {len(named)} entries; from 1 to {MOST_ENTRIES} are accepted")
    return named


def named(ids: list[str] | None) -> Iterable[str]:
    """The ids asked for, all when None; UnknownParameter, BadRequest."""
    if ids is None:
        return PARAMETERS
    if len(ids) > MOST_ENTRIES:
        raise BadRequest(f"ids: {len(ids)} entries; at most {MOST_ENTRIES} are accepted")
    return [parameter(id).id for id in ids]


def checked_points(points: int) -> int:
    """A number of points that can be drawn, or BadRequest."""
    if not 2 <= points <= MOST_POINTS:
        raise BadRequest(f"points: {points}; from 2 to {MOST_POINTS} are accepted")
    return points


def moved(change: Change) -> dict[str, Any]:
    """The result of every operation that turns something."""
    return {"changes": change.changes, "preset": change.preset, "dirty": change.dirty}


def turned(desk: Desk, request: Turning, turn: Callable[[], Change]) -> dict[str, Any]:
    """Does `turn`, on trial when the request says so; its result. BadRequest, and what `turn` raises."""
    with desk.trials.of(request.confirm_within_s):
        change = turn()
    trial = desk.trials.pending
    if request.confirm_within_s is None or not change.changes or trial is None:
        return moved(change)
    return {**moved(change), "confirm": {"token": trial.token, "until": trial.until}}
