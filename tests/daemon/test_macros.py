"""One knob that moves many: curves as data, checked, followed, undone and kept."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from masterd.control.errors import BadRequest, MasterdError
from masterd.control.parameters import PARAMETERS
from masterd.daemon.macros import checked_macros, moved, value_at
from masterd.daemon.presets import Presets
from masterd.daemon.state import State

KNOB = "macro.less_more_percent"
CURVES = checked_macros(
    {
        "less_more": {
            "eq.1.gain_db": [[0, 0], [50, 2], [100, 6]],
            "eq.1.frequency_hz": [[0, 100], [100, 10000]],
            "clipper.on": [[0, False], [60, True]],
        }
    }
)


def at(position: float) -> dict:
    return moved(CURVES, {KNOB: position})


def test_numbers_follow_their_points_and_hold_at_the_ends():
    assert [at(it)["eq.1.gain_db"] for it in (0, 25, 50, 75, 100)] == pytest.approx([0, 1, 2, 4, 6])


def test_frequencies_go_evenly_in_octaves():
    assert at(50)["eq.1.frequency_hz"] == pytest.approx(1000)


def test_switches_hold_until_their_point():
    assert [at(it)["clipper.on"] for it in (0, 59.9, 60, 100)] == [False, False, True, True]


@given(st.floats(0, 100))
def test_every_position_gives_values_that_their_parameters_take(position):
    for id, value in at(position).items():
        assert PARAMETERS[id].check(value) == value


def test_what_a_request_names_itself_wins():
    assert moved(CURVES, {KNOB: 100, "eq.1.gain_db": -1.0})["eq.1.gain_db"] == -1.0


def test_without_a_knob_nothing_is_added():
    assert moved(CURVES, {"eq.2.q": 1.0}) == {"eq.2.q": 1.0}


def test_a_turn_is_one_change_and_one_step_back():
    state = State(macros=CURVES)
    change = state.set({KNOB: 100})
    assert change.changes["eq.1.gain_db"] == (0.0, 6.0)
    assert change.changes["clipper.on"] == (False, True)
    assert state.undo().changes["eq.1.gain_db"] == (6.0, 0.0)
    assert state.values[KNOB] == 50


def test_the_curves_come_with_the_preset_and_go_with_undo():
    state = State()
    state.load("loud", {}, CURVES)
    assert state.macros == CURVES
    state.undo()
    assert state.macros == {}


def test_a_saved_preset_keeps_its_curves(tmp_path):
    presets = Presets(tmp_path)
    presets.save("mine", {}, macros=CURVES)
    assert Presets(tmp_path).load("mine").macros == CURVES


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"lots": {}}, "no such macro"),
        ({"less_more": {"eq.1.gain_db": [[0, 0]]}}, "two or more"),
        ({"less_more": {"eq.1.gain_db": 3}}, "two or more"),
        ({"less_more": {"eq.1.gain_db": [[0, 0], [0, 1]]}}, "must rise"),
        ({"less_more": {"eq.1.gain_db": [[0, 0], [101, 1]]}}, "outside 0 to 100"),
        ({"less_more": {"eq.1.gain_db": [[0, 0], [100, 99]]}}, "outside -24 to 24"),
        ({"less_more": {"eq.1.gian_db": [[0, 0], [100, 1]]}}, "did you mean"),
        ({"less_more": {"macro.1_percent": [[0, 0], [100, 1]]}}, "cannot move"),
    ],
)
def test_a_wrong_curve_is_refused_with_the_reason(table, said):
    with pytest.raises(MasterdError, match=said):
        checked_macros(table)


def test_a_curve_of_one_value_type_cannot_hold_another():
    with pytest.raises((BadRequest, MasterdError), match="true or false"):
        checked_macros({"less_more": {"clipper.on": [[0, 0.5], [100, True]]}})


def test_before_the_first_point_is_the_first():
    assert value_at(PARAMETERS["eq.1.gain_db"], ((20.0, 1.0), (80.0, 3.0)), 5) == 1.0
