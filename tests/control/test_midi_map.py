"""Map files: what they mean, and every error named at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from masterd.control.curves import from_travel
from masterd.control.midi.encodings import Encoding
from masterd.control.midi.library import library
from masterd.control.midi.mapblock import BLOCK_KEYS
from masterd.control.midi.mapfile import parse
from masterd.control.midi.mapping import Action, Binding
from masterd.control.midi.messages import Control, Kind
from masterd.control.midi.place import Light, Ring
from masterd.control.midi.profilefile import FILE_KEYS, ROW_KEYS, parse_profile
from masterd.control.midi.readings import READINGS
from masterd.control.midi.refused import BadMap
from masterd.control.midi.takeover import Mode
from masterd.control.parameters import PARAMETERS

BOX = """
port = "X-TOUCH MINI"

[[control]]
cc = 7
channel = 2
bits = 14
parameter = "compressor.threshold_db"
min = -40
max = -10
invert = true
takeover = "jump"

[[control]]
cc = 16
parameter = "eq.1.frequency_hz"
encoding = "sign_magnitude"
feedback = { cc = 48 }

[[control]]
note = 40
parameter = "bypass.on"

[[control]]
note = 41
preset = "speech"
glide_ms = 2000

[[control]]
note = 42
action = "undo"
feedback = false

[[control]]
pitch_bend = true
channel = 9
parameter = "limiter.ceiling_dbtp"
allow_unsafe = true

[[control]]
cc = 20
parameter = "eq.1.type"
min = "bell"
max = "high_shelf"
"""


def ring_at(binding: Binding) -> object:
    assert isinstance(binding.place.ring, Ring)
    return binding.place.ring.spot


def light_at(binding: Binding) -> object:
    assert isinstance(binding.place.light, Light)
    return binding.place.light.spot


def one(lines: str) -> Binding:
    (binding,) = parse(f"[[control]]\n{lines}").bindings
    return binding


def problems(text: str) -> list[str]:
    with pytest.raises(BadMap) as refused:
        parse(text)
    return refused.value.problems


def test_a_map_means_what_it_says() -> None:
    box = parse(BOX, name="box")
    fader, encoder, bypass, preset, undo, bend, kind = box.bindings
    assert (box.name, box.port) == ("box", "X-TOUCH MINI")
    assert fader.control == Control(Kind.CC, 2, 7, 14)
    assert (fader.low, fader.high, fader.invert, fader.mode) == (-40, -10, True, Mode.JUMP)
    assert (encoder.encoding, ring_at(encoder)) == (Encoding.SIGN_MAGNITUDE, Control(Kind.CC, 1, 48))
    assert (bypass.action, light_at(bypass)) == (Action.TOGGLE, Control(Kind.NOTE, 1, 40))
    assert (preset.action, preset.preset, preset.glide_ms) == (Action.PRESET, "speech", 2000)
    assert (undo.action, undo.place.ring, undo.place.light) == (Action.UNDO, None, None)
    assert bend.control == Control(Kind.PITCH_BEND, 9, 0, 14)
    assert [kind.value_at(position) for position in (0, 0.5, 1)] == ["bell", "low_shelf", "high_shelf"]


def test_all_errors_are_told_at_once_with_their_keys() -> None:
    told = problems(
        """
        port = "("
        colour = 1
        [[control]]
        cc = 200
        channel = 17
        parameter = "eq.1.gain"
        [[control]]
        note = 3
        encoding = "offset"
        parameter = "eq.1.gain_db"
        min = -30
        max = 12
        [[control]]
        cc = 4
        cc2 = 5
        parameter = "limiter.ceiling_dbtp"
        takeover = "soon"
        [[control]]
        parameter = "eq.on"
        [[control]]
        cc = 5
        """
    )
    keys = [problem.partition(":")[0] for problem in told]
    assert keys == [
        *("colour", "port"),
        *("control[1].channel", "control[1].cc", "control[1].parameter"),
        *("control[2].encoding", "control[2].action", "control[2].min"),
        *("control[3].cc2", "control[3].parameter", "control[3].takeover"),
        "control[4].cc",
        "control[5].parameter",
    ]
    assert "did you mean eq.1.gain_db" in told[4]
    assert "allow_unsafe" in told[9]


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ('cc = 40\nbits = 14\nparameter = "eq.1.gain_db"', "bits"),
        ('cc = 4\nbits = 14\nencoding = "offset"\nparameter = "eq.1.gain_db"', "encoding"),
        ('cc = 4\naction = "toggle"\nparameter = "eq.1.gain_db"', "action"),
        ('note = 4\naction = "turn"\nparameter = "eq.1.gain_db"', "action"),
        ('note = 4\naction = "momentary"\nparameter = "eq.1.type"', "action"),
        ('cc = 4\nparameter = "eq.1.gain_db"\nmin = 3\nmax = 3', "min"),
        ('cc = 4\nparameter = "eq.1.gain_db"\nmin = true', "min"),
        ('cc = 4\nparameter = "eq.1.on"\nmin = 0', "min"),
        ('cc = 4\nparameter = "eq.1.gain_db"\npreset = "flat"', "parameter"),
        ('cc = 4\nparameter = "eq.1.gain_db"\nfeedback = { cc = 1, note = 2 }', "feedback.cc"),
        ('cc = 4\nparameter = "eq.1.gain_db"\ntravel_per_tick = 0', "travel_per_tick"),
        ("cc = 4\nparameter = 5", "parameter"),
        ('cc = true\nparameter = "eq.1.gain_db"', "cc"),
    ],
)
def test_what_cannot_be_is_refused(lines: str, key: str) -> None:
    assert any(problem.startswith(f"control[1].{key}:") for problem in problems(f"[[control]]\n{lines}"))


def test_one_control_cannot_do_two_things_not_even_as_a_fine_half() -> None:
    two = '[[control]]\ncc = 7\nbits = 14\nparameter = "eq.1.gain_db"\n[[control]]\ncc = 39\nparameter = "eq.2.gain_db"'
    assert problems(two) == ["control[2]: cc 39 channel 1 is used by control[1] already"]


def test_no_toml_is_told_with_its_line() -> None:
    assert "line 2" in problems("port = 1\nport = 2\n")[0]


def reads(text: str) -> bool:
    """Whether it is a map; any exception but BadMap with a reason is a failure."""
    try:
        parse(text)
    except BadMap as refused:
        if not refused.problems:
            raise
        return False
    return True


@given(st.text() | st.text(alphabet='[]=".control\n c14'))
def test_any_text_is_a_map_or_refused(text: str) -> None:
    reads(text)


ANY_VALUE = st.sampled_from(
    ["1", "-1", "true", '"x"', "[]", "{}", "1.5", "inf", "nan", "1979-05-27", '"offset"', '"eq.on"', "127"]
)
ANY_KEY = st.sampled_from(
    ["cc", "note", "channel", "bits", "parameter", "preset", "action", "encoding", "min", "max", "invert", "feedback", "glide_ms"]
)


@given(st.dictionaries(ANY_KEY, ANY_VALUE))
def test_any_value_of_any_key_is_taken_or_refused(table: dict[str, str]) -> None:
    text = "[[control]]\n" + "\n".join(f"{key} = {value}" for key, value in table.items())
    reads(text)


@given(st.sampled_from([it for it in PARAMETERS.values() if it.kind == "number"]), st.floats(0, 1), st.booleans())
def test_travel_follows_the_parameters_own_curve(it, position: float, invert: bool) -> None:
    binding = one(f'cc = 1\nparameter = "{it.id}"\nallow_unsafe = true\ninvert = {str(invert).lower()}')
    value = binding.value_at(position)
    assert value == from_travel(1 - position if invert else position, it.min, it.max, it.curve)
    assert abs(binding.position_of(value) - position) < 1e-9
    assert it.check(value) == value


def test_the_ends_of_a_map_are_exact() -> None:
    binding = one('cc = 1\nparameter = "limiter.ceiling_dbtp"\nallow_unsafe = true\nmin = -6\nmax = -1')
    assert (binding.value_at(0), binding.value_at(1)) == (-6.0, -1.0)
    assert (binding.position_of(-12), binding.position_of(0)) == (0, 1)


def test_every_profile_can_be_read() -> None:
    assert "generic" in library().names()
    assert library().refused == []


PAGE = Path(__file__).parents[2] / "docs" / "midi" / "maps.md"


def test_the_page_shows_a_map_that_works_and_every_key() -> None:
    text = PAGE.read_text()
    example = text.partition("```toml\n")[2].partition("```")[0]
    assert len(parse(example).bindings) == 5
    keys = table_keys(text.partition("## In each control")[2])
    assert sorted(keys) == sorted(BLOCK_KEYS)
    assert sorted(table_keys(text.partition("## Actions")[2])) == sorted(Action)
    told = re.findall(r"`([\w.]+)`", text.partition("## Meters")[2])
    assert {name for name in READINGS if not re.search(r"output|\d", name)} <= set(told)


def table_keys(text: str) -> list[str]:
    """What the first table of a text tells of."""
    table = text.partition("| --- |")[2].partition("\n\n")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines()[1:]]
    return re.findall(r"`\[*(\w+)\]*`", " ".join(first_cells))


def test_the_page_shows_a_map_for_a_profile_that_works() -> None:
    second = PAGE.read_text().split("```toml\n")[2].partition("```")[0]
    made = parse(second)
    assert made.tables.pages == ("main", "equaliser", "multiband", "dynamics", "leveller")
    assert {it.parameter.id for it in made.bindings if it.parameter} >= {"limiter.hold_ms", "agc.gate_lufs"}


def test_the_page_of_profiles_shows_one_that_works_and_every_key() -> None:
    text = PAGE.with_name("profiles.md").read_text()
    made = parse_profile(text.partition("```toml\n")[2].partition("```")[0], "page", "model")
    assert [place.name for place in made.row("encoder.*")] == [f"encoder.{number}" for number in range(1, 9)]
    tables = [table_keys(part) for part in text.split("## In ")[1:]]
    assert sorted(tables[0]) == sorted(FILE_KEYS)
    assert sorted(tables[1]) == sorted(ROW_KEYS)
