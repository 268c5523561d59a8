"""The one table that describes every parameter. The C structs name them, this table says what they mean.

From it come validation, `describe`, MIDI and OSC scaling, widgets, shell completion and docs/parameters.md. Ids are for ever; the
suffix of an id is its unit. Defaults exist here and nowhere else. The daemon asserts at import that table and C structs agree.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from masterd.control.curves import Curve, from_travel, to_travel
from masterd.control.errors import OutOfRange, UnknownParameter, WrongType

Value: TypeAlias = float | bool | str
"""A number in the parameter's unit, on or off, or one of its choices."""

UNIT_SUFFIXES = {
    "dB": "_db",
    "dBTP": "_dbtp",
    "dB/oct": "_db_per_oct",
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


EQ_BANDS = 16
EQ_TYPES = ("bell", "low_shelf", "high_shelf", "tilt", "low_pass", "high_pass", "notch", "band_pass", "all_pass")
EQ_FREQUENCIES_HZ = (30, 45, 65, 100, 150, 225, 340, 500, 750, 1100, 1700, 2500, 3800, 5700, 8500, 12500)


def eq_band(band: int) -> Iterator[Parameter]:
    """The parameters of EQ band 1..16."""
    at, name = f"eq.{band}", f"EQ {band}"
    yield switch(f"{at}.on", False, f"{name} on", "Puts this band into the chain.")
    yield choice(f"{at}.type", EQ_TYPES, "bell", f"{name} type", "Shape of the band.")
    yield choice(
        f"{at}.channel",
        ("stereo", "left", "right", "mid", "side"),
        "stereo",
        f"{name} channel",
        "What the band works on.",
    )
    yield choice(
        f"{at}.slope_db_per_oct",
        ("6", "12", "18", "24", "36", "48", "60", "72", "96"),
        "12",
        f"{name} slope",
        "Steepness of low- and high-pass; other types ignore it.",
        "dB/oct",
    )
    yield number(
        f"{at}.frequency_hz",
        "Hz",
        10,
        20000,
        EQ_FREQUENCIES_HZ[band - 1],
        1,
        f"{name} frequency",
        "Centre or corner.",
        Curve.LOG,
    )
    yield number(f"{at}.gain_db", "dB", -24, 24, 0, 0.1, f"{name} gain", "Boost or cut of bell, shelves and tilt.")
    yield number(f"{at}.q", "", 0.1, 40, 0.7071, 0.01, f"{name} Q", "Narrowness: centre frequency over bandwidth.", Curve.LOG)


def table() -> Iterator[Parameter]:
    """Every parameter, in the order of the C structs."""
    yield switch("bypass.on", False, "Bypass", "Sends the untouched programme to the limiter, delayed by the same latency.")

    yield number("input.trim_db", "dB", -24, 24, 0, 0.1, "Input trim", "Gain before everything else.")
    yield choice(
        "input.channels",
        ("stereo", "swap", "left", "right", "mono"),
        "stereo",
        "Input channels",
        "Left and right feed both sides; mono is half the sum.",
    )
    yield switch("input.invert_left", False, "Invert left", "Turns the polarity of the left channel.")
    yield switch("input.invert_right", False, "Invert right", "Turns the polarity of the right channel.")
    yield switch("input.dc_block", False, "DC blocker", "Removes a constant offset; -0.05 dB at 20 Hz.")
    yield switch("input.subsonic", False, "Subsonic filter", "High-pass, 24 dB/oct.")
    yield number("input.subsonic_hz", "Hz", 10, 80, 20, 1, "Subsonic corner", "-3 dB point of the subsonic filter.", Curve.LOG)

    yield switch("eq.on", True, "Equaliser on", "Off takes every band out.")
    for band in range(1, EQ_BANDS + 1):
        yield from eq_band(band)

    yield switch("compressor.on", False, "Compressor on", "Off is the untouched programme at the same latency.")
    yield choice("compressor.detector", ("peak", "rms"), "rms", "Detector", "What is measured: peaks, or power over a window.")
    yield number("compressor.threshold_db", "dB", -60, 0, -20, 0.1, "Threshold", "Level above which gain is reduced, dBFS.")
    yield number(
        "compressor.ratio",
        "",
        1,
        100,
        2,
        0.1,
        "Ratio",
        "Input dB per output dB above the threshold; 100 is a limiter.",
        Curve.LOG,
    )
    yield number("compressor.knee_db", "dB", 0, 24, 6, 0.1, "Knee", "Width of the bend around the threshold.")
    yield number(
        "compressor.attack_ms",
        "ms",
        0.1,
        1000,
        20,
        0.1,
        "Attack",
        "Time for 63.2 % of a rise of reduction, in dB.",
        Curve.LOG,
    )
    yield number(
        "compressor.release_ms",
        "ms",
        5,
        5000,
        200,
        1,
        "Release",
        "Time for 63.2 % of a fall of reduction, in dB.",
        Curve.LOG,
    )
    yield switch("compressor.auto_release", False, "Auto release", "A slow release joins in after sustained reduction.")
    yield number(
        "compressor.lookahead_ms",
        "ms",
        0,
        5,
        0,
        0.1,
        "Look-ahead",
        "How far the detector hears ahead; never changes the latency.",
    )
    yield number("compressor.rms_window_ms", "ms", 1, 100, 10, 1, "RMS window", "Time constant of the RMS detector.", Curve.LOG)
    yield number(
        "compressor.sidechain_high_pass_hz",
        "Hz",
        20,
        500,
        80,
        1,
        "Side-chain high-pass",
        "Keeps bass out of the detector.",
        Curve.LOG,
    )
    yield choice(
        "compressor.sidechain_slope_db_per_oct",
        ("off", "12", "24"),
        "off",
        "Side-chain slope",
        "Steepness of the side-chain high-pass.",
        "dB/oct",
    )
    yield number("compressor.link_percent", "%", 0, 100, 100, 1, "Stereo link", "100 reduces both channels alike.")
    yield number("compressor.range_db", "dB", 0, 60, 60, 0.5, "Range", "The most the compressor may reduce.")
    yield number("compressor.makeup_db", "dB", -12, 24, 0, 0.1, "Make-up", "Gain after the compressor.")
    yield switch("compressor.auto_makeup", False, "Auto make-up", "Adds half of what the curve takes from 0 dBFS.")
    yield number(
        "compressor.mix_percent",
        "%",
        0,
        100,
        100,
        1,
        "Mix",
        "100 is compressed only; below, the dry programme is mixed in.",
    )

    yield number("limiter.drive_db", "dB", 0, 24, 0, 0.1, "Drive", "Gain into the limiter.")
    yield number("limiter.ceiling_dbtp", "dBTP", -12, 0, -1, 0.1, "Ceiling", "No true peak leaves above this.")
    yield number(
        "limiter.hold_ms",
        "ms",
        0,
        50,
        10,
        0.5,
        "Hold",
        "How long a reduction stays before it returns; long enough spares the bass.",
    )
    yield number("limiter.release_ms", "ms", 10, 1000, 60, 1, "Limiter release", "Return after an isolated peak.", Curve.LOG)
    yield number(
        "limiter.release_slow_ms",
        "ms",
        100,
        5000,
        800,
        10,
        "Slow release",
        "Return after sustained reduction.",
        Curve.LOG,
    )


PARAMETERS: Mapping[str, Parameter] = {parameter.id: parameter for parameter in table()}
"""By id, in the order of the C structs."""


def parameter(id: str) -> Parameter:
    """The parameter of that id, or UnknownParameter with the ids nearest to it."""
    try:
        return PARAMETERS[id]
    except KeyError:
        raise UnknownParameter(id, PARAMETERS) from None


def defaults() -> dict[str, Value]:
    """A complete set of values: the flat chain."""
    return {parameter.id: parameter.default for parameter in PARAMETERS.values()}
