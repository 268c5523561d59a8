"""How endless encoders say how far they were turned."""

from __future__ import annotations

import enum
from collections.abc import Set


class Encoding(enum.StrEnum):
    """What the value of a control means."""

    ABSOLUTE = "absolute"  # where it stands
    TWOS_COMPLEMENT = "twos_complement"  # 1..63 right, 127..65 left: "relative 1"
    OFFSET = "offset"  # 65..127 right, 63..0 left: "relative 2"
    SIGN_MAGNITUDE = "sign_magnitude"  # 1..63 right, 65..127 left: "relative 3", Mackie
    REVERSED_SIGN = "reversed_sign"  # 65..127 right, 1..63 left


RELATIVE = tuple(encoding for encoding in Encoding if encoding is not Encoding.ABSOLUTE)


def ticks(encoding: Encoding, value: int) -> int:
    """How many detents a 7-bit value of a relative control stands for; right is positive."""
    match encoding:
        case Encoding.TWOS_COMPLEMENT:
            return value if value < 64 else value - 128
        case Encoding.OFFSET:
            return value - 64
        case Encoding.SIGN_MAGNITUDE:
            return value if value < 64 else 64 - value
        case Encoding.REVERSED_SIGN:
            return -value if value < 64 else value - 64
    raise ValueError(f"{encoding} is not relative")


def told_apart(right: Set[int], left: Set[int]) -> Encoding:
    """The encoding of an encoder that sent `right` when turned right and `left` when turned left, slowly or fast.

    One direction does not tell: 1 is a step right in two encodings, 65 in two others. Slow turns are {1} and {127}, {65} and
    {63}, {1} and {65}, {65} and {1}."""
    for encoding in RELATIVE:
        fits = all(ticks(encoding, value) > 0 for value in right) and all(ticks(encoding, value) < 0 for value in left)
        if right and left and fits and _is_slow(encoding, right) and _is_slow(encoding, left):
            return encoding
    return Encoding.ABSOLUTE


def _is_slow(encoding: Encoding, values: Set[int]) -> bool:
    return min(abs(ticks(encoding, value)) for value in values) <= 2  # nobody turns at 3 detents a message all the time


class Acceleration:
    """Makes fast turns of encoders that send single steps go further: 1 above SLOW_S between them, FASTEST below FAST_S."""

    SLOW_S, FAST_S, FASTEST = 0.080, 0.010, 8.0

    def __init__(self) -> None:
        self._last_s = -1.0

    def __call__(self, count: int, now_s: float) -> float:
        """`count` detents, times the factor; boxes that count by themselves are left alone."""
        gap_s, self._last_s = now_s - self._last_s, now_s
        if abs(count) != 1 or gap_s >= self.SLOW_S:
            return float(count)
        share = (self.SLOW_S - max(gap_s, self.FAST_S)) / (self.SLOW_S - self.FAST_S)
        return count * float(self.FASTEST**share)
