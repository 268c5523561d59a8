"""Values and levels as people read them: -3.0 dB, 1046.53 Hz, on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from masterd.control.parameters import Parameter, Value
from masterd.control.protocol import SILENCE_DB


def number_text(value: float, step: float) -> str:
    """With as many decimals as `step` has; more, up to six digits, where the value has them."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    value += 0.0  # not -0
    rounded = f"{value:.{decimals}f}"
    return rounded if math.isclose(float(rounded), value, rel_tol=1e-9, abs_tol=1e-12) else f"{value:.6g}"


def value_text(parameter: Parameter, value: Value) -> str:
    """With its unit."""
    if isinstance(value, bool):
        return "on" if value else "off"
    text = value if isinstance(value, str) else number_text(float(value), parameter.step)
    has_unit = parameter.unit and not (isinstance(value, str) and not value.replace(".", "").isdigit())
    return f"{text} {parameter.unit}" if has_unit else text


def range_text(parameter: Parameter) -> str:
    """`-12 to 0 dBTP`, `on or off`, or the choices."""
    if parameter.kind == "number":
        return f"{parameter.min:g} to {parameter.max:g} {parameter.unit}".rstrip()
    return "on or off" if parameter.kind == "switch" else ", ".join(parameter.choices)


def level_text(level: float, width: int = 6) -> str:
    """One decimal, right-aligned; dashes for silence and for what is not measured yet."""
    return ("--" if level <= SILENCE_DB + 1 else f"{level:.1f}").rjust(width)


def columns(rows: Iterable[Sequence[str]]) -> str:
    """Left-aligned columns, two spaces apart."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
