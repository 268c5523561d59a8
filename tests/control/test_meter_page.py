"""The meter page: what a tall terminal shows, and that a small one still fits."""

from __future__ import annotations

import re

import pytest

from masterd.control.cli.meter_details import correlation_row, equaliser_row
from masterd.control.cli.meter_lines import line
from masterd.control.cli.meter_screen import Screen
from masterd.control.levels import merged
from masterd.control.protocol import Meters, PointMeters, decode_meters, encode_msgpack


def point(**over) -> PointMeters:
    levels = {"sample_peak_dbfs": (-6.0, -6.0), "true_peak_dbtp": (-5.9, -5.8), "rms_dbfs": (-20.0, -20.0)}
    loudness = {"momentary_lufs": -20.0, "short_term_lufs": -21.0, "integrated_lufs": -23.0, "loudness_range_lu": 6.0}
    maxima = {"momentary_max_lufs": -18.0, "short_term_max_lufs": -19.0, "true_peak_max_dbtp": -1.0}
    return PointMeters(**levels, **loudness, **maxima, **over)


def frame(**over) -> Meters:
    counters = {"frames": 1, "blocks": 1, "late_blocks": 0, "xruns": 0, "load_percent": 3.0}
    stages = {"compressor_reduction_db": (1.0, 1.0), "limiter_reduction_db": 2.0, "clipper_reduction_db": 0.7}
    bands = tuple((float(band), 0.0) for band in range(6))
    stages |= {"agc_gain_db": (3.5, -2.0), "agc_frozen": True, "multiband_reduction_db": bands}
    stages |= {"eq_offset_db": (0.0, 0.0, -4.25, 0.01, 0.0, 3.0) + 10 * (0.0,)}
    points = {
        "input": point(correlation=-0.4, psr_db=15.5),
        "output": point(correlation=0.8, psr_db=7.5, plr_db=22.0, dr_db=11.2),
    }
    return Meters(seq=1, boot_id="b", time=0.0, **counters, **(points | stages | over))


def page(width: int, height: int) -> list[str]:
    screen = Screen("main")
    screen.take(frame(), 0.0)
    return [re.sub(r"\x1b\[[0-9;]*m", "", row) for row in screen.lines(width, height)]


def test_a_tall_terminal_shows_the_picture_the_leveller_and_the_bands():
    text = "\n".join(page(100, 30))
    for words in (
        "corr in",
        "-0.40",
        "corr out",
        "+0.80",
        "bass  +3.5  master  -2.0  frozen",
        "PLR",
        "PSR",
        "DR",
        "15.5",
        "22.0",
        "11.2",
    ):
        assert words in text, words
    assert re.search(r"eq +3:-4.2  6:\+3.0\n", text)
    assert re.search(r"bands +0\.0 +1\.0 +2\.0 +3\.0 +4\.0 +5\.0 +clip +0\.7", text)


@pytest.mark.parametrize(("width", "height"), [(46, 60), (59, 60), (60, 60), (80, 24), (100, 30), (200, 60)])
def test_nothing_runs_over_the_edge(width, height):
    rows = page(width, height)
    assert len(rows) <= height
    assert max(len(row) for row in rows) <= width


def test_sixteen_moving_bands_take_the_room_there_is():
    for cells in (31, 80, 200):
        row = equaliser_row(frame(eq_offset_db=(-12.5,) * 16), cells)
        assert 20 < len(row) <= 10 + cells
        assert row.rstrip().endswith("-12.5")


def test_a_low_terminal_shows_what_it_showed():
    text = "\n".join(page(80, 17))
    assert "corr" not in text
    assert "limit" in text


@pytest.mark.parametrize(("correlation", "at"), [(-1, 0), (0, 20), (1, 40)])
def test_the_mark_stands_where_the_correlation_is(correlation, at):
    row = re.sub(r"\x1b\[[0-9;]*m", "", correlation_row("corr", correlation, 41))
    assert row.index("█") == 10 + at


def test_two_frames_as_one_have_the_larger_reductions_and_the_newer_picture():
    later = frame(multiband_reduction_db=((2.0, 2.0),) * 6, clipper_reduction_db=0.1, agc_gain_db=(1.0, 1.0))
    both = merged(frame(), later)
    assert both.multiband_reduction_db[:4] == ((2.0, 2.0), (2.0, 2.0), (2.0, 2.0), (3.0, 2.0))
    assert (both.clipper_reduction_db, both.agc_gain_db) == (0.7, (1.0, 1.0))


def test_a_line_for_logs_names_every_stage():
    assert "agc -2.0 mb  5.0 comp  1.0 clip  0.7 lim  2.0" in line(frame())


def test_a_client_newer_than_its_daemon_reads_the_meters_of_old():
    import msgspec

    old = {
        name: value
        for name, value in msgspec.to_builtins(frame()).items()
        if not name.startswith(("agc", "multiband", "clipper", "eq"))
    }
    for side in ("input", "output"):
        old[side] = {
            name: value for name, value in old[side].items() if not name.startswith(("corr", "psr", "plr", "dr_", "width"))
        }
    read = decode_meters(encode_msgpack(old))
    assert (read.multiband_reduction_db, read.eq_offset_db) == ((), ())
