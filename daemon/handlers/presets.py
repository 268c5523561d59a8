"""Presets."""

from __future__ import annotations

import asyncio
from typing import Any

from masterd.control import protocol as ask
from masterd.daemon.desk import Desk
from masterd.daemon.handlers.checks import Handlers, how, moved, turned


def preset_list(desk: Desk, request: ask.PresetList) -> Any:  # noqa: D103
    return desk.presets.names()


def preset_load(desk: Desk, request: ask.PresetLoad) -> Any:  # noqa: D103
    preset = desk.presets.load(request.name)
    return turned(desk, request, lambda: desk.state.load(preset.name, preset.values, preset.macros, **how(request)))


async def preset_save(desk: Desk, request: ask.PresetSave) -> Any:  # noqa: D103
    name = await asyncio.to_thread(desk.presets.save, request.name, dict(desk.state.values), "", desk.state.macros)
    change = desk.state.keep(name, origin=request.origin)
    desk.presets_changed(request.origin)
    return moved(change)


async def preset_delete(desk: Desk, request: ask.PresetDelete) -> Any:  # noqa: D103
    await asyncio.to_thread(desk.presets.delete, request.name)
    desk.presets_changed(request.origin)
    return desk.presets.names()


HANDLERS: Handlers = {
    ask.PresetList: preset_list,
    ask.PresetLoad: preset_load,
    ask.PresetSave: preset_save,
    ask.PresetDelete: preset_delete,
}
