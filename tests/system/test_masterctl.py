"""masterctl against a real daemon: what it prints, its exit codes, JSON, completion, and the terminal it leaves behind."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from instruments.child import Child
from instruments.daemon import Daemon

from masterd.control.parameters import PARAMETERS

MASTERCTL = [sys.executable, "-m", "masterd.control.cli.main"]
REFUSED, USAGE, NOBODY = 1, 2, 3
CEILING = "limiter.ceiling_dbtp"


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with Daemon() as running:
        yield running


@pytest.fixture(autouse=True)
def flat(daemon: Daemon) -> None:
    daemon.ask(op="preset.load", name="flat", glide_ms=0)


def masterctl(daemon: Daemon, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MASTERCTL, *arguments], env=os.environ | daemon.here() | environment, capture_output=True, text=True, timeout=30
    )


def said(daemon: Daemon, *arguments: str) -> str:
    done = masterctl(daemon, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_describe_is_the_table(daemon: Daemon) -> None:
    described = json.loads(said(daemon, "describe", "--json"))
    assert [it["id"] for it in described] == list(PARAMETERS)
    keys = ("id", "unit", "min", "max", "default", "label", "kind", "step", "curve", "group", "help", "choices")
    for it in described:
        assert {key: it[key] for key in keys} == {
            **{key: getattr(PARAMETERS[it["id"]], key) for key in keys},
            "choices": list(PARAMETERS[it["id"]].choices),
        }
    assert "-12 to 0 dBTP" in said(daemon, "describe", CEILING)


def test_a_negative_value_is_a_value(daemon: Daemon) -> None:
    for text, value in (("-2", -2.0), ("-.5", -0.5), ("-1e0", -1.0), ("-3.25", -3.25)):
        assert said(daemon, "set", CEILING, text, "--glide-ms", "0") == ""
        assert json.loads(said(daemon, "get", CEILING, "--json")) == {CEILING: value}
    assert said(daemon, "get", CEILING) == "-3.25 dBTP\n"
    said(daemon, "adjust", CEILING, "-.75")
    assert said(daemon, "get", CEILING) == "-4.0 dBTP\n"


def test_set_is_one_change_and_answers_its_revision(daemon: Daemon) -> None:
    before = daemon.ask(op="status")["result"]["revision"]
    answer = json.loads(said(daemon, "set", CEILING, "-2", "eq.3.on", "on", "eq.3.type", "notch", "--json"))
    assert answer["revision"] == before + 1
    assert answer["changes"] == {"eq.3.on": [False, True], "eq.3.type": ["bell", "notch"], CEILING: [-1.0, -2.0]}
    undone = json.loads(said(daemon, "undo", "--json"))
    assert undone["revision"] == before + 2
    assert daemon.ask(op="get", ids=["eq.3.type"])["result"] == {"eq.3.type": "bell"}
    assert json.loads(said(daemon, "redo", "--json"))["changes"]["eq.3.type"] == ["bell", "notch"]


def test_patterns(daemon: Daemon) -> None:
    assert list(json.loads(said(daemon, "get", "eq.3.*", "bypass.on", "--json"))) == [
        *(id for id in PARAMETERS if id.startswith("eq.3.")),
        "bypass.on",
    ]
    said(daemon, "set", "eq.?.on", "on")
    on = json.loads(said(daemon, "get", "eq.*.on", "--json"))
    assert [id for id, value in on.items() if value] == [f"eq.{band}.on" for band in range(1, 10)]
    assert masterctl(daemon, "get", "nothing.*").returncode == REFUSED


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("get", "limiter.ceiling"), "unknown_parameter"),
        (("set", CEILING, "3"), "out_of_range"),
        (("set", CEILING, "nan"), "out_of_range"),
        (("set", CEILING, "loud"), "wrong_type"),
        (("set", "eq.1.type", "round"), "wrong_type"),
        (("set", CEILING, "-2", "eq.on", "maybe"), "wrong_type"),
        (("set", CEILING, "-2", "--if-revision", "0"), "revision_conflict"),
        (("adjust", CEILING, "much"), "wrong_type"),
        (("adjust", "nothing.at_all", "1"), "unknown_parameter"),
        (("redo", "50"), "nothing_to_undo"),
        (("preset", "load", "no such"), "unknown_preset"),
        (("preset", "save", "flat"), "immutable_preset"),
        (("preset", "save", "../x"), "bad_request"),
    ],
)
def test_a_refusal_is_exit_code_1_and_changes_nothing(daemon: Daemon, arguments: tuple[str, ...], code: str) -> None:
    before = daemon.ask(op="snapshot")["result"]
    for more in ((), ("--json",)):
        done = masterctl(daemon, *arguments, *more)
        assert done.returncode == REFUSED
        assert done.stderr.startswith("masterctl: ")
        assert done.stdout == "" if not more else json.loads(done.stdout)["error"]["code"] == code
    after = daemon.ask(op="snapshot")["result"]
    assert (after["revision"], after["values"]) == (before["revision"], before["values"])


@pytest.mark.parametrize(
    "arguments",
    [("set", CEILING), ("set", CEILING, "-2", "--glid", "3"), ("set", CEILING, "-x"), ("nothing",), ("undo", "0"), ("set",)],
)
def test_wrong_usage_is_exit_code_2(daemon: Daemon, arguments: tuple[str, ...]) -> None:
    done = masterctl(daemon, *arguments)
    assert done.returncode == USAGE
    assert "Usage: masterctl" in done.stderr


@pytest.mark.parametrize("command", ["status", "get", "describe", "watch", "meters", "undo"])
def test_nobody_there_is_exit_code_3(daemon: Daemon, command: str) -> None:
    done = masterctl(daemon, "--name", "other", command, "--json")
    assert done.returncode == NOBODY
    assert "masterd run" in done.stderr
    assert json.loads(done.stdout)["error"]["code"] == "unreachable"


def test_status_says_what_scripts_need(daemon: Daemon) -> None:
    now = json.loads(said(daemon, "status", "--json"))
    wanted = "host device sample_rate_hz block_frames latency_frames blocks late_blocks xruns revision preset realtime"
    assert set(wanted.split()) <= set(now)
    assert now["preset"] == "flat"
    assert "flat, revision" in said(daemon, "status")


def test_presets_from_list_to_delete(daemon: Daemon) -> None:
    said(daemon, "set", CEILING, "-3")
    said(daemon, "preset", "save", "late show")
    assert said(daemon, "preset", "show") == "late show\n"
    assert json.loads(said(daemon, "preset", "list", "--json"))[-1] == "late show"
    said(daemon, "preset", "load", "speech")
    said(daemon, "preset", "load", "late show", "--glide-ms", "0")
    assert said(daemon, "get", CEILING) == "-3.0 dBTP\n"
    said(daemon, "preset", "delete", "late show")
    assert "late show" not in said(daemon, "preset", "list")


def test_watch_tells_who_did_what(daemon: Daemon) -> None:
    command = [*MASTERCTL, "watch", "--json", "--count", "3"]
    with Child(command, env=os.environ | daemon.here(), stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout
        first = json.loads(watching.stdout.readline())
        assert (first["type"], first["preset"]) == ("snapshot", "flat")
        said(daemon, "set", CEILING, "-2")
        said(daemon, "preset", "load", "speech")
        changed, loaded = (json.loads(line) for line in watching.stdout)
    assert (changed["type"], changed["origin"], changed["cause"]) == ("changed", "masterctl", "set")
    assert changed["changes"] == {CEILING: [-1.0, -2.0]}
    assert (loaded["cause"], loaded["preset"], loaded["revision"]) == ("preset.load", "speech", changed["revision"] + 1)
    assert watching.returncode == 0


def test_watch_goes_on_when_the_daemon_restarts(tmp_path: Path) -> None:
    with Daemon(folder=tmp_path) as first:
        environment = os.environ | first.here()
        command = [*MASTERCTL, "watch", "--json"]
        with Child(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as watching:
            assert watching.stdout
            before = json.loads(watching.stdout.readline())
            first.stop()
            with Daemon(folder=tmp_path):
                while (after := json.loads(watching.stdout.readline()))["type"] != "snapshot":
                    pass
                assert after["boot_id"] != before["boot_id"]
            watching.kill()


def test_learning_ends_when_the_daemon_was_started_anew_and_learns_something_else(tmp_path: Path) -> None:
    def learns(daemon: Daemon, parameter: str) -> None:
        """It needs a MIDI process that reports."""
        daemon.ask(op="midi.report", origin="box", boxes=[])
        assert daemon.ask(op="midi.learn", parameter=parameter)["ok"]

    with Daemon(folder=tmp_path) as first:
        learns(first, "eq.2.gain_db")
        first.ask(op="midi.learn.cancel")
        command = [*MASTERCTL, "midi", "learn", "eq.1.gain_db"]
        with Child(command, env=os.environ | first.here(), stderr=subprocess.PIPE, text=True) as learning:
            until = time.monotonic() + 20
            while (now := first.ask(op="midi.list")["result"]["learning"])["serial"] != 2:
                assert time.monotonic() < until
            first.ask(op="midi.report", origin="box", learning=now | {"step": "listening"})
            assert learning.stderr
            assert "to the right" in learning.stderr.readline()
            first.stop(signal.SIGKILL)
            with Daemon(folder=tmp_path) as second:
                learns(second, "eq.3.gain_db")
                said = learning.communicate(timeout=20)[1]
    assert "nothing was learned: the daemon was started anew" in said
    assert learning.returncode == 1


def test_meters_for_scripts_and_for_pipes(daemon: Daemon) -> None:
    frames = [json.loads(line) for line in said(daemon, "meters", "--json", "--count", "3").splitlines()]
    assert len(frames) == 3
    assert frames[0]["seq"] < frames[1]["seq"] < frames[2]["seq"]
    assert {"input", "output", "limiter_reduction_db"} <= set(frames[0])
    (line,) = said(daemon, "meters", "--count", "1").splitlines()
    assert "\x1b" not in line
    assert " out TP" in line


@pytest.mark.parametrize("end", ["ctrl-c", "terminate", "count"])
def test_meters_leave_the_terminal_as_it_was(daemon: Daemon, end: str) -> None:
    page, settings, code = in_terminal(daemon, end)
    before, after = settings
    assert before == after
    assert page.count("\x1b[?1049h") == page.count("\x1b[?1049l") == 1
    assert page.rindex("\x1b[?25h") > page.rindex("\x1b[?25l")
    assert page.rstrip().endswith("\x1b[?1049l")
    assert "output L" in page
    assert "ceiling -1.0 dBTP" in page
    assert "┃" in page
    assert code == {"ctrl-c": 130, "terminate": 128 + signal.SIGTERM, "count": 0}[end]


def in_terminal(daemon: Daemon, end: str) -> tuple[str, tuple[list[object], list[object]], int]:
    """What `meters` writes to a terminal until it ends in that way, the terminal's settings before and after, the exit code."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    before, written = termios.tcgetattr(theirs), bytearray()
    more = ["--count", "5"] if end == "count" else []
    process = subprocess.Popen(
        [*MASTERCTL, "meters", *more],
        env=os.environ | daemon.here() | {"TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    reader = threading.Thread(target=read_all, args=(ours, written))
    reader.start()
    until = time.monotonic() + 20
    while written.count(b"limit") < 3 and process.poll() is None:
        assert time.monotonic() < until, bytes(written)
        time.sleep(0.01)
    if end == "ctrl-c":
        os.write(ours, b"\x03")
    elif end == "terminate":
        process.terminate()
    code = process.wait(20)
    after = termios.tcgetattr(theirs)
    os.close(theirs)
    reader.join(20)
    os.close(ours)
    return written.decode(), (before, after), code


def read_all(descriptor: int, into: bytearray) -> None:
    try:
        while got := os.read(descriptor, 65536):
            into += got
    except OSError:  # the other end is closed
        pass


def completed(daemon: Daemon, shell: str, line: str, **environment: str) -> list[str]:
    """What the shell's completion function is given for the last word of `line`."""
    words = line.split(" ")
    position = str(len(words) - 1) if shell != "fish" else words[-1]
    variables = {"COMP_WORDS": line, "COMP_CWORD": position, "_MASTERCTL_COMPLETE": f"{shell}_complete"}
    done = masterctl(daemon, **variables, **environment)
    assert done.returncode == 0, done.stderr
    if shell == "zsh":
        return done.stdout.split("\n")[1::3]
    if shell == "fish":
        return [item.split(",", 1)[1].split("\t")[0] for item in done.stdout.splitlines() if "," in item]
    return [item.partition(",")[2] for item in done.stdout.splitlines() if item]


LIMITER = [id for id in PARAMETERS if id.startswith("limiter.")]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_of_ids_values_and_presets(daemon: Daemon, shell: str) -> None:
    assert completed(daemon, shell, "masterctl get lim") == LIMITER
    assert completed(daemon, shell, "masterctl set limiter.ceiling_dbtp -2 limiter.h") == ["limiter.hold_ms"]
    assert completed(daemon, shell, "masterctl set eq.1.type low") == ["low_shelf", "low_pass"]
    assert completed(daemon, shell, "masterctl set eq.1.on o") == ["on", "off"]
    assert completed(daemon, shell, "masterctl preset load sp") == ["speech"]
    assert completed(daemon, shell, "masterctl pre") == ["preset"]


def test_completion_without_a_daemon_knows_the_packages_table(daemon: Daemon) -> None:
    assert completed(daemon, "bash", "masterctl --name other get lim") == LIMITER
    assert completed(daemon, "bash", "masterctl --name other preset load s") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_shells_script(daemon: Daemon, shell: str) -> None:
    script = said(daemon, "completion", shell)
    assert f"{shell}_complete" in script
    assert "masterctl" in script


def test_bash_takes_the_script_and_completes(daemon: Daemon) -> None:
    """The script in a real bash, with the command it calls on the path."""
    lines = [
        'mkdir -p "$BIN"; printf \'#!/bin/sh\\nexec "%s" -m masterd.control.cli.main "$@"\\n\' "$PYTHON" > "$BIN/masterctl"',
        'chmod +x "$BIN/masterctl"; PATH="$BIN:$PATH"',
        'eval "$(masterctl completion bash)"',
        "COMP_WORDS=(masterctl get lim) COMP_CWORD=2",
        "_masterctl_completion masterctl",
        'printf "%s\\n" "${COMPREPLY[@]}"',
    ]
    environment = os.environ | daemon.here() | {"PYTHON": sys.executable, "BIN": str(daemon.folder / "bin")}
    done = subprocess.run(["bash", "-c", "\n".join(lines)], env=environment, capture_output=True, text=True, timeout=30)
    assert done.stdout.split() == LIMITER, done.stderr


def test_help_needs_no_daemon_and_tells_the_exit_codes(daemon: Daemon) -> None:
    assert "3 no daemon answers" in " ".join(said(daemon, "--help").split())
    for command in (
        "describe",
        "get",
        "set",
        "adjust",
        "preset",
        "undo",
        "redo",
        "watch",
        "status",
        "meters",
        "midi",
        "completion",
    ):
        assert f"Usage: masterctl {command}" in said(daemon, command, "--help")
