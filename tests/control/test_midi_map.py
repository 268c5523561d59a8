"""Map files: what they mean, every error named at once, and what learning writes into them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from masterd.control.curves import from_travel
from masterd.control.midi.encodings import Encoding
from masterd.control.midi.learn import Learned, Learner
from masterd.control.midi.mapfile import CONTROL_KEYS, BadMap, load, parse
from masterd.control.midi.mapping import Action, Binding
from masterd.control.midi.mapwrite import write
from masterd.control.midi.messages import Control, Kind
from masterd.control.midi.profile import names, profile
from masterd.control.parameters import PARAMETERS, parameter

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
    assert (fader.low, fader.high, fader.invert, fader.jump) == (-40, -10, True, True)
    assert (encoder.encoding, encoder.shown_on) == (Encoding.SIGN_MAGNITUDE, Control(Kind.CC, 1, 48))
    assert (bypass.action, bypass.shown_on) == (Action.TOGGLE, Control(Kind.NOTE, 1, 40))
    assert (preset.action, preset.preset, preset.glide_ms) == (Action.PRESET, "speech", 2000)
    assert (undo.action, undo.shown_on) == (Action.UNDO, None)
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
    assert "generic" in names()
    assert all(profile(name).name == name for name in names())


PAGE = Path(__file__).parents[2] / "docs" / "midi.md"


def test_the_page_shows_a_map_that_works_and_every_key() -> None:
    text = PAGE.read_text()
    example = text.partition("```toml\n")[2].partition("```")[0]
    assert len(parse(example).bindings) == 5
    table = text.partition("| key |")[2].partition("\n\n")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    assert sorted(re.findall(r"`(\w+)`", " ".join(first_cells))) == sorted(CONTROL_KEYS)


# learning


def learned(right: list[list[int]], left: list[list[int]]) -> Learned | None:
    learner = Learner()
    for message in right:
        learner.feed(message)
    learner.now_left()
    for message in left:
        learner.feed(message)
    return learner.learned()


def test_learning_tells_a_knob_an_encoder_a_pair_and_a_button() -> None:
    knob = [[0xB0, 7, value] for value in range(60, 90)]
    assert learned(knob, knob[::-1]) == Learned(Control(Kind.CC, 1, 7), Encoding.ABSOLUTE, False)
    assert learned([[0xB0, 16, 1]] * 9, [[0xB0, 16, 65]] * 9) == Learned(Control(Kind.CC, 1, 16), Encoding.SIGN_MAGNITUDE, False)
    up = [message for value in range(8000, 9000, 50) for message in Control(Kind.CC, 3, 7, 14).messages(value)]
    assert learned([list(message) for message in up], []) == Learned(Control(Kind.CC, 3, 7, 14), Encoding.ABSOLUTE, False)
    assert learned([[0x90, 40, 99], [0x80, 40, 0]], []) == Learned(Control(Kind.NOTE, 1, 40), Encoding.ABSOLUTE, True)
    assert learned([[0xB0, 50, 127], [0xB0, 50, 0]], []) == Learned(Control(Kind.CC, 1, 50), Encoding.ABSOLUTE, True)
    assert learned([[0xE8, value, 64] for value in range(9)], []) == Learned(
        Control(Kind.PITCH_BEND, 9, 0, 14), Encoding.ABSOLUTE, False
    )


def test_learning_takes_the_control_that_moved_most() -> None:
    jitter = [[0xB0, 99, 3], [0xB0, 99, 4]]
    knob = [[0xB0, 7, value] for value in range(60, 90)]
    assert learned([*jitter, *knob], knob[::-1]).control == Control(Kind.CC, 1, 7)  # type: ignore[union-attr]
    assert learned([], []) is None


def test_what_is_learned_is_added_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "maps" / "box.toml"
    knob = Learned(Control(Kind.CC, 1, 7), Encoding.ABSOLUTE, False)
    assert write(path, knob, parameter("eq.1.gain_db"), "Box (v2)") == []
    assert load(path).port == r"Box\ \(v2\)"
    path.write_text(f"# mine\n{path.read_text()}# about the next\n[[control]]\ncc = 8\nparameter = 'eq.2.gain_db'\n")
    encoder = Learned(Control(Kind.CC, 1, 7), Encoding.OFFSET, False)
    assert write(path, encoder, parameter("limiter.ceiling_dbtp"), "", allow_unsafe=True) == ["eq.1.gain_db"]
    turned = {binding.control.number: binding.parameter.id for binding in load(path).bindings if binding.parameter}
    assert turned == {8: "eq.2.gain_db", 7: "limiter.ceiling_dbtp"}
    assert path.read_text().startswith("# mine\n")
    assert "# about the next\n" in path.read_text()
    assert list(path.parent.iterdir()) == [path]


def test_a_map_that_would_be_wrong_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "box.toml"
    path.write_text("[[control]]\ncc = 7\nbits = 14\nparameter = 'eq.1.gain_db'\n")
    before = path.read_text()
    with pytest.raises(BadMap, match="is used by"):
        write(path, Learned(Control(Kind.CC, 1, 39), Encoding.ABSOLUTE, False), parameter("eq.2.gain_db"), "")
    assert path.read_text() == before
