"""Every profile against a controller that was built from the maker's table, not from the profile."""

from __future__ import annotations

import pytest
from instruments.midi_pages import pages
from instruments.midi_studio import Studio
from instruments.surfaces import BOXES, Act, Box

from masterd.control.midi.library import library

every_box = pytest.mark.parametrize("kind", BOXES, ids=lambda kind: kind.__name__)


@every_box
def test_a_script_is_played_and_everything_comes_as_it_says(kind: type[Box]) -> None:
    box = kind()
    studio = Studio(box)
    studio.plug()
    for act in box.script():
        studio.play(act)
        check(act, {id: studio.value(id) for id in act.values}, box, studio.state.preset)


def check(act: Act, values: dict[str, object], box: Box, preset: str) -> None:
    numbers = {id: pytest.approx(value) if type(value) is float else value for id, value in act.values.items()}
    assert values == numbers, act.words
    assert {what: box.seen.get(what) for what in act.seen} == act.seen, act.words
    assert not act.preset or preset == act.preset, act.words


def test_there_is_a_box_for_every_profile() -> None:
    assert {kind.profile for kind in BOXES} == set(library().names())


@every_box
def test_it_is_recognised_by_its_port(kind: type[Box]) -> None:
    known = library().recognised(kind.port)
    assert kind.profile == (known.name if known else "generic") or f'profile = "{kind.profile}"' in kind.map


def test_the_pages_are_current() -> None:
    """`PYTHONPATH=tests python -m instruments.midi_pages` makes them."""
    for path, text in pages().items():
        assert path.read_text(encoding="utf-8") == text, path
