"""The acceptance list of docs/sound.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = TESTS.parents[1] / "docs" / "sound.md"


def test_every_test_of_the_acceptance_list_exists():
    named = re.findall(r"`([\w./]+\.py)::(\w+)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) > 50
    for file, name in named:
        assert f"\ndef {name}(" in (TESTS / file).read_text(encoding="utf-8"), f"{file}::{name}"


def test_every_plot_is_shown():
    pictures = {path.name for path in (PAGE.parent / "sound").glob("*.png")}
    assert pictures == set(re.findall(r"\(sound/([\w-]+\.png)\)", PAGE.read_text(encoding="utf-8")))
