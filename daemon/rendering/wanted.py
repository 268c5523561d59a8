"""The values that a person asks for: a preset, settings over it, and what its macro knobs move."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from masterd.control import places
from masterd.control.errors import MasterdError
from masterd.control.parameters import Value, defaults, parameter
from masterd.daemon.macros import moved
from masterd.daemon.presets import Preset, Presets


def find_preset(name: str) -> Preset:
    """A factory preset, or one of the user's in the state folder of the daemon `main`. UnknownPreset."""
    folder = places.state_directory(os.environ.get("MASTERD_NAME", places.DEFAULT_NAME)) / "presets"
    return Presets(folder).load(name)


def wanted_values(
    preset: str | None, settings: Sequence[str], proposed: Mapping[str, Value] | None = None
) -> tuple[dict[str, Value], list[str]]:
    """Complete values: the preset's, or the flat defaults, what was proposed over them, and the ID=VALUE settings over both; and
    what is wrong with them."""
    values, macros, wrong = defaults(), {}, []
    if preset is not None:
        try:
            found = find_preset(preset)
            values, macros = values | dict(found.values), dict(found.macros)
        except MasterdError as reason:
            wrong.append(str(reason))
    named: dict[str, Value] = {}
    for setting in settings:
        id, equals, text = setting.partition("=")
        try:
            if not equals:
                wrong.append(f"{setting!r} is not ID=VALUE")
            else:
                named[id.strip()] = parameter(id.strip()).parse(text.strip())
        except MasterdError as reason:
            wrong.append(str(reason))
    return values | dict(proposed or {}) | moved(macros, named), wrong
