"""Pages, banks, layers, flip, several boxes of one group; buttons that are held while the page turns."""

from __future__ import annotations

import pytest
from instruments.midi_studio import Studio
from instruments.surfaces.base import Act, Box
from instruments.surfaces.mackie import MackieControl

from masterd.control.midi.layers import Layers
from masterd.control.midi.library import built_in
from masterd.control.midi.mapfile import default_map, parse
from masterd.control.midi.surface import Surface
from masterd.control.protocol import Set, StateSnapshot
from masterd.daemon.macros import checked_macros

MAP = """
[[bank]]
name = "band"
first = 1
last = 16
width = 4

[[control]]
cc = 1
parameter = "eq.{band}.gain_db"
takeover = "jump"
[[control]]
cc = 1
layer = "fine"
parameter = "eq.{band}.q"
takeover = "jump"
[[control]]
cc = 2
parameter = "eq.{band}.frequency_hz"
[[control]]
note = 1
action = "bank_right"
bank = "band"
[[control]]
note = 2
action = "channel_left"
bank = "band"
[[control]]
note = 3
action = "bank"
bank = "band"
to = 7
[[control]]
note = 4
action = "shift"
to = "fine"
[[control]]
note = 5
action = "shift"
to = "fine"
latch = true
[[control]]
note = 6
action = "page_right"
[[control]]
note = 7
action = "undo_redo"
[[control]]
note = 8
action = "compare"
glide_ms = 300
[[control]]
note = 9
action = "remember"

[[page]]
name = "one"
[[page.control]]
note = 20
parameter = "output.mute"
action = "momentary"
[[page]]
name = "two"
[[page.control]]
note = 20
parameter = "bypass.on"
[[page.control]]
cc = 3
parameter = "limiter.drive_db"
takeover = "scale"
"""


class Plain(Box):
    profile = "generic"
    port = "box"
    map = MAP

    def hear(self, message: bytes) -> list[bytes]:
        self.seen[message[0], message[1]] = message[2]
        return []

    def script(self) -> list[Act]:
        return []


@pytest.fixture
def studio() -> Studio:
    made = Studio(Plain())
    made.plug()
    made.pass_time(0.3)
    return made


def press(note: int) -> list[bytes]:
    return [bytes((0x90, note, 127)), bytes((0x90, note, 0))]


def do(studio: Studio, *messages: bytes, seconds: float = 0.3) -> None:
    studio.send(list(messages))
    studio.pass_time(seconds)


def test_a_bank_walks_by_its_width_and_by_one_and_stays_inside(studio: Studio) -> None:
    layers = studio.surface.layers
    at = []
    for note in (1, 2, 3, 1, 1, 1, 2):
        do(studio, *press(note))
        at.append(layers.banks["band"])
    assert at == [5, 4, 7, 11, 13, 13, 12]  # 13 to 16 is the last window of four
    do(studio, b"\xb0\x01\x7f")
    assert studio.value("eq.12.gain_db") == 24


def test_a_knob_that_gets_another_parameter_has_to_be_picked_up(studio: Studio) -> None:
    do(studio, *[bytes((0xB0, 2, value)) for value in (0, 127)])
    assert studio.value("eq.1.frequency_hz") == 20000
    do(studio, *press(1), b"\xb0\x02\x7e")
    assert studio.value("eq.5.frequency_hz") == 150
    assert studio.surface.waiting()["cc 2 channel 1"] == "turn to 150 Hz (EQ 5 frequency)"
    do(studio, b"\xb0\x02\x00")
    assert studio.value("eq.5.frequency_hz") == 10
    assert studio.surface.waiting() == {}


def test_a_layer_is_on_while_held_or_until_pressed_again(studio: Studio) -> None:
    do(studio, b"\x90\x04\x7f", b"\xb0\x01\x7f", b"\x90\x04\x00")
    assert (studio.value("eq.1.q"), studio.value("eq.1.gain_db")) == (40, 0)
    do(studio, b"\xb0\x01\x00")
    assert studio.value("eq.1.gain_db") == -24
    do(studio, *press(5), b"\xb0\x01\x00")
    assert studio.value("eq.1.q") == 0.1
    do(studio, *press(5), b"\xb0\x01\x7f")
    assert studio.value("eq.1.gain_db") == 24


def test_what_was_held_on_a_box_that_goes_is_let_go(studio: Studio) -> None:
    do(studio, b"\x90\x04\x7f")
    assert studio.surface.layers.on == {"fine"}
    studio.surface.gone()
    assert studio.surface.layers.on == set()


def test_a_release_belongs_to_what_the_press_did(studio: Studio) -> None:
    do(studio, bytes((0x90, 20, 127)))
    assert studio.value("output.mute") is True
    do(studio, *press(6))  # page two, where the same button is bypass
    do(studio, bytes((0x90, 20, 0)))
    assert (studio.value("output.mute"), studio.value("bypass.on")) == (False, False)
    do(studio, *press(20))
    assert studio.value("bypass.on") is True


def test_a_tap_undoes_and_holding_redoes(studio: Studio) -> None:
    do(studio, b"\xb0\x01\x7f", seconds=0.7)
    do(studio, *press(7))
    assert studio.value("eq.1.gain_db") == 0
    do(studio, b"\x90\x07\x7f", seconds=0.7)
    assert studio.value("eq.1.gain_db") == 24
    do(studio, b"\x90\x07\x00")
    assert studio.value("eq.1.gain_db") == 24


def test_compare_goes_between_as_it_was_and_as_it_is_and_leaves_the_airs_loudness(studio: Studio) -> None:
    studio.state.set({"eq.2.gain_db": 5.0, "limiter.ceiling_dbtp": -3.0}, origin="somebody")
    do(studio, *press(8))
    assert (studio.value("eq.2.gain_db"), studio.value("limiter.ceiling_dbtp")) == (0, -3)
    asked = next(it for way, it in reversed(studio.log) if way == "asks")
    assert isinstance(asked, Set)
    assert (asked.values, asked.glide_ms) == ({"eq.2.gain_db": 0.0}, 300)
    assert studio.box.seen[0x90, 8] == 127
    studio.state.set({"eq.3.gain_db": 1.0}, origin="somebody")  # this belongs to A
    do(studio, *press(8))
    assert (studio.value("eq.2.gain_db"), studio.value("eq.3.gain_db")) == (5, 0)
    do(studio, *press(9), *press(8))  # how it is now becomes A: nothing is different
    assert studio.value("eq.2.gain_db") == 5


def test_a_preset_is_the_new_a(studio: Studio) -> None:
    preset = studio.presets.load("speech")
    studio.state.load("speech", preset.values, preset.macros, origin="somebody")
    studio.state.set({"limiter.drive_db": 20.0}, origin="somebody")
    do(studio, *press(8))
    assert studio.value("limiter.drive_db") == preset.values.get("limiter.drive_db", 0.0)


def test_a_knob_that_a_macro_moved_has_to_be_picked_up() -> None:
    box = Plain()
    box.map = (  # type: ignore[misc]
        '[[control]]\ncc = 1\nparameter = "macro.less_more_percent"\ntakeover = "jump"\n'
        '[[control]]\ncc = 2\nparameter = "limiter.drive_db"\n'
    )
    studio = Studio(box)
    studio.state.load("dense", {}, checked_macros({"less_more": {"limiter.drive_db": [[0, 0], [100, 24]]}}))
    studio.plug()
    do(studio, b"\xb0\x02\x00", b"\xb0\x02\x10")
    do(studio, b"\xb0\x01\x7f")
    assert studio.value("limiter.drive_db") == 24
    do(studio, b"\xb0\x02\x11")
    assert studio.value("limiter.drive_db") == 24


def test_scaling_turns_at_once_and_ends_together(studio: Studio) -> None:
    do(studio, *press(6), b"\xb0\x03\x40")
    assert studio.value("limiter.drive_db") == 0  # nobody knows where it came from
    do(studio, b"\xb0\x03\x60")
    assert studio.value("limiter.drive_db") == pytest.approx(24 * 32 / 63)
    do(studio, b"\xb0\x03\x7f")
    assert studio.value("limiter.drive_db") == 24


# two boxes that go together


def pair() -> tuple[Surface, Surface]:
    layers = Layers()
    boxes = [Surface(default_map(built_in()[name]), name, layers) for name in ("mackie", "mackie_extender")]
    studio = Studio(Plain())
    for box in boxes:
        box.follow(StateSnapshot(boot_id="a", seq=0, revision=0, preset="", dirty=False, values=dict(studio.state.values)))
    return boxes[0], boxes[1]


def band(surface: Surface, name: str) -> str:
    surface.messages(0.0)
    binding = surface.active[name]
    assert binding.parameter
    return binding.parameter.id


def test_an_extender_shows_the_next_eight_bands_and_turns_along() -> None:
    main, extender = pair()
    main.came()
    extender.came()
    main.hear(b"\x90\x29\x7f\x90\x29\x00", 0.0)
    assert band(main, "fader.8") == "eq.8.gain_db"
    assert band(extender, "fader.1") == "eq.9.gain_db"
    main.hear(b"\x90\x31\x7f\x90\x31\x00", 0.0)  # channel right: sixteen bands fill sixteen strips
    assert band(extender, "fader.8") == "eq.16.gain_db"
    main.hear(b"\x90\x32\x7f\x90\x32\x00", 0.0)  # flip
    assert band(extender, "encoder.1") == "eq.9.gain_db"


def test_alone_a_bank_is_as_wide_as_one_box() -> None:
    main, extender = pair()
    main.came()
    main.hear(b"\x90\x29\x7f\x90\x29\x00\x90\x2f\x7f\x90\x2f\x00", 0.0)
    assert band(main, "fader.1") == "eq.9.gain_db"
    extender.came()
    extender.gone()
    main.hear(b"\x90\x2e\x7f\x90\x2e\x00\x90\x31\x7f\x90\x31\x00", 0.0)
    assert band(main, "fader.1") == "eq.2.gain_db"


def test_a_strip_says_where_a_fader_has_to_go_to_be_picked_up() -> None:
    class Mackie(MackieControl):
        map = 'profile = "mackie"\n[[control]]\ncontrol = "fader.1"\nparameter = "limiter.drive_db"\ntakeover = "pickup"\n'

    studio = Studio(Mackie())
    studio.state.set({"limiter.drive_db": 12.0}, origin="somebody")
    studio.plug()
    studio.pass_time(0.3)
    do(studio, b"\xe0\x00\x00")
    assert studio.box.seen["strip 1"] == ("turn to", "12.0dB")
    do(studio, b"\xe0\x00\x40")
    assert studio.box.seen["strip 1"] == ("Drive", "12.0dB")


def test_a_map_lies_over_the_one_of_its_profile() -> None:
    own = 'profile = "xtouch_mini"\n[[control]]\ncontrol = "encoder.1"\nparameter = "limiter.hold_ms"\n'
    surface = Surface(parse(own), "box")
    assert band(surface, "encoder.1") == "limiter.hold_ms"
    assert band(surface, "encoder.2") == "agc.target_lufs"
    by_address = Surface(parse(own.replace('control = "encoder.1"', "cc = 16")), "box")
    assert band(by_address, "encoder.1") == "limiter.hold_ms"
    alone = Surface(parse(own.replace("[[", "defaults = false\n[[", 1)), "box")
    assert list(alone.active) == ["encoder.1"]
