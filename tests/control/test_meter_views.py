"""Meters as people see them: bars that fall by the standard, frames that lose no peak, pages that fit any terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from masterd.control.cli.meter_lines import line
from masterd.control.cli.meter_screen import MARGIN, NUMBERS, Screen
from masterd.control.levels import HOLD_S, Bar, merged
from masterd.control.parameters import parameter
from masterd.control.protocol import SILENCE_DB, Meters, PointMeters
from masterd.control.scales import HIGH_DB, LOW_DB
from masterd.control.text import number_text, value_text

levels = st.floats(SILENCE_DB, 20)


def point(left_db: float, right_db: float) -> PointMeters:
    return PointMeters((left_db, right_db), (left_db, right_db), (-30, -30), -20, -21, -23, 5, -18, -19, max(left_db, right_db))


def frame(left_db: float = -10, right_db: float = -20, reduction_db: float = 0, seq: int = 1) -> Meters:
    there = point(left_db, right_db)
    return Meters(seq, "a", 0.0, 64, seq, 0, 0, 3.0, there, there, (reduction_db, 0), reduction_db)


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@given(st.lists(st.tuples(levels, levels, st.floats(0, 30)), min_size=1))
def test_joined_frames_keep_every_peak(readings: list[tuple[float, float, float]]) -> None:
    whole = frame(*readings[0])
    for seq, reading in enumerate(readings[1:], 2):
        whole = merged(whole, frame(*reading, seq=seq))
    left, right, reduction = (max(column) for column in zip(*readings, strict=True))
    assert whole.output.true_peak_dbtp == whole.input.sample_peak_dbfs == (left, right)
    assert (whole.limiter_reduction_db, whole.compressor_reduction_db[0]) == (reduction, reduction)
    assert whole.seq == max(len(readings), 1)


def test_a_bar_rises_at_once_and_falls_20_db_in_1_7_s() -> None:
    bar = Bar()
    bar.take(-3, 0.0)
    assert bar.level_db == -3
    for step in range(1, 18):
        bar.take(SILENCE_DB, step / 10)
    assert bar.level_db == pytest.approx(-23)


def test_the_highest_value_is_held_for_two_seconds() -> None:
    bar = Bar()
    bar.take(-3, 0.0)
    bar.take(-20, HOLD_S - 0.01)
    assert bar.held_db == -3
    bar.take(-20, HOLD_S + 0.01)
    assert bar.held_db == -20


@given(st.integers(1, 300), st.integers(1, 60), levels, levels, st.floats(0, 60), st.floats(-12, 0))
def test_the_page_fits_any_terminal(
    width: int, height: int, left_db: float, right_db: float, gr_db: float, top_db: float
) -> None:
    screen = Screen("main")
    screen.told("a preset with quite a long name", True, {"limiter.ceiling_dbtp": top_db})
    screen.take(frame(left_db, right_db, gr_db), 1.0)
    page = screen.lines(width, height)
    assert len(page) <= height
    assert all(len(plain(text)) <= width for text in page)


@given(st.floats(LOW_DB, HIGH_DB), st.integers(60, 200))
def test_bars_are_as_long_as_their_level(level_db: float, width: int) -> None:
    screen = Screen("main")
    screen.take(frame(level_db, SILENCE_DB), 1.0)
    left, right = (plain(text)[MARGIN : width - NUMBERS] for text in screen.lines(width, 40)[2:4])
    cells = (width - MARGIN - NUMBERS) * (level_db - LOW_DB) / (HIGH_DB - LOW_DB)
    assert abs(left.count("█") - cells) <= 1
    assert not right.strip()


def test_what_is_over_the_ceiling_is_red_and_nothing_else_is() -> None:
    red = "\x1b[31m"
    for level_db, is_red in ((-1.0, False), (0.5, True)):
        screen = Screen("main")
        screen.told("flat", False, {"limiter.ceiling_dbtp": -1.0})
        screen.take(frame(level_db, level_db), 1.0)
        output = screen.lines(200, 40)[4]
        assert output.startswith("output L")
        reached = output.partition(red)[2].partition("\x1b[0m")[0]
        assert any(cell in "▏▎▍▌▋▊▉█" for cell in reached) is is_red


def test_no_frames_no_levels() -> None:
    screen = Screen("main")
    screen.take(frame(), 1.0)
    screen.lost("the daemon went")
    page = "\n".join(map(plain, screen.lines(100, 40)))
    assert "the daemon went" in page
    assert "█" not in page


def test_a_line_shows_dashes_for_silence() -> None:
    assert "TP    --    --" in line(frame(SILENCE_DB, SILENCE_DB))
    assert "TP  -1.0  -2.5" in line(frame(-1, -2.5))


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [
        (-3, 0.1, "-3.0"),
        (-0.0, 0.1, "0.0"),
        (0.7071, 0.01, "0.7071"),
        (0.71, 0.01, "0.71"),
        (1000, 1, "1000"),
        (1046.5283, 1, "1046.53"),
        (997.5, 1, "997.5"),
        (0.30000000000000004, 0.1, "0.3"),
        (15, 10, "15"),
    ],
)
def test_numbers_have_the_decimals_of_their_step_and_never_lose_any(value: float, step: float, text: str) -> None:
    assert number_text(value, step) == text


@given(st.floats(-1e5, 1e5), st.sampled_from([0.01, 0.1, 0.5, 1, 10]))
def test_a_number_reads_back_to_six_digits(value: float, step: float) -> None:
    assert float(number_text(value, step)) == pytest.approx(value, rel=1e-5, abs=1e-9)


def test_values_have_units_where_they_are_measures() -> None:
    assert value_text(parameter("limiter.ceiling_dbtp"), -2.0) == "-2.0 dBTP"
    assert value_text(parameter("eq.1.slope_db_per_oct"), "24") == "24 dB/oct"
    assert value_text(parameter("compressor.sidechain_slope_db_per_oct"), "off") == "off"
    assert value_text(parameter("bypass.on"), True) == "on"
