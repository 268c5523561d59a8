"""The command `masterd`: quick to help, plain about what is wrong."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from masterd.daemon.commands import doctor
from masterd.daemon.commands.run import overrides, split
from masterd.daemon.main import LAZY, main
from masterd.daemon.patience import NoAnswer, within


def masterd(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "masterd.daemon.main", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def places(tmp_path):
    return {f"MASTERD_{it}_DIR": str(tmp_path / it) for it in ("RUNTIME", "STATE", "CONFIG")}


def test_help_names_every_command_and_imports_none_of_their_parts():
    code = """
import sys
from click.testing import CliRunner
from masterd.daemon.main import main
result = CliRunner().invoke(main, ["--help"])
assert result.exit_code == 0, result.output
print(result.output)
heavy = {"numpy", "zmq", "msgspec", "asyncio", "soundfile", "sounddevice", "masterd.native"} & set(sys.modules)
assert not heavy, heavy
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    for name in ("run", "render", "measure", "devices", "doctor"):
        assert f"  {name} " in run.stdout


@pytest.mark.parametrize("name", LAZY)
def test_every_command_has_help(name):
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage: " in result.output


def test_version():
    from importlib.metadata import version

    assert version("masterd") in masterd("--version").stdout


def test_the_first_toml_is_the_configuration_and_the_rest_are_files():
    assert split(("a.toml", "b.wav")) == (Path("a.toml"), ("b.wav",))
    assert split(("b.wav", "c.flac")) == (None, ("b.wav", "c.flac"))
    assert split(()) == (None, ())


def test_overrides_are_only_what_was_said():
    assert overrides(None, None, None, None, ()) == {}
    said = overrides("x", "jack", "USB", "line in", ("a.wav",))
    assert said == {
        "daemon.name": "x",
        "audio.host": "jack",
        "audio.input_device": "line in",
        "audio.device": "USB",
        "source.files": [str(Path("a.wav").absolute())],
    }


def test_a_programme_that_cannot_be_played_is_said_and_leaves_nothing(places, tmp_path):
    run = masterd("run", "--host", "simulated", str(tmp_path / "none.wav"), **places)
    assert run.returncode == 1
    assert "none.wav" in run.stderr
    assert "Traceback" not in run.stderr
    assert not list((tmp_path / "RUNTIME" / "main").glob("[cem]*"))


def test_a_recording_of_no_known_kind_is_refused_before_anything_starts(places, tmp_path):
    path = tmp_path / "a.toml"
    path.write_text('[record]\npath = "out.mp3"\n')
    run = masterd("run", str(path), "--host", "simulated", **places)
    assert run.returncode == 1
    assert "must end in .wav or .flac" in run.stderr


def test_devices_lists_each_host():
    listed = json.loads(masterd("devices", "--json", JACK_NO_START_SERVER="1").stdout)
    assert {it["host"] for it in listed} == {"jack", "portaudio", "simulated"}
    assert all(it["device"] or it["reason"] for it in listed)


def test_doctor_finds_the_folders_and_the_broken_configuration(places, tmp_path):
    (tmp_path / "CONFIG").mkdir()
    (tmp_path / "CONFIG" / "main.toml").write_text("[audio]\nhots = 1\n")
    run = masterd("doctor", "--json", **places)
    findings = {it["what"]: it for it in json.loads(run.stdout)}
    assert findings["state folder"]["good"]
    assert not findings["configuration"]["good"]
    assert "did you mean host" in findings["configuration"]["seen"]
    assert run.returncode == 1
    assert "look  configuration" in masterd("doctor", **places).stdout


def test_doctor_says_when_a_folder_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    assert not doctor.writable("state folder", tmp_path / "file" / "state").good


@pytest.mark.parametrize(("governors", "good"), [(["performance"] * 2, True), (["performance", "powersave"], False), ([], True)])
def test_doctor_reads_the_governor_of_every_processor(tmp_path, governors, good):
    for at, governor in enumerate(governors):
        (tmp_path / f"cpu{at}" / "cpufreq").mkdir(parents=True)
        (tmp_path / f"cpu{at}" / "cpufreq" / "scaling_governor").write_text(governor + "\n")
    assert doctor.governor(tmp_path).good is good


def test_addresses_that_are_too_long_are_said(monkeypatch):
    monkeypatch.setenv("MASTERD_RUNTIME_DIR", "/" + "x" * 120)
    assert not doctor.sockets("main").good


def test_a_question_without_an_answer_is_given_up():
    never = threading.Event()
    with pytest.raises(NoAnswer):
        within(0.05, never.wait)
    never.set()
    assert within(5, lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 / 0)


def test_temporary_files_of_the_doctor_are_gone(tmp_path):
    doctor.writable("x", tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert tempfile.gettempdir()
