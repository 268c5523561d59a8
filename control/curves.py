"""How a knob's travel 0..1 maps to a parameter's value: what MIDI, OSC and every drawn slider share."""

from __future__ import annotations

import enum
import math


class Curve(enum.StrEnum):
    """The law between travel and value."""

    LINEAR = "linear"  # equal steps: decibels, percents
    LOG = "log"  # equal ratios: frequencies, times, Q; the range must be above 0


def to_travel(value: float, low: float, high: float, curve: Curve) -> float:
    """Position 0..1 of `value` between `low` and `high`; values outside are held at the ends."""
    value = min(max(value, low), high)
    if curve is Curve.LOG:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)


def from_travel(travel: float, low: float, high: float, curve: Curve) -> float:
    """The value at `travel` 0..1; the ends are exact."""
    if travel <= 0:
        return low
    if travel >= 1:
        return high
    if curve is Curve.LOG:
        return float(low * (high / low) ** travel)
    return low + (high - low) * travel
