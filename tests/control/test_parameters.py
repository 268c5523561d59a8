"""The parameter table is sound, and its page is current."""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from masterd.control import curves
from masterd.control.curves import Curve
from masterd.control.errors import MasterdError, OutOfRange, UnknownParameter, WrongType
from masterd.control.parameters import PARAMETERS, UNIT_SUFFIXES, Parameter, Value, parameter
from masterd.control.parameters_doc import document
from masterd.control.table import EQ_BANDS

NUMBERS = [it for it in PARAMETERS.values() if it.kind == "number"]
every_parameter = pytest.mark.parametrize("it", PARAMETERS.values(), ids=PARAMETERS)
numbers = st.sampled_from(NUMBERS)


def unit_in(id: str) -> str:
    """The unit that the id's suffix names; the longest suffix wins, as _db_per_oct over none."""
    fitting = [(len(suffix), unit) for unit, suffix in UNIT_SUFFIXES.items() if id.endswith(suffix)]
    return max(fitting)[1] if fitting else ""


@every_parameter
def test_the_id_ends_in_the_unit(it: Parameter) -> None:
    assert unit_in(it.id) == it.unit


@every_parameter
def test_the_default_is_a_value_of_its_own(it: Parameter) -> None:
    assert it.check(it.default) == it.default
    assert it.min < it.max
    assert 0 < it.step <= it.max - it.min


@every_parameter
def test_it_says_what_it_is(it: Parameter) -> None:
    assert it.label
    assert it.help.endswith(".")
    assert it.id == it.id.lower()
    assert it.group == it.id[: it.id.rindex(".")]


def test_labels_are_unique() -> None:
    labels = [it.label for it in PARAMETERS.values()]
    assert len(set(labels)) == len(labels)


def test_logarithmic_ranges_are_above_zero() -> None:
    assert all(it.min > 0 for it in PARAMETERS.values() if it.curve is Curve.LOG)
    assert any(it.curve is Curve.LOG for it in PARAMETERS.values())


def test_bands_differ_only_in_what_the_page_says() -> None:
    def rest(band: int) -> list[Parameter]:
        members = [it for it in PARAMETERS.values() if it.group == f"eq.{band}"]
        return [
            dataclasses.replace(
                it,
                id=it.id.replace(f"eq.{band}.", "eq.N."),
                label=it.label.replace(f"EQ {band} ", ""),
                default=0 if it.id.endswith("frequency_hz") else it.default,
            )
            for it in members
        ]

    assert all(rest(band) == rest(1) for band in range(2, EQ_BANDS + 1))


def test_the_page_is_current() -> None:
    page = Path(__file__).parents[2] / "docs" / "parameters.md"
    assert page.read_text() == document(), "run: python -m masterd.control.parameters_doc > docs/parameters.md"
    printed = subprocess.run([sys.executable, "-m", "masterd.control.parameters_doc"], capture_output=True, text=True, check=True)
    assert printed.stdout == document()


@given(numbers, st.floats(0, 1))
def test_travel_and_value_are_inverse(it: Parameter, travel: float) -> None:
    value = it.from_travel(travel)
    assert it.check(value) == value
    assert math.isclose(it.to_travel(value), travel, abs_tol=1e-12)


@given(numbers, st.floats(0, 1), st.floats(0, 1))
def test_more_travel_is_never_less_value(it: Parameter, first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert it.from_travel(low) <= it.from_travel(high)


@given(numbers, st.floats(allow_nan=False))
def test_travel_outside_is_held_at_exact_ends(it: Parameter, travel: float) -> None:
    value = it.from_travel(travel)
    if travel <= 0:
        assert value == it.min
    if travel >= 1:
        assert value == it.max


def test_equal_travel_is_equal_ratio_or_equal_difference() -> None:
    assert curves.from_travel(0.5, 20, 20000, Curve.LOG) == pytest.approx(math.sqrt(20 * 20000))
    assert curves.from_travel(0.25, -24, 24, Curve.LINEAR) == -12


@every_parameter
def test_every_choice_and_switch_survives_travel(it: Parameter) -> None:
    for value in it.choices or (() if it.kind == "number" else (False, True)):
        assert it.from_travel(it.to_travel(value)) == value


@given(numbers, st.floats())
def test_check_takes_the_range_and_nothing_else(it: Parameter, value: float) -> None:
    if it.min <= value <= it.max:
        assert it.check(value) == value
    else:
        with pytest.raises(OutOfRange):
            it.check(value)


anything = st.none() | st.text() | st.integers() | st.floats() | st.booleans() | st.lists(st.integers()) | st.binary()


@given(st.sampled_from(list(PARAMETERS.values())), anything)
def test_check_gives_the_parameters_own_type_or_refuses_with_its_id(it: Parameter, value: object) -> None:
    outcome = attempt(lambda: it.check(value))
    assert outcome.parameter == it.id if isinstance(outcome, MasterdError) else type(outcome) is type(it.default)


@given(st.sampled_from(list(PARAMETERS.values())), st.text())
def test_parse_does_as_well(it: Parameter, text: str) -> None:
    outcome = attempt(lambda: it.parse(text))
    assert outcome.parameter == it.id if isinstance(outcome, MasterdError) else type(outcome) is type(it.default)


def attempt(action: Callable[[], Value]) -> Value | WrongType | OutOfRange:
    """What it gave or how it refused; any other exception is a failure."""
    try:
        return action()
    except (WrongType, OutOfRange) as refusal:
        return refusal


def test_an_unknown_id_names_its_neighbours() -> None:
    with pytest.raises(UnknownParameter, match=r"did you mean limiter\.ceiling_dbtp"):
        parameter("limiter.ceiling_db")
