"""A daemon started by hand ends with its terminal; SIGHUP while the terminal is there is a wish to reload."""

from __future__ import annotations

import os
import pty
import signal
import sys
import tempfile
import time
from pathlib import Path

STOP_WITHIN_S = 10


def start_in_terminal(folder: str) -> tuple[int, int]:
    """`masterd run` as the leader of a session in a new terminal: its pid, and our end of the terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        places = {f"MASTERD_{place}_DIR": f"{folder}/{place.lower()}" for place in ("RUNTIME", "STATE", "CONFIG")}
        program = str(Path(sys.executable).parent / "masterd")
        os.execve(program, [program, "run", "--host", "simulated"], os.environ | places)
    return pid, terminal


def read_until(terminal: int, text: bytes) -> None:
    said = b""
    while text not in said:
        said += os.read(terminal, 4096)


def wait_for_end(pid: int) -> int | None:
    """The exit code, or None if it still runs after STOP_WITHIN_S; then it is killed."""
    deadline = time.monotonic() + STOP_WITHIN_S
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


def test_hangup_reloads_while_the_terminal_is_there_and_stops_when_it_is_gone():
    with tempfile.TemporaryDirectory(prefix="masterd-") as folder:
        pid, terminal = start_in_terminal(folder)
        try:
            read_until(terminal, b"Ctrl-C stops it")
            os.kill(pid, signal.SIGHUP)
            read_until(terminal, b"reloaded")
        finally:
            os.close(terminal)
        assert wait_for_end(pid) == 0
