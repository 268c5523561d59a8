"""One control changed in a map file: what was learned or added by hand, and everything else as it was."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from masterd.control.midi.encodings import Encoding
from masterd.control.midi.learn import Learned
from masterd.control.midi.library import library
from masterd.control.midi.mapfile import default_map, load, parse
from masterd.control.midi.mapping import MidiMap
from masterd.control.midi.mapwrite import bind, learned_table, pieces, unbind
from masterd.control.midi.messages import Control, Kind, control_at
from masterd.control.midi.refused import BadMap, MapNotWritten
from masterd.control.parameters import PARAMETERS

KNOB = Control(Kind.CC, 1, 7)
MAP = """\
# mine
port = "box"   # the grey one
flip = [
    ["encoder.*", "fader.*"],
]
profile = "xtouch_mini"

[[bank]]
name = "bands"
last = 4

[[control]]
cc = 7
parameter = "eq.1.gain_db"
# about the next

[[control]]
cc = 8
parameter = 'eq.2.gain_db'
[control.feedback]
cc = 48

[[page]]
name = "second"

[[page.control]]
cc = 7
parameter = "eq.9.gain_db"
"""


def nothing(name: str = "box") -> MidiMap:
    return parse("", name=name)


def written(path: Path, learned: Learned, id: str, allow_unsafe: bool = False, port: str = "Box (v2)") -> list[str]:
    """Learns into the file; what the control did before."""
    before = load(path) if path.exists() else nothing()
    edit = bind(path, before, learned.control, learned_table(learned, PARAMETERS[id], allow_unsafe, before), port)
    edit.write()
    return edit.gone


def turned(path: Path) -> dict[tuple[str, int], str]:
    """What turns what, by page and number."""
    slots = load(path).tables.slots
    return {
        (slot.page, slot.place.control.number): slot.variants[0].parameter.id
        for slot in slots
        if slot.place.control and slot.variants[0] and slot.variants[0].parameter
    }


def test_the_first_control_begins_a_file_for_its_box_and_the_next_ones_are_added(tmp_path: Path) -> None:
    path = tmp_path / "maps" / "box.toml"
    assert written(path, Learned(KNOB, Encoding.ABSOLUTE), "eq.1.gain_db") == []
    assert load(path).port == r"Box\ \(v2\)"
    encoder = Learned(Control(Kind.CC, 3, 16), Encoding.OFFSET, invert=True)
    assert written(path, encoder, "eq.2.gain_db") == []
    assert written(path, Learned(control_at(Kind.NRPN, 2, 300), Encoding.ABSOLUTE), "eq.3.gain_db") == []
    assert written(path, Learned(Control(Kind.CC, 1, 1, 14), Encoding.ABSOLUTE), "eq.4.gain_db") == []
    assert written(path, Learned(Control(Kind.NOTE, 1, 40), Encoding.ABSOLUTE, is_button=True), "bypass.on") == []
    bindings = {str(binding.control): binding for binding in load(path).bindings}
    assert list(bindings) == [
        "cc 7 channel 1", "cc 16 channel 3", "nrpn 300 channel 2", "cc 1 channel 1 14 bit", "note 40 channel 1"
    ]  # fmt: skip
    assert (bindings["cc 16 channel 3"].encoding, bindings["cc 16 channel 3"].invert) == (Encoding.OFFSET, True)
    assert list(path.parent.iterdir()) == [path]


def test_what_a_control_did_is_told_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "box.toml"
    path.write_text(MAP.replace('profile = "xtouch_mini"\n', "").replace('flip = [\n    ["encoder.*", "fader.*"],\n]\n', ""))
    assert written(path, Learned(KNOB, Encoding.ABSOLUTE), "limiter.ceiling_dbtp", allow_unsafe=True) == ["eq.1.gain_db"]
    assert turned(path) == {("", 7): "limiter.ceiling_dbtp", ("", 8): "eq.2.gain_db", ("second", 7): "eq.9.gain_db"}
    text = path.read_text()
    assert text.startswith('# mine\nport = "box"   # the grey one\n')
    assert "# about the next\n" in text
    assert "[control.feedback]\ncc = 48" in text


def test_a_button_of_control_changes_toggles(tmp_path: Path) -> None:
    path = tmp_path / "box.toml"
    written(path, Learned(Control(Kind.CC, 1, 50), Encoding.ABSOLUTE, is_button=True), "eq.1.on")
    (binding,) = load(path).bindings
    assert binding.action == "toggle"
    with pytest.raises(BadMap, match="toggle is for switches"):
        written(path, Learned(Control(Kind.CC, 1, 51), Encoding.ABSOLUTE, is_button=True), "eq.1.gain_db")


def test_a_map_that_would_be_wrong_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "box.toml"
    path.write_text("[[control]]\ncc = 7\nbits = 14\nparameter = 'eq.1.gain_db'\n")
    before = path.read_text()
    with pytest.raises(BadMap, match="is used by"):
        written(path, Learned(Control(Kind.CC, 1, 39), Encoding.ABSOLUTE), "eq.2.gain_db")
    assert path.read_text() == before


def test_a_make_with_a_map_of_its_own_gets_a_file_that_says_only_what_is_different(tmp_path: Path) -> None:
    path = tmp_path / "xtouch_mini.toml"
    own = default_map(library().profiles["xtouch_mini"])
    encoder = Learned(Control(Kind.CC, 1, 16), Encoding.SIGN_MAGNITUDE)
    edit = bind(path, own, encoder.control, learned_table(encoder, PARAMETERS["eq.16.gain_db"], False, own), "X-TOUCH MINI")
    assert edit.gone
    edit.write()
    assert tomllib.loads(path.read_text()) == {
        "profile": "xtouch_mini",
        "control": [{"cc": 16, "channel": 1, "parameter": "eq.16.gain_db"}],
    }
    assert len(load(path).bindings) > 20
    again = unbind(path, load(path), encoder.control)
    assert again.gone == ["eq.16.gain_db"]
    assert again.map.tables == own.tables


def test_taking_away_what_is_not_there_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "box.toml"
    written(path, Learned(KNOB, Encoding.ABSOLUTE), "eq.1.gain_db")
    before = path.read_text()
    edit = unbind(path, load(path), Control(Kind.CC, 2, 7))
    assert (edit.gone, edit.text) == ([], before)


@given(st.lists(st.sampled_from([*MAP.splitlines(), "[[ control ]]", "", "x = '''", "[a.b]"])).map("\n".join))
def test_cutting_a_text_into_tables_loses_nothing_of_it(text: str) -> None:
    assert "".join(pieces(text)).replace("[[ control ]]", "[[control]]") == text.replace("[[ control ]]", "[[control]]")


def test_a_folder_that_nobody_may_write_in_is_told(tmp_path: Path) -> None:
    (tmp_path / "midi").touch()
    path = tmp_path / "midi" / "box.toml"
    with pytest.raises(MapNotWritten, match=f"{path} is not written: ") as refused:
        bind(path, parse('port = "box"', name="box"), KNOB, {"parameter": "eq.1.gain_db"}).write()
    assert "must be able to write in its folder" in str(refused.value)
