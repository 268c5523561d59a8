"""The boxes of one process by their map files, without a MIDI system."""

from __future__ import annotations

from pathlib import Path

import pytest

from masterd.control.midi.boxes import Boxes


def test_a_box_that_comes_after_one_that_went_has_a_name_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its origin each knows its own changes again."""
    monkeypatch.setenv("MASTERD_CONFIG_DIR", str(tmp_path))
    (tmp_path / "midi").mkdir()
    files = [tmp_path / "midi" / f"{name}.toml" for name in ("a", "b", "c")]
    for path in files[:2]:
        path.write_text('name = "mini"\nport = "^mini"\n')
    boxes = Boxes()
    first, second = boxes
    first.path.unlink()
    boxes.forget([first])
    files[2].write_text('name = "mini"\nport = "^mini"\n')
    boxes.reread(1.0, None)
    kept, third = boxes
    assert kept is second
    assert third.surface.origin not in (first.surface.origin, second.surface.origin)
