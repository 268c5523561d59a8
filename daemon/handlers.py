"""What each operation of the protocol does: one small function per request type, found by its type.

A handler returns the answer's `result`, or raises a MasterdError and has then changed nothing. One that waits for the disk is a
coroutine, and so is one that computes for long; requests are nevertheless served one after the other.
"""

from __future__ import annotations

import asyncio
import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypedDict

from masterd.control import protocol as ask
from masterd.control.errors import BadRequest
from masterd.control.parameters import PARAMETERS, Parameter, parameter
from masterd.control.protocol import MAX_GLIDE_MS, Request
from masterd.daemon.desk import Desk
from masterd.daemon.state import Change
from masterd.daemon.status import status

MOST_ENTRIES = 1024
ORIGIN_CHARACTERS = 64


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


def described(it: Parameter) -> dict[str, Any]:
    """A parameter as `describe` shows it."""
    return {**dataclasses.asdict(it), "kind": it.kind, "group": it.group}


def moved(change: Change) -> dict[str, Any]:
    """The result of every operation that turns something."""
    return {"changes": change.changes, "preset": change.preset, "dirty": change.dirty}


def describe(desk: Desk, request: ask.Describe) -> Any:  # noqa: D103
    return [described(PARAMETERS[id]) for id in named(request.ids)]


def get(desk: Desk, request: ask.Get) -> Any:  # noqa: D103
    return {id: desk.state.values[id] for id in named(request.ids)}


def set_(desk: Desk, request: ask.Set) -> Any:  # noqa: D103
    return moved(desk.state.set(entries(request.values), **how(request)))


def adjust(desk: Desk, request: ask.Adjust) -> Any:  # noqa: D103
    return moved(desk.state.adjust(entries(request.values), travel=request.travel, **how(request)))


def preset_list(desk: Desk, request: ask.PresetList) -> Any:  # noqa: D103
    return desk.presets.names()


def preset_load(desk: Desk, request: ask.PresetLoad) -> Any:  # noqa: D103
    preset = desk.presets.load(request.name)
    return moved(desk.state.load(preset.name, preset.values, **how(request)))


async def preset_save(desk: Desk, request: ask.PresetSave) -> Any:  # noqa: D103
    name = await asyncio.to_thread(desk.presets.save, request.name, dict(desk.state.values))
    change = desk.state.keep(name, origin=request.origin)
    desk.presets_changed(request.origin)
    return moved(change)


async def preset_delete(desk: Desk, request: ask.PresetDelete) -> Any:  # noqa: D103
    await asyncio.to_thread(desk.presets.delete, request.name)
    desk.presets_changed(request.origin)
    return desk.presets.names()


def undo(desk: Desk, request: ask.Undo) -> Any:  # noqa: D103
    return moved(desk.state.undo(request.steps, origin=request.origin, glide_ms=glide(request.glide_ms)))


def redo(desk: Desk, request: ask.Redo) -> Any:  # noqa: D103
    return moved(desk.state.redo(request.steps, origin=request.origin, glide_ms=glide(request.glide_ms)))


def snapshot(desk: Desk, request: ask.Snapshot) -> Any:  # noqa: D103
    state = desk.state
    return ask.StateSnapshot(
        boot_id=desk.events.boot_id,
        seq=desk.events.seq,
        revision=state.revision,
        preset=state.preset,
        dirty=state.dirty,
        values=dict(state.values),
    )


def status_(desk: Desk, request: ask.Status) -> Any:  # noqa: D103
    return status(desk)


def reset_loudness(desk: Desk, request: ask.ResetLoudness) -> Any:  # noqa: D103
    desk.reset_loudness()


async def spectrum(desk: Desk, request: ask.AskSpectrum) -> Any:  # noqa: D103
    frequencies_hz, left_dbfs, right_dbfs = await asyncio.to_thread(desk.air.spectrum, request.point, request.kind)
    return ask.Spectrum(
        point=request.point,
        kind=request.kind,
        sample_rate_hz=desk.air.status().sample_rate_hz,
        frequencies_hz=list(frequencies_hz),
        left_dbfs=list(left_dbfs),
        right_dbfs=list(right_dbfs),
    )


HANDLERS: Mapping[type[Request], Callable[[Desk, Any], Any]] = {
    ask.Describe: describe,
    ask.Get: get,
    ask.Set: set_,
    ask.Adjust: adjust,
    ask.PresetList: preset_list,
    ask.PresetLoad: preset_load,
    ask.PresetSave: preset_save,
    ask.PresetDelete: preset_delete,
    ask.Undo: undo,
    ask.Redo: redo,
    ask.Snapshot: snapshot,
    ask.Status: status_,
    ask.ResetLoudness: reset_loudness,
    ask.AskSpectrum: spectrum,
}
