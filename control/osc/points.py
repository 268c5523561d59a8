"""A parameter at an OSC address: in its own unit (`/eq/3/gain_db`), or as the travel 0..1 of a fader (`/travel/eq/3/gain_db`)."""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass

from masterd.control.errors import BadRequest, OutOfRange, WrongType
from masterd.control.osc.codec import Argument, is_number
from masterd.control.parameters import Parameter, Value


class Form(enum.StrEnum):
    """How a value looks in an argument."""

    UNIT = ""
    """Numbers in the parameter's unit, switches 0 or 1, choices by name; an index is taken as well."""
    TRAVEL = "/travel"
    """0..1 along the parameter's curve, for all kinds alike."""


def as_float32(value: float) -> float:
    """What an argument `f` makes of it."""
    rounded: float = struct.unpack(">f", struct.pack(">f", value))[0]
    return rounded


@dataclass(frozen=True, slots=True)
class Point:
    """One parameter in one form."""

    parameter: Parameter
    form: Form

    @property
    def address(self) -> str:
        """Its address."""
        return f"{self.form}/{self.parameter.id.replace('.', '/')}"

    def argument(self, value: Value) -> Argument:
        """How `value` is told."""
        if self.form is Form.TRAVEL:
            return as_float32(self.parameter.to_travel(value))
        if isinstance(value, bool):
            return int(value)
        return value if isinstance(value, str) else as_float32(value)

    def value(self, arguments: tuple[Argument, ...]) -> Value:
        """The value that `arguments` ask for. BadRequest, WrongType, OutOfRange."""
        if len(arguments) != 1:
            raise BadRequest(f"{self.address} takes one argument, not {len(arguments)}")
        return self._of_travel(arguments[0]) if self.form is Form.TRAVEL else self._of_unit(arguments[0])

    def _of_travel(self, argument: Argument) -> Value:
        if not is_number(argument):
            raise WrongType(self.address, argument, "a number from 0 to 1")
        if not 0 <= argument <= 1:  # also false for NaN
            raise OutOfRange(self.address, argument, 0, 1, "")
        return self.parameter.from_travel(argument)

    def _of_unit(self, argument: Argument) -> Value:
        it = self.parameter
        if it.kind == "number":
            return it.check(argument)
        if isinstance(argument, str):
            return it.parse(argument)
        if it.kind == "choice" and is_number(argument):
            last = len(it.choices) - 1
            if argument not in range(last + 1):
                raise OutOfRange(it.id, argument, 0, last, f"or one of {', '.join(it.choices)}")
            return it.choices[int(argument)]
        return it.check(argument)
