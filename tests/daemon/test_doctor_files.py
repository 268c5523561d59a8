"""`masterd doctor` about files: which of ffmpeg, soxr and mutagen are there, and what would not work without them."""

from __future__ import annotations

import stat

import pytest

from masterd.daemon.commands import doctor_files
from masterd.daemon.commands.doctor_files import files, library


def test_all_three_are_there_with_their_versions():
    """scripts/setup installs them."""
    found = {it.what: it for it in files()}
    assert set(found) == {"ffmpeg", "soxr", "mutagen"}
    assert all(it.good and "version" in it.seen for it in found.values())


def test_without_ffmpeg_it_says_what_cannot_be_written(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    finding = doctor_files.encoder()
    assert not finding.good
    assert finding.seen == "ffmpeg and ffprobe not found"
    assert "MP3" in finding.todo
    assert "not needed for what is live" in finding.todo


def test_an_ffmpeg_that_does_not_run_is_not_there(monkeypatch, tmp_path):
    for name in ("ffmpeg", "ffprobe"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 3\n")
        (tmp_path / name).chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", str(tmp_path))
    finding = doctor_files.encoder()
    assert not finding.good
    assert "does not run" in finding.seen


@pytest.mark.parametrize("without", doctor_files.LIBRARIES.values())
def test_without_a_library_it_says_how_to_get_it(without):
    finding = library("masterd-library-that-nobody-has", without)
    assert not finding.good
    assert finding.seen == "not installed"
    assert "pip install 'masterd[files]'" in finding.todo
    assert without in finding.todo
