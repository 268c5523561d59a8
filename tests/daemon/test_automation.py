"""masterd render --automation: exact frames, any block size, overlapping glides, every error with its line."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from instruments.signals import noise, sine, stereo

from masterd.control.parameters import defaults
from masterd.daemon.commands.render import render as command
from masterd.daemon.rendering.automation import Automation, BrokenAutomation, Turn, read
from masterd.daemon.rendering.engine_pass import engine_for, mastered
from masterd.daemon.rendering.timecode import seconds
from masterd.daemon.rendering.timeline import timeline
from masterd.daemon.rendering.wanted import find_preset

TOML = """
[[at]]
time = "0:00.5"
glide_ms = 0
values = { input.trim_db = -6 }

[[at]]
time = 1.25
glide_ms = 500
values = { eq.1.on = true, eq.1.gain_db = 6 }
"""
CSV = (
    "time,parameter,value,glide_ms\n# a remark\n0.5,input.trim_db,-6,0\n00:00:01:06@24,eq.1.on,on,500\n1.25,eq.1.gain_db,6,500\n"
)
JSONL = """
{"time": 0.5, "values": {"input.trim_db": -6}, "glide_ms": 0}
{"time": "1.25", "values": {"eq.1": {"on": true, "gain_db": 6}}, "glide_ms": 500}
"""


def written(path, text):
    path.write_text(text)
    return path


def test_three_ways_to_write_the_same(tmp_path):
    ways = [written(tmp_path / f"moves.{suffix}", text) for suffix, text in (("toml", TOML), ("csv", CSV), ("jsonl", JSONL))]
    tables = [timeline(read(path, find_preset), defaults(), 48000) for path in ways]
    assert tables[0] == tables[1] == tables[2]
    assert [move.frame for move in tables[0]] == [24000, 60000]
    assert tables[0][1].ramp_frames == 24000


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (3, Fraction(3)), (0.1, Fraction(1, 10)), ("2.5", Fraction(5, 2)), ("1:02.5", Fraction(125, 2)), 
        ("1:00:00", Fraction(3600)),
        ("00:00:01:12", Fraction(37, 25)), ("00:01:00:15@30", Fraction(121, 2)), ("00:00:00:10", Fraction(2, 5)),
    ],
)  # fmt: skip
def test_times(given, wanted):
    assert seconds(given) == wanted


@pytest.mark.parametrize("given", ["-1", "1:75", "x", True, None, "00:00:00:25", "1:2:3:4:5", float("nan"), "1:99:00"])
def test_what_is_no_time(given):
    with pytest.raises(ValueError, match="time"):
        seconds(given)


def test_a_turn_is_heard_at_its_very_frame(tmp_path):
    soundfile.write(tmp_path / "in.wav", np.full((48000, 2), 0.25), 48000, "FLOAT")
    moves = written(tmp_path / "moves.csv", "time,parameter,value,glide_ms\n0.3,input.invert_left,on,0\n0.5,input.trim_db,-6,0\n")
    words = [str(tmp_path / "in.wav"), "-o", str(tmp_path / "out.wav"), "--automation", str(moves), "--bits", "32f"]
    result = CliRunner().invoke(command, words)
    assert result.exit_code == 0, result.output
    left, right = soundfile.read(tmp_path / "out.wav")[0].T
    assert np.flatnonzero(np.diff(right))[0] + 1 == 24000
    assert right[-1] == pytest.approx(0.25 * 10 ** (-6 / 20))
    assert left[14400 + 48000 // 10] == pytest.approx(-0.25)


MANY = Automation(
    (
        Turn(Fraction("0.1"), {"eq.1.on": True, "eq.1.gain_db": 12.0}, 900.0),
        Turn(Fraction("0.333"), {"limiter.drive_db": 9.0}, 300.0),
        Turn(Fraction("0.5"), {"eq.1.gain_db": -6.0, "compressor.on": True}, 20.0),
        Turn(Fraction("0.9"), {"multiband.on": True, "stereo.on": True, "stereo.width_percent": 150.0}, 100.0),
    )
)


@pytest.mark.parametrize("blocks", [1, 61, 1024, "random"])
def test_the_block_size_changes_no_bit(blocks):
    audio = noise(1.2, -6)[: 9000 if blocks == 1 else None]
    moves = timeline(MANY, defaults(), 48000)
    random = np.random.default_rng(7)

    def rendered(size) -> np.ndarray:
        cuts = np.cumsum(random.integers(1, 3000, 200)) if size == "random" else np.arange(size, len(audio), size)
        parts = iter(np.split(audio, cuts[cuts < len(audio)]))
        return np.concatenate(list(mastered(parts, engine_for(48000, defaults()), False, None, moves)))

    out = rendered(blocks)
    assert len(out) == len(audio)
    assert np.array_equal(out, rendered(4096))
    assert blocks == 1 or not np.array_equal(out, audio)


def test_a_glide_goes_on_while_another_parameter_turns():
    automation = Automation((Turn(Fraction(0), {"input.trim_db": -12.0}, 4000.0), Turn(Fraction(1), {"eq.1.gain_db": 3.0}, 0.0)))
    moves = timeline(automation, defaults(), 48000)
    assert [(move.frame, move.ramp_frames) for move in moves] == [(0, 48000), (48000, 144000)]
    assert [move.values["input.trim_db"] for move in moves] == [pytest.approx(-3), -12]
    assert [move.values["eq.1.gain_db"] for move in moves] == [0, 3]


def test_a_long_glide_follows_the_person_s_curve():
    automation = Automation((Turn(Fraction(0), {"eq.1.frequency_hz": 1600.0}, 40_000.0),))
    values = defaults() | {"eq.1.frequency_hz": 100.0}
    moves = timeline(automation, values, 48000)
    assert [move.values["eq.1.frequency_hz"] for move in moves] == pytest.approx([200, 400, 800, 1600])


def test_what_a_target_turns_stays(tmp_path):
    automation = Automation((Turn(Fraction(0), {"limiter.drive_db": 9.0, "eq.1.gain_db": 1.0}, 0.0),))
    (move,) = timeline(automation, defaults() | {"limiter.drive_db": 2.5}, 48000, {"limiter.drive_db": 2.5})
    assert (move.values["limiter.drive_db"], move.values["eq.1.gain_db"]) == (2.5, 1.0)


def test_a_preset_in_the_middle(tmp_path):
    path = written(
        tmp_path / "moves.toml", '[[at]]\ntime = 2\nglide_ms = 100\npreset = "news"\nvalues = { limiter.ceiling_dbtp = -3 }\n'
    )
    (move, *_) = timeline(read(path, find_preset), defaults(), 48000)
    assert dict(move.values) == {**find_preset("news").values, "limiter.ceiling_dbtp": -3.0}


def test_every_error_with_its_line(tmp_path):
    rows = [
        "time,parameter,value,glide_ms",
        "0,eq.1.gain_db,99,0",
        "x,limiter.drive_db,3,0",
        "1,limitr.drive_db,3,0",
        "2,eq.1.on,maybe,-5",
    ]
    with pytest.raises(BrokenAutomation) as told:
        read(written(tmp_path / "moves.csv", "\n".join(rows)), find_preset)
    lines = str(told.value).splitlines()
    assert [line.split(":")[0].rsplit(" ", 1)[1] for line in lines] == ["2", "3", "4", "5", "5"]
    for part in ("99.0 is outside", "time 'x'", "did you mean limiter.drive_db", "'maybe'", "glide_ms"):
        assert part in str(told.value)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.toml", "[[at]]\ntime = 0\nvalues = {}\n[[at]]\ntime = 1\nvalue = 3\n", 4),
        ("a.toml", "[[at]\n", 1),
        ("a.jsonl", '{"time": 0, "values": {"eq.1.on": true}}\nnonsense\n', 2),
        ("a.jsonl", "[1]\n", 1),
        ("a.csv", "zeit,wert\n", 1),
        ("a.csv", "time,parameter,value\n1,2\n", 2),
        ("a.txt", "", 1),
    ],
)
def test_what_is_no_automation(tmp_path, name, text, line):
    with pytest.raises(BrokenAutomation, match=f"line {line}:"):
        read(written(tmp_path / name, text), find_preset)


def test_the_command_says_everything_and_writes_nothing(tmp_path):
    soundfile.write(tmp_path / "in.wav", stereo(sine(1000, 1)), 48000)
    moves = written(tmp_path / "moves.csv", "time,parameter,value\n0,limiter.drive_db,3\n")
    words = [str(tmp_path / "in.wav"), "-o", str(tmp_path / "out.wav"), "--automation", str(moves)]
    result = CliRunner().invoke(command, [*words, "--target", "-16", "--linear-phase"])
    assert result.exit_code == 1
    assert "--target turns limiter.drive_db" in result.stderr
    assert "--linear-phase" in result.stderr
    assert not (tmp_path / "out.wav").exists()
    late = written(tmp_path / "late.csv", "time,parameter,value\n9,eq.1.on,on\n")
    assert "1 turns of the automation lie behind the end" in CliRunner().invoke(command, [*words[:-1], str(late)]).stdout
