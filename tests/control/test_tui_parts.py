"""The parts of the console without a screen: what is drawn where, what is asked for, what is written down."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from masterd.control.errors import Unreachable
from masterd.control.levels import MEAN_S, Bar, Mean
from masterd.control.parameters import PARAMETERS, defaults, parameter
from masterd.control.protocol import SILENCE_DB, Adjust, Alarm, Answer, Changed, EqResponse, Heartbeat
from masterd.control.tui.canvas import Canvas
from masterd.control.tui.cells import ROLES, Line, beside, changed
from masterd.control.tui.compare import Compare
from masterd.control.tui.equaliser import drawn_curves, frequencies_line, share_of
from masterd.control.tui.gauges import Gauges
from masterd.control.tui.history import BUCKET_S, SPANS_S, LoudnessHistory, column_number
from masterd.control.tui.levels import peak_bar
from masterd.control.tui.log_book import LogBook
from masterd.control.tui.parameters import matches, turn_of
from masterd.control.tui.plan import PAGES, plan
from masterd.control.tui.plot import Scale
from masterd.control.tui.readout import GLYPHS, large
from masterd.control.tui.reduction import gain_line, reduction_line
from masterd.control.tui.target import Target, parse_target
from masterd.control.tui.turner import Turner

few = settings(max_examples=40)

cells_of_a_line = st.lists(st.tuples(st.sampled_from("ab─█ "), st.sampled_from("dv ")), max_size=40)
lines = cells_of_a_line.map(lambda cells: Line("".join(text for text, _ in cells), "".join(role for _, role in cells)))


@few
@given(lines, lines)
def test_painting_the_columns_that_differ_gives_the_new_line(before: Line, after: Line) -> None:
    width = max(len(before.text), len(after.text))
    old, new = before.fitted(width), after.fitted(width)
    part = changed(old, new)
    if part is None:
        assert old == new
        return
    x, cells = part
    assert old.text[:x] + new.text[x : x + cells] + old.text[x + cells :] == new.text
    assert old.roles[:x] + new.roles[x : x + cells] + old.roles[x + cells :] == new.roles
    assert (old.text[x], old.roles[x]) != (new.text[x], new.roles[x])


@few
@given(lines)
def test_runs_are_the_line(line: Line) -> None:
    runs = list(line.runs())
    assert "".join(text for text, _ in runs) == line.text
    assert "".join(role * len(text) for text, role in runs) == line.roles
    assert all(one[1] != other[1] for one, other in pairwise(runs))


@few
@given(lines, lines, st.integers(0, 60))
def test_what_stands_beside_is_never_too_long(left: Line, right: Line, cells: int) -> None:
    assert len(beside(left, right, cells).text) == cells == len(beside(left, right, cells).roles)


@few
@given(st.integers(1, 260), st.integers(1, 100), st.sampled_from(PAGES))
def test_panes_lie_inside_the_deck_and_never_on_each_other(width: int, height: int, page) -> None:
    places = list(plan(width, height, page).values())
    cells: set[tuple[int, int]] = set()
    for x, y, wide, tall in places:
        assert wide >= 1
        assert tall >= 1
        assert (x, y) >= (0, 0)
        assert x + wide <= width
        assert y + tall <= max(height, 1)
        mine = {(column, row) for column in (x, x + wide - 1) for row in range(y, y + tall)}
        assert not mine & cells
        cells |= mine


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("width", "height"), [(80, 22), (80, 23), (120, 38), (160, 48)])
def test_usual_terminals_show_the_meters_and_the_page(width: int, height: int, page) -> None:
    places = plan(width, height, page)
    assert {"head", "levels", "loudness"} <= set(places)
    assert page in places or page == "air"
    if page == "air":
        assert {"reduction", "events"} <= set(places)
        assert width < 116 or {"history", "equaliser", "readout"} <= set(places)


def drawn(canvas: Canvas) -> list[str]:
    return [canvas.line(row).text for row in range(canvas.rows)]


def test_a_dot_is_where_it_was_put() -> None:
    canvas = Canvas(2, 1)
    canvas.dot(0, 0, "s")
    canvas.dot(3, 3, "m")
    canvas.dot(4, 0, "s")  # outside
    assert canvas.line(0) == Line("⠁⢀", "sm")


@few
@given(st.lists(st.none() | st.floats(-50, 50), min_size=8, max_size=8))
def test_a_curve_has_no_holes(heights: list[float | None]) -> None:
    canvas = Canvas(4, 4)
    canvas.curve(heights, "s")
    dots = {(x, y) for x in range(8) for y in range(16) if is_dot(canvas, x, y)}
    rows = [sorted(y for column, y in dots if column == x) for x in range(8)]
    for x, height in enumerate(heights):
        assert bool(rows[x]) == (height is not None)
        assert height is None or min(max(round(height), 0), 15) in rows[x]
        assert rows[x] == list(range(rows[x][0], rows[x][-1] + 1)) if rows[x] else True
        if x and rows[x] and rows[x - 1]:
            assert rows[x][0] - rows[x - 1][-1] <= 1
            assert rows[x - 1][0] - rows[x][-1] <= 1


def is_dot(canvas: Canvas, x: int, y: int) -> bool:
    from masterd.control.tui.canvas import BLANK, DOTS

    character = canvas.line(y // 4).text[x // 2]
    return character != " " and bool((ord(character) - BLANK) & DOTS[y % 4][x % 2])


def test_a_scale_puts_its_ends_on_the_first_and_the_last_dot() -> None:
    scale = Scale(-36, -6, 10)
    assert scale.dots(-6) == 0
    assert scale.dots(-36) == pytest.approx(39)
    assert (scale.row(-6), scale.row(-36), scale.row(-100), scale.row(0)) == (0, 9, 9, 0)


def test_history_is_the_loudest_moment_and_the_last_short_term() -> None:
    history = LoudnessHistory()
    for at_s in range(600):
        history.take(at_s / 10, -30 + (at_s % 10), -23 - at_s / 100)
    momentary, short_term = history.columns(59.9, 60, 60)
    assert momentary == [-21] * 60
    assert short_term[-1] == pytest.approx(-28.99)
    assert short_term[0] == pytest.approx(-23.09)


def test_a_silence_of_the_daemon_is_a_gap_and_a_silent_programme_too() -> None:
    history = LoudnessHistory()
    history.take(1.0, -20, -20)
    history.take(50.0, -20, -20)
    history.take(59.0, SILENCE_DB, SILENCE_DB)
    momentary, short_term = history.columns(59.9, 60, 60)
    assert [at for at, level in enumerate(momentary) if level is not None] == [1, 50]
    assert [at for at, level in enumerate(short_term) if level is not None] == [1, 50]


@few
@given(st.sampled_from(SPANS_S), st.integers(16, 400), st.floats(0, 3600))
def test_a_curve_moves_by_whole_columns(span_s: float, count: int, now_s: float) -> None:
    history = LoudnessHistory()
    for at in range(0, int((now_s + span_s) / BUCKET_S), 1 + int(span_s / 60)):
        history.take(at * BUCKET_S, -20 - at % 13, -23)
    later_s = now_s + span_s / count / 2
    if column_number(now_s, span_s, count) == column_number(later_s, span_s, count):
        assert history.columns(now_s, span_s, count) == history.columns(later_s, span_s, count)


@pytest.mark.parametrize(
    ("text", "target"),
    [("-23", Target(-23, 1)), ("-14 2", Target(-14, 2)), ("-23±0.5", Target(-23, 0.5)), ("", None), ("off", None)],
)
def test_targets_as_they_are_typed(text: str, target: Target | None) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize("text", ["loud", "3", "-23 -1", "-23 0", "-23 1 1", "-100", "nan"])
def test_targets_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"-23|-70"):
        parse_target(text)


def test_how_far_outside_the_corridor() -> None:
    target = Target(-23, 1)
    assert [target.off_lu(level) for level in (-20, -22, -23.5, -24, -26)] == [2, 0, 0, 0, -2]


def change(
    seconds: float, old: float, new: float, origin: str = "desk", cause: str = "set", id: str = "limiter.drive_db"
) -> Changed:
    return Changed(
        seq=1, boot_id="b", time=seconds, revision=1, origin=origin, cause=cause, changes={id: (old, new)}, glide_ms=20.0,
        preset="flat", dirty=True,
    )  # fmt: skip


def test_one_turn_of_a_knob_is_one_line() -> None:
    book = LogBook()
    for step in range(10):
        book.take(change(step / 10, step, step + 1), PARAMETERS)
    assert [entry.text for entry in book.entries] == ["limiter.drive_db 0.0 dB -> 10.0 dB"]
    book.take(change(1.1, 10, 9, origin="other"), PARAMETERS)
    book.take(change(1.2, 9, 8, id="output.trim_db"), PARAMETERS)
    book.take(change(9.0, 8, 7, id="output.trim_db"), PARAMETERS)
    book.take(change(9.1, 7, 8, cause="undo", id="output.trim_db"), PARAMETERS)
    assert [entry.who for entry in book.entries] == ["desk", "other", "desk", "desk", "desk"]
    assert book.entries[-1].text == "undo: output.trim_db 7.0 dB -> 8.0 dB"


def test_alarms_and_signs_of_life() -> None:
    book = LogBook()
    common = {"seq": 1, "boot_id": "b", "time": 0.0, "revision": 0}
    book.take(Heartbeat(**common, uptime_s=1, blocks=1, xruns=0), PARAMETERS)
    assert not book.entries
    book.take(Alarm(**common, code="load_high", message="81 % of a block", active=True), PARAMETERS)
    book.take(Alarm(**common, code="load_high", message="over", active=False), PARAMETERS)
    assert [(entry.kind, entry.text) for entry in book.entries] == [
        ("alarm", "load_high: 81 % of a block"),
        ("over", "load_high is over"),
    ]


def test_a_and_b() -> None:
    compare, a = Compare(), defaults()
    assert compare.wanted(a) == {}
    compare.switched(a)
    assert (compare.on_air, compare.is_used) == ("B", True)
    b = a | {"limiter.drive_db": 6.0}
    assert compare.wanted(b) == {"limiter.drive_db": 0.0}
    compare.switched(b)
    assert compare.on_air == "A"
    assert compare.wanted(a) == {"limiter.drive_db": 6.0}


def test_where_a_macro_differs_everything_is_named_because_its_knob_would_move_it() -> None:
    compare, a = Compare(), defaults()
    compare.switched(a)
    assert compare.wanted(a | {"macro.less_more_percent": 70.0}) == a


@pytest.mark.parametrize(
    ("id", "notches", "amount", "travel"),
    [
        ("limiter.ceiling_dbtp", 1, 0.1, False),
        ("limiter.ceiling_dbtp", -0.1, -0.1, False),
        ("eq.1.gain_db", 1, 0.5, False),
        ("eq.1.gain_db", 10, 4.8, False),
        ("eq.1.frequency_hz", 1, 0.01, True),
        ("eq.1.frequency_hz", -0.1, -0.001, True),
        ("eq.1.type", 10, 1, False),
        ("bypass.on", -1, -1, False),
    ],
)
def test_what_a_notch_is(id: str, notches: float, amount: float, travel: bool) -> None:
    turn = turn_of(parameter(id), notches)
    assert (turn.id, turn.travel) == (id, travel)
    assert turn.amount == pytest.approx(amount)


def test_words_are_looked_for_in_id_label_and_help() -> None:
    found = [it.id for it in PARAMETERS.values() if matches(it, "ceil")]
    assert found == ["limiter.ceiling_dbtp"]
    assert matches(parameter("limiter.ceiling_dbtp"), "PEAK above")
    assert not matches(parameter("limiter.ceiling_dbtp"), "peak below")
    assert all(matches(it, "") for it in PARAMETERS.values())


def test_turns_that_come_while_the_daemon_answers_go_out_as_one() -> None:
    asked: list[Adjust] = []

    async def slow(request: Adjust) -> Answer:
        asked.append(request)
        await asyncio.sleep(0.01)
        return Answer(1, True, 1)

    async def turn() -> None:
        turner = Turner(slow, pytest.fail)
        for _ in range(5):
            turner.turn("limiter.drive_db", 0.5, False)
            turner.turn("eq.1.frequency_hz", 0.01, True)
        await asyncio.sleep(0)
        for _ in range(7):
            turner.turn("limiter.drive_db", 0.5, False)
        await asyncio.sleep(0.1)

    asyncio.run(turn())
    linear = [it.values for it in asked if not it.travel]
    assert sum(it["limiter.drive_db"] for it in linear) == pytest.approx(6)
    assert len(asked) <= 3


def test_turns_that_wait_for_a_daemon_that_has_gone_are_dropped() -> None:
    told: list[Exception] = []

    async def gone(request: Adjust) -> Answer:
        await asyncio.sleep(0.01)
        raise Unreachable("gone")

    async def turn() -> None:
        turner = Turner(gone, told.append)
        turner.turn("limiter.drive_db", 1, False)
        await asyncio.sleep(0)
        turner.turn("limiter.drive_db", 1, False)
        await asyncio.sleep(0.05)

    asyncio.run(turn())
    assert len(told) == 1


def taken(level_db: float) -> Bar:
    bar = Bar()
    bar.take(level_db, 0.0)
    return bar


@few
@given(st.floats(SILENCE_DB, 20), st.floats(SILENCE_DB, 20), st.integers(4, 150), st.none() | st.floats(-12, 0))
def test_a_bar_has_its_cells_whatever_it_shows(peak_db: float, mean_db: float, cells: int, ceiling_db: float | None) -> None:
    line = peak_bar(taken(peak_db), mean_db, cells, ceiling_db)
    assert len(line.text) == len(line.roles) == cells
    assert set(line.roles) <= set(ROLES)


def test_a_bar_shows_mean_peak_hold_and_ceiling() -> None:
    bar = taken(-10)
    bar.take(-21, 0.935)  # 20 dB in 1.7 s: it has fallen to -21, and its highest is held
    line = peak_bar(bar, -30, 63, -1)
    assert line.text == "█" * 30 + "━" * 9 + " " * 11 + "┃" + " " * 8 + "│" + " " * 3
    assert line.roles[59] == "c"
    assert line.roles[50] == "h"


def test_what_is_over_the_ceiling_has_a_colour_of_its_own() -> None:
    assert "r" not in peak_bar(taken(-1.0), -20, 63, -1).roles[:60]
    assert peak_bar(taken(1.0), -20, 63, -1).roles[60] == "r"
    assert peak_bar(taken(-5.0), -20, 63, -1).roles[52] == "y"


@few
@given(st.floats(0, 60), st.integers(10, 100), st.booleans())
def test_reduction_lines_fill_their_cells(level_db: float, cells: int, is_on: bool) -> None:
    bar = Bar(0.0)
    bar.take(level_db, 0.0)
    assert len(reduction_line("limiter", bar, cells, is_on).text) == max(cells, 18)
    assert len(gain_line("agc", level_db - 30, cells, is_on, True).text) == max(cells, 18)


def test_needles_fall_to_rest_when_nothing_comes() -> None:
    gauges = Gauges()
    gauges.output.peaks[0].take(-3, 0.0)
    gauges.limiter.take(6, 0.0)
    for step in range(1, 400):
        gauges.take(None, step / 20)
    assert gauges.limiter.level_db == gauges.limiter.held_db == 0
    assert gauges.output.peaks[0].level_db == SILENCE_DB
    assert gauges.output.peaks[0].held_db == SILENCE_DB


def test_the_mean_reaches_63_percent_in_its_time_constant() -> None:
    mean = Mean()
    steps = 30
    for step in range(steps + 1):
        mean.take(-20, step * MEAN_S / steps)
    assert 10 ** (mean.level_db / 10) == pytest.approx(0.632 * 0.01, rel=0.01)


def test_large_figures_are_three_rows_of_equal_length() -> None:
    rows = large("-23.4")
    assert {len(row) for row in rows} == {13}
    assert all(len(glyph) == 9 for glyph in GLYPHS.values())


def response(**curves: list[float]) -> EqResponse:
    flat = [0.0, 0.0, 0.0]
    rows = {f"{name}_db": curves.get(name, flat) for name in ("left", "right", "mid", "side")}
    return EqResponse(revision=1, sample_rate_hz=48000.0, frequencies_hz=[20.0, 632.0, 20000.0], **rows)


def test_alike_curves_are_drawn_once() -> None:
    up = [0.0, 6.0, 0.0]
    assert [name for name, _, _ in drawn_curves(response())] == [""]
    assert [name for name, _, _ in drawn_curves(response(left=up, right=up, mid=up, side=up))] == [""]
    assert [name for name, _, _ in drawn_curves(response(left=up, mid=[0, 3.5, 0], side=[0, 3.5, 0]))] == ["left", "right"]
    assert [name for name, _, _ in drawn_curves(response(left=[0, 3.5, 0], right=[0, 3.5, 0], mid=up))] == ["mid", "side"]


@few
@given(st.integers(8, 200))
def test_frequencies_stand_under_their_place(columns: int) -> None:
    line = frequencies_line(columns).text
    assert len(line) == columns + 5
    if columns > 60:
        assert abs(line.index("1k") - 5 - share_of(1000) * (columns - 1)) <= 1.5
