"""What a key of a TOML file may hold: a field's default is the key's, its `Key` says what is right.

A reader gives the value, or raises ValueError.
"""

from __future__ import annotations

import ipaddress
import math
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Key:
    """What a key may hold: `right` says it to a person, `reads` gives the value or raises ValueError."""

    right: str
    reads: Callable[[Any], Any]
    live: bool = False
    """Whether a reload can change it while audio runs."""


def key(default: Any, right: str, reads: Callable[[Any], Any], live: bool = False) -> Any:
    """A field of a table."""
    make: Any = {"default_factory": lambda: default} if isinstance(default, tuple) else {"default": default}
    return field(metadata={"key": Key(right, reads, live)}, **make)


def _require(ok: bool) -> None:
    if not ok:
        raise ValueError


def switch(value: Any) -> bool:
    """true or false, nothing else."""
    _require(isinstance(value, bool))
    return bool(value)


def text(value: Any) -> str:
    """A text without control characters."""
    _require(isinstance(value, str) and value.isprintable())
    return str(value)


def instance_name(value: Any) -> str:
    """A name that is also a folder's, a unit's and a JACK client's."""
    _require(isinstance(value, str) and NAME.fullmatch(value) is not None)
    return str(value)


def optional_name(value: Any) -> str:
    """The same, or empty."""
    return "" if value == "" else instance_name(value)


def one_of(*choices: Any) -> Callable[[Any], Any]:
    """One of these, type and all."""

    def reads(value: Any) -> Any:
        _require(any(type(value) is type(it) and value == it for it in choices))
        return value

    return reads


def number(low: float, high: float) -> Callable[[Any], float]:
    """A finite number in the range."""

    def reads(value: Any) -> float:
        _require(isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and low <= value <= high)
        return float(value)

    return reads


def whole(low: int, high: int) -> Callable[[Any], int]:
    """A whole number in the range."""

    def reads(value: Any) -> int:
        _require(type(value) is int and low <= value <= high)
        return int(value)

    return reads


def pattern(value: Any) -> str:
    """A regular expression."""
    _require(isinstance(value, str))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # "[[": its meaning is about to change
            re.compile(value)
    except (re.error, FutureWarning):
        raise ValueError from None
    return str(value)


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts; one text alone is a list of one."""
    return tuple(text(it) for it in ([value] if isinstance(value, str) else value if isinstance(value, list) else [None]))


def ip_address(value: Any) -> str:
    """An IPv4 or IPv6 address."""
    _require(isinstance(value, str))
    return str(ipaddress.ip_address(value))


def networks(value: Any) -> tuple[str, ...]:
    """A list of addresses and networks."""
    return tuple(str(ipaddress.ip_network(it, strict=False)) for it in texts(value))


def corridor(value: Any) -> tuple[float, ...]:
    """Nothing, or two rising numbers from -70 to 0."""
    _require(isinstance(value, list) and len(value) in (0, 2))
    numbers = tuple(number(-70, 0)(it) for it in value)
    _require(not numbers or numbers[0] < numbers[1])
    return numbers
