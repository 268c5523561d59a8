"""masterd render on many files: folders keep their shape, a broken file stops no other, names never collide; macros as on air."""

from __future__ import annotations

from pathlib import Path

import soundfile
from click.testing import CliRunner
from instruments.signals import noise

from masterd.daemon.commands.render import render as command
from masterd.daemon.macros import moved
from masterd.daemon.rendering.wanted import find_preset, wanted_values


def render(*words: object):
    return CliRunner().invoke(command, [str(word) for word in words])


def archive(folder: Path) -> Path:
    for name in ("a.wav", "disc 1/b.flac", "disc 2/b.flac"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, noise(1, -12), 48000)
    (folder / "disc 1" / "broken.wav").write_text("no audio" * 20)
    return folder


def test_an_archive_keeps_its_shape_and_goes_on_past_a_broken_file(tmp_path):
    result = render(archive(tmp_path / "in"), "-o", f"{tmp_path}/all/", "--format", "flac", "--format", "wav", "-j", "2")
    assert result.exit_code == 1
    assert "disc 1/broken.wav" in result.stderr
    wanted = {f"{name}.{suffix}" for name in ("a", "disc 1/b", "disc 2/b") for suffix in ("flac", "wav")}
    assert {str(path.relative_to(tmp_path / "all")) for path in (tmp_path / "all").rglob("*") if path.is_file()} == wanted
    assert "3 files, 0:03.0 min" in result.stdout


def test_what_cannot_be_named_is_refused_before_anything_is_written(tmp_path):
    folder = archive(tmp_path / "in")
    (folder / "disc 1" / "broken.wav").unlink()
    one = render(folder, "-o", tmp_path / "one.wav")
    assert one.exit_code == 1
    assert "several files cannot become one" in one.stderr
    same = render(folder, "-o", f"{tmp_path}/{{artist}}.wav", "-o", f"{tmp_path}/x{{number}}.wav")
    assert "unknown.wav: 3 files would have this name" in same.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_what_exists_is_kept_and_nothing_else_is_written(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.wav").write_bytes(b"precious")
    folder = archive(tmp_path / "in")
    result = render(folder, "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "a.wav: exists already" in result.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.wav"]
    assert (tmp_path / "out" / "a.wav").read_bytes() == b"precious"


def test_a_macro_moves_what_it_moves_on_air():
    preset = find_preset("pop_rock")
    values, wrong = wanted_values("pop_rock", ["macro.less_more_percent=100", "limiter.drive_db=1"])
    assert not wrong
    driven = moved(preset.macros, {"macro.less_more_percent": 100.0})
    assert len(driven) > 10
    assert values == {**preset.values, **driven, "limiter.drive_db": 1.0}


def test_what_was_proposed_yields_to_what_is_set():
    values, _ = wanted_values("flat", ["eq.1.gain_db=2"], {"eq.1.gain_db": 5.0, "eq.1.on": True})
    assert (values["eq.1.gain_db"], values["eq.1.on"]) == (2.0, True)
