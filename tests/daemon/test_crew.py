"""Work on many files by several processes: order, failures, deaths, interrupts; and what a terminal shows of it."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from instruments.child import Child
from instruments.signals import noise

from masterd.control.errors import MasterdError
from masterd.daemon.commands.progress import Progress
from masterd.daemon.crew import all_done


def work(job: int, tell) -> int:
    """Fails, dies or answers, as the job says."""
    tell(1, 2)
    if job == 2:
        raise MasterdError("two is refused")
    if job == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return job * job


@pytest.mark.parametrize("processes", [2, 3])
def test_one_that_fails_or_dies_takes_no_other_with_it(processes):
    told, finished = [], []
    outcomes = all_done(
        work, range(6), processes, lambda index, how_far: told.append((index, how_far)), lambda index, _: finished.append(index)
    )
    assert [outcome.result for outcome in outcomes] == [0, 1, None, None, 16, 25]
    assert outcomes[2].error == "two is refused"
    assert "-9" in outcomes[3].error
    assert sorted(finished) == list(range(6))
    assert (0, (1, 2)) in told


def test_one_process_is_this_one():
    outcomes = all_done(lambda job, tell: os.getpid() + job, [0, 1], 1)
    assert [outcome.result for outcome in outcomes] == [os.getpid(), os.getpid() + 1]


def children(pid: int) -> list[str]:
    """Their command lines, and their children's, less multiprocessing's own watchman, who leaves by himself a little later."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
    parents = {pid}
    found = []
    for row in listed.stdout.splitlines():
        own, parent, *line = row.split(None, 2)
        if int(parent) in parents:
            parents.add(int(own))
            found.append(f"{own} {line}")
    return [line for line in found if "resource_tracker" not in line]


@pytest.mark.parametrize(("stop", "code"), [("keyboard", 130), ("term", 143)])
def test_stopped_in_the_middle_nothing_half_is_left_and_nobody_works_on(tmp_path, stop, code):
    long = np.tile(noise(5, -12), (120, 1))
    for name in ("a", "b"):
        soundfile.write(tmp_path / f"{name}.wav", long, 48000, "PCM_16")
    call = "from masterd.daemon.commands.render import render; render()"
    words = [str(tmp_path), "-o", f"{tmp_path}/out/", "--format", "mp3", "--format", "flac", "-j", "2"]
    with Child([sys.executable, "-c", call, *words], stderr=subprocess.PIPE, start_new_session=True) as process:
        until = time.monotonic() + 60
        while len(list(tmp_path.glob("out/.*.part"))) < 4 and process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        busy = children(process.pid)
        if stop == "keyboard":
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to everybody of its group
        else:
            process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert len(busy) >= 4  # two processes, each with an encoder
    assert not list(tmp_path.glob("out/*"))
    assert not list(tmp_path.glob("out/.*"))
    assert not [line for line in busy if Path(f"/proc/{line.split()[0]}").exists()]
    assert b"Traceback" not in errors


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


def test_progress_shows_each_file_all_files_and_the_time_left(monkeypatch):
    monkeypatch.setattr("masterd.daemon.commands.progress.DRAW_EVERY_S", 0)
    terminal = Terminal()
    with Progress(["one.wav", "two.wav"], [60, 60], 4, terminal) as shown:
        shown.tell(0, (50, 100, 1))
        shown.tell(1, (100, 100, 4))
        shown.finished(1)
        shown.tell(0, (100, 100, 2))
    frames = terminal.getvalue().split("\x1b[")
    assert "one.wav" in frames[0]
    assert " 12 %  pass 1" in frames[0]
    assert re.search(r"all 2 files .* 75 %  \d:\d\d left", terminal.getvalue())
    assert terminal.getvalue().endswith("\x1b[J")


def test_no_progress_where_there_is_no_terminal():
    stream = io.StringIO()
    with Progress(["one.wav"], [60], 1, stream) as shown:
        shown.tell(0, (50, 100))
    assert stream.getvalue() == ""
