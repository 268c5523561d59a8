"""What a parameter is: its range, its unit, what it takes, how a knob shows it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

from masterd.control.curves import Curve, from_travel, to_travel
from masterd.control.errors import OutOfRange, WrongType

Value: TypeAlias = float | bool | str
"""A number in the parameter's unit, on or off, or one of its choices."""

UNIT_SUFFIXES = {
    "dB": "_db",
    "dBTP": "_dbtp",
    "dB/oct": "_db_per_oct",
    "dBFS": "_dbfs",
    "dB/s": "_db_per_s",
    "LUFS": "_lufs",
    "Hz": "_hz",
    "ms": "_ms",
    "%": "_percent",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing an operator can turn. Numbers have a range and a curve, choices have names, switches neither."""

    id: str
    unit: str
    min: float
    max: float
    default: Value
    step: float
    curve: Curve
    label: str
    help: str
    choices: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """`number`, `switch` or `choice`."""
        if self.choices:
            return "choice"
        return "switch" if isinstance(self.default, bool) else "number"

    @property
    def group(self) -> str:
        """The id without its last part: `eq.3`."""
        return self.id.rpartition(".")[0]

    def check(self, value: object) -> Value:
        """`value` in this parameter's own type; WrongType or OutOfRange when it cannot be."""
        if self.choices:
            return self._check_choice(value)
        if isinstance(self.default, bool):
            return self._check_switch(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise WrongType(self.id, value, f"a number from {self.min:g} to {self.max:g} {self.unit}".rstrip())
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not self.min <= number <= self.max:  # also false for NaN
            raise OutOfRange(self.id, value, self.min, self.max, self.unit)
        return number

    def _check_choice(self, value: object) -> str:
        name = value if isinstance(value, str) else f"{value:g}" if type(value) in (int, float) else ""
        if name not in self.choices:
            raise WrongType(self.id, value, "one of " + ", ".join(self.choices))
        return name

    def _check_switch(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        if type(value) in (int, float) and value in (0, 1):
            return bool(value)
        raise WrongType(self.id, value, "true or false")

    def parse(self, text: str) -> Value:
        """The value a person typed: `-3`, `on`, `high_shelf`. Raises like `check`."""
        if self.kind == "switch":
            return self.check(
                {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}.get(text.lower(), text)
            )
        if self.kind == "choice":
            return self.check(text)
        try:
            return self.check(float(text))
        except ValueError:
            raise WrongType(self.id, text, f"a number from {self.min:g} to {self.max:g} {self.unit}".rstrip()) from None

    def to_travel(self, value: Value) -> float:
        """Position 0..1 of a knob that shows `value`."""
        if self.choices:
            return self.choices.index(str(value)) / (len(self.choices) - 1)
        return to_travel(float(value), self.min, self.max, self.curve)

    def from_travel(self, travel: float) -> Value:
        """The value of a knob at `travel` 0..1."""
        if self.choices:
            return self.choices[round(min(max(travel, 0.0), 1.0) * (len(self.choices) - 1))]
        if isinstance(self.default, bool):
            return travel >= 0.5
        return from_travel(travel, self.min, self.max, self.curve)


def number(
    id: str,
    unit: str,
    low: float,
    high: float,
    default: float,
    step: float,
    label: str,
    help: str,
    curve: Curve = Curve.LINEAR,
) -> Parameter:
    """A parameter with a range."""
    return Parameter(id, unit, low, high, float(default), step, curve, label, help)


def switch(id: str, default: bool, label: str, help: str) -> Parameter:
    """A parameter that is on or off."""
    return Parameter(id, "", 0, 1, default, 1, Curve.LINEAR, label, help)


def choice(id: str, choices: tuple[str, ...], default: str, label: str, help: str, unit: str = "") -> Parameter:
    """A parameter with named positions, in the order of the C enum."""
    return Parameter(id, unit, 0, len(choices) - 1, default, 1, Curve.LINEAR, label, help, choices)
