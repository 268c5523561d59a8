"""Every parameter by id. The C structs name them, control/table.py says what they mean.

From them come validation, `describe`, MIDI and OSC scaling, widgets, shell completion and docs/parameters.md. Ids are for
ever; the suffix of an id is its unit. Defaults exist in the table and nowhere else. The daemon asserts at import that table and C
structs agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from masterd.control.errors import UnknownParameter
from masterd.control.parameter import UNIT_SUFFIXES, Parameter, Value
from masterd.control.table import table

__all__ = ["PARAMETERS", "UNIT_SUFFIXES", "Parameter", "Value", "defaults", "is_unsafe", "parameter"]

PARAMETERS: Mapping[str, Parameter] = {parameter.id: parameter for parameter in table()}
"""By id, in the order of the C structs."""

UNSAFE = ("limiter.ceiling_dbtp", "output.*_db")
"""What decides how loud the air gets: a stray knob or fader must not turn it unless it was told that it may."""


def parameter(id: str) -> Parameter:
    """The parameter of that id, or UnknownParameter with the ids nearest to it."""
    try:
        return PARAMETERS[id]
    except KeyError:
        raise UnknownParameter(id, PARAMETERS) from None


def is_unsafe(parameter: Parameter) -> bool:
    """Whether a surface of knobs and faders must be told that it may turn it."""
    return any(fnmatchcase(parameter.id, pattern) for pattern in UNSAFE)


def defaults() -> dict[str, Value]:
    """A complete set of values: the flat chain."""
    return {parameter.id: parameter.default for parameter in PARAMETERS.values()}
