"""Profiles and maps as files: every error with its line, user profiles beside the package's, golden bytes of the drivers."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from masterd.control.midi import mackie, nanokontrol2
from masterd.control.midi.library import library
from masterd.control.midi.mapfile import default_map, load, parse
from masterd.control.midi.place import Style
from masterd.control.midi.profilefile import parse_profile
from masterd.control.midi.refused import BadFile, BadMap, BadProfile
from masterd.control.midi.spots import SysexSpot, template
from masterd.control.midi.strips import short_name, short_value
from masterd.control.parameters import PARAMETERS

GOOD = """
title = "Mine"
port = "my box"
automatic = true

[[controls]]
name = "knob"
kind = "encoder"
count = 2
cc = 30
encoding = "offset"
ring = { cc = 40, off = 0, dot = [1, 11] }

[[map.control]]
control = "knob.*"
parameters = ["eq.1.gain_db", "eq.2.gain_db"]
"""
BAD = """title = "Bad"
colour = 3

[[controls]]
name = "knob"
kind = "dial"
cc = 200

[[controls]]
name = "ring"
kind = "encoder"
count = 3
cc = [1, 2]
ring = { cc = 40, dot = [1, 200] }

[[map.page]]
name = "one"
[[map.page.control]]
control = "ring.9"
parameter = "eq.1.gain_db"
"""


def told(error: BadFile) -> list[str]:
    return str(error).splitlines()[1:]


def test_a_bad_profile_is_refused_with_its_lines_and_the_others_load(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(GOOD)
    (tmp_path / "bad.toml").write_text(BAD)
    (tmp_path / "broken.toml").write_text("title = \n")
    (tmp_path / "midimix.toml").write_text(GOOD.replace("Mine", "My own"))
    found = library(tmp_path)
    assert found.profiles["good"].places["knob.2"].ring
    assert found.profiles["midimix"].title == "My own"
    assert "mackie" in found.names()
    assert "bad" not in found.names()
    broken, bad = sorted(found.refused, key=lambda it: it.path)[::-1]
    assert "line 1" in str(broken)
    assert str(tmp_path / "bad.toml") in str(bad)
    lines = [line.partition("; there are")[0].strip() for line in told(bad)]
    assert {
        "line 2: colour: no such key",
        "line 6: controls[1].kind: 'dial' is not one of encoder, knob, fader, wheel, button, meter, strip",
        "line 7: controls[1].cc: 200 is not 0 to 127",
        "line 14: controls[2].ring.dot: [1, 200] is not two values, 0 to 127",
        "line 13: controls[2].cc: [1, 2] is not a list of numbers, 0 to 127, one for each of the row",
        "line 19: map.page[1].control[1].control: the profile bad has no ring.9; did you mean ring.3?",
    } <= set(lines)


def test_a_map_for_a_refused_profile_says_why(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text(BAD)
    with pytest.raises(BadMap, match="line 6: controls"):
        parse('profile = "bad"', profiles=library(tmp_path))


def test_errors_of_a_map_have_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('port = "x"\n\n[[control]]\ncc = 1\n\n[[page]]\nname = "a"\n[[page.control]]\nnote = 300\npreset = "x"\n')
    with pytest.raises(BadMap) as refused:
        load(path)
    assert [line.strip().partition(": ")[0] for line in told(refused.value)] == ["line 3", "line 9"]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('control = "encoder.1"\nparameters = ["eq.1.gain_db"]', "control[1].parameters: a list is for a row"),
        ('control = "encoder.*"\nparameters = ["eq.1.gain_db"]', "1 entries, and encoder.* are 8 controls"),
        ('control = "encoder.3"\nparameter = "eq.{band}.gain"', "eq.1.gain"),
        ('control = "encoder.3"\nparameter = "eq.{tape}.gain_db"', "no such bank"),
        ('control = "encodr.3"\nparameter = "eq.1.gain_db"', "did you mean encoder.3?"),
        ('control = "push.1"\nparameter = "eq.1.gain_db"', "toggle is for switches and choices"),
        ('control = "push.1"\naction = "page"\nto = "tape"', "there is no page 'tape'; there are main, equaliser"),
        ('control = "push.1"\naction = "shift"\nto = "tape"', "nothing is in a layer 'tape'"),
        ('control = "push.1"\naction = "bank_left"', "bank_left needs it"),
        ('control = "push.1"\naction = "bank"\nbank = "band"\nto = 99', "99 is not 1 to 16"),
        ('control = "push.1"\nparameter = "limiter.mode"\nvalue = "louder"', "value: "),
        ('control = "push.1"\npreset = "x"\ncolour = "pink"', "push.1 has no pink"),
        ('control = "encoder.1"\nparameter = "output.trim_db"', "allow_unsafe"),
        ('control = "encoder.1"\nparameter = "eq.1.gain_db"\nshows = "tape"', "shows: 'tape' is not one of input.left_dbtp"),
        ('control = "encoder.1"\nparameter = "eq.1.gain_db"\ntakeover = "soon"', "jump, pickup, scale, relative, motor"),
    ],
)
def test_what_a_map_cannot_mean_is_told(lines: str, problem: str) -> None:
    with pytest.raises(BadMap) as refused:
        parse(f'profile = "xtouch_mini"\n[[control]]\n{lines}')
    assert problem in str(refused.value)


def test_a_meter_must_not_turn_what_stands_where_it_is_shown() -> None:
    with pytest.raises(BadMap, match="a meter would turn it"):
        parse(
            'profile = "bcr2000"\n[[control]]\ncontrol = "encoder.1"\nparameter = "eq.1.gain_db"\nshows = "limiter.reduction_db"'
        )


def test_what_nobody_has_written_down_must_be_learned() -> None:
    with pytest.raises(BadMap, match=r"what fader\.1 sends is not known: learn it"):
        parse('profile = "xtouch_compact"\n[[control]]\ncontrol = "fader.1"\nparameter = "eq.1.gain_db"')


@pytest.mark.parametrize("name", library().names())
def test_no_profile_turns_what_decides_how_loud_the_air_gets(name: str) -> None:
    turned = {it.parameter.id for it in default_map(library().profiles[name]).bindings if it.parameter}
    assert not turned & {"limiter.ceiling_dbtp", "output.trim_db"}
    assert turned <= PARAMETERS.keys()


@given(st.text(alphabet='[]=".control\n c14{}+n') | st.text())
def test_any_text_is_a_profile_or_refused(text: str) -> None:
    with contextlib.suppress(BadProfile):
        parse_profile(text, "x", "x")


# golden bytes


@pytest.mark.parametrize(
    ("challenge", "wanted"), [("10 20 30 02", "38 1E 72 40"), ("00 00 00 00", "0A 00 00 70"), ("7F 7F 7F 7F", "75 7E 7C 00")]
)
def test_a_logic_control_is_answered(challenge: str, wanted: str) -> None:
    """Worked out by hand from r0 = l0 + (l1 ^ 0A) - l3, r1 = (l2 >> l3) ^ (l0 + l3), r2 = (l3 - (l2 << 2)) ^ (l0 | l1),
    r3 = l1 - l2 + (F0 ^ (l3 << 4)), seven bits of each."""
    assert mackie.response(bytes.fromhex(challenge)) == bytes.fromhex(wanted)


def test_mackies_display_and_meters() -> None:
    assert mackie.Cell(0x14, 1, 0).messages("Gain") == [bytes.fromhex("F0 00 00 66 14 12 00") + b"Gain   \xf7"]
    assert mackie.Cell(0x15, 8, 1).messages("-3.0 dB and more") == [bytes.fromhex("F0 00 00 66 15 12 69") + b"-3.0 dB\xf7"]
    assert mackie.Cell(0x14, 1, 0).messages("dB\u00b1") == [bytes.fromhex("F0 00 00 66 14 12 00") + b"dB?    \xf7"]
    assert [mackie.Meter(3).messages(level) for level in (0, 12, 99)] == [[b"\xd0\x20"], [b"\xd0\x2c"], [b"\xd0\x2c"]]
    assert [mackie.Overload(8).messages(is_on) for is_on in (1, 0)] == [[b"\xd0\x7e"], [b"\xd0\x7f"]]


def test_rings_of_a_v_pot() -> None:
    ring = library().profiles["mackie"].places["encoder.2"].ring
    assert ring
    values = {style: (ring.value(style, 0.0), ring.value(style, 0.5), ring.value(style, 1.0)) for style in Style}
    assert values[Style.DOT] == (0x01, 0x06, 0x0B)
    assert values[Style.CENTRE] == (0x11, 0x16, 0x1B)
    assert values[Style.FILL] == (0x21, 0x26, 0x2B)
    assert ring.spot.messages(0x16) == [b"\xb0\x31\x16"]


@given(st.binary(min_size=1, max_size=400))
def test_korgs_packing_goes_both_ways(data: bytes) -> None:
    packed = nanokontrol2.packed(data)
    assert all(byte < 0x80 for byte in packed)
    assert nanokontrol2.unpacked(packed) == data


def test_a_scene_is_as_long_as_korg_says() -> None:
    assert len(nanokontrol2.packed(bytes(nanokontrol2.SCENE_BYTES))) == nanokontrol2.PACKED_BYTES


def test_templates() -> None:
    spot = SysexSpot(template("F0 00 20 6B 10 70+n v F7"), 3)
    assert spot.messages(17) == [bytes.fromhex("F0 00 20 6B 10 73 11 F7")]
    for wrong in ("", "20 F7", "F0 80 F7", "F0 00", "B0 1 2", "F0 v+n F7", "B0 07 F7"):
        with pytest.raises(ValueError, match=r"byte|message|word"):
            template(wrong)


@pytest.mark.parametrize("id", ["eq.16.frequency_hz", "limiter.mode", "agc.target_lufs", "bypass.on", "eq.1.type"])
@given(travel=st.floats(0, 1))
def test_a_strips_words_are_six_characters(id: str, travel: float) -> None:
    it = PARAMETERS[id]
    assert 0 < len(short_name(it.label)) <= 6
    assert 0 < len(short_value(it, it.from_travel(travel))) <= 6
