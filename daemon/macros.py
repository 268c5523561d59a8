"""Macros: one knob, 0 to 100 %, that moves many parameters along authored curves. They are data, and come with a preset.

    [macro.less_more]
    "agc.range_db" = [[0, 4], [50, 12], [100, 18]]      position in percent, value in the parameter's unit
    "clipper.on" = [[0, false], [60, true]]             switches and choices hold until the next point

Between two points a number goes along its own curve, as a knob would: evenly in dB, evenly in octaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, TypeAlias

from masterd.control.errors import BadRequest
from masterd.control.parameters import PARAMETERS, Parameter, Value, parameter
from masterd.control.table import MACROS

Points: TypeAlias = tuple[tuple[float, Value], ...]
Macros: TypeAlias = Mapping[str, Mapping[str, Points]]
"""Curves by parameter id, by macro: `less_more`."""


def moved(macros: Macros, values: Mapping[str, Value]) -> dict[str, Value]:
    """`values` and, for each macro knob among them, what it moves. What `values` names itself wins."""
    driven: dict[str, Value] = {}
    for name in MACROS:
        if (position := values.get(knob(name))) is not None:
            driven |= {id: value_at(PARAMETERS[id], points, float(position)) for id, points in macros.get(name, {}).items()}
    return {**driven, **values}


def knob(name: str) -> str:
    """The id of a macro's knob."""
    return f"macro.{name}_percent"


def value_at(it: Parameter, points: Points, position: float) -> Value:
    """The curve's value at 0..100; before its first point that of the first, after its last that of the last."""
    if position <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in pairwise(points):
        if position < right:
            return low if it.kind != "number" else between(it, low, high, (position - left) / (right - left))
    return points[-1][1]


def between(it: Parameter, low: Value, high: Value, share: float) -> Value:
    """Along the parameter's own curve."""
    start, end = it.to_travel(low), it.to_travel(high)
    return it.from_travel(start + share * (end - start)) if share > 0 else low


def checked_macros(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Points]]:
    """Curves as a preset's file gives them, flattened by id; Refused says what is wrong."""
    for name in tables:
        if name not in MACROS:
            raise BadRequest(f"macro.{name}: there is no such macro; there are {', '.join(MACROS)}")
    return {name: {id: checked_points(name, id, points) for id, points in table.items()} for name, table in tables.items()}


def checked_points(name: str, id: str, points: Any) -> Points:
    """One curve: two points at least, positions rising from 0 to 100 at most."""
    it = parameter(id)
    if id.startswith("macro."):
        raise BadRequest(f"macro.{name}: a macro cannot move {id}")
    if (
        not isinstance(points, list)
        or len(points) < 2
        or not all(isinstance(point, list) and len(point) == 2 for point in points)
    ):
        raise BadRequest(f"macro.{name}: {id} must be two or more [position, value]")
    positions = [PARAMETERS[knob(name)].check(position) for position, _ in points]
    if any(float(left) >= float(right) for left, right in pairwise(positions)):
        raise BadRequest(f"macro.{name}: the positions of {id} must rise")
    return tuple((float(position), it.check(value)) for position, (_, value) in zip(positions, points, strict=True))
