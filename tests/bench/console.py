"""masterctl tui in a terminal of 120 x 40 against the built-in programme: how much of a core it takes, and how much it sends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

from instruments.daemon import Daemon

COLUMNS, ROWS = 120, 40
SETTLES_S = 6.0
MOST_CORE_PERCENT = 8.0
MASTERCTL = [sys.executable, "-m", "masterd.control.cli.main"]

Figures = dict[str, float]


def used_s(pid: int) -> float:
    """User and system time of a process and its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def read_for(terminal: int, seconds: float) -> int:
    """Takes what the console draws, as a terminal does; how many bytes."""
    until, count = time.monotonic() + seconds, 0
    while (left_s := until - time.monotonic()) > 0:
        if select.select([terminal], [], [], left_s)[0]:
            count += len(os.read(terminal, 65536))
    return count


def run(seconds: float = 60, *arguments: str) -> Figures:
    """Meters at 20 Hz, 30 frames a second from the daemon."""
    with Daemon(name="bench") as daemon:
        terminal, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        environment = os.environ | daemon.here() | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        command = [*MASTERCTL, "--name", "bench", "tui", *arguments]
        console = subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner, env=environment, start_new_session=True)
        os.close(inner)
        try:
            read_for(terminal, SETTLES_S)
            before, began = used_s(console.pid), time.monotonic()
            count = read_for(terminal, seconds)
            took_s = time.monotonic() - began
            used = used_s(console.pid) - before
        finally:
            console.terminate()
            with contextlib.suppress(OSError):
                read_for(terminal, 0.5)
            console.wait(10)
            os.close(terminal)
    return {"core_percent": 100 * used / took_s, "kilobytes_per_s": count / took_s / 1000}


def line(figures: Figures) -> str:
    """Beside what it may take."""
    told = f"{figures['core_percent']:.1f} % of a core (at most {MOST_CORE_PERCENT:g}), {figures['kilobytes_per_s']:.0f} kB/s"
    return f"console: {COLUMNS} x {ROWS}, bars at 20 Hz: {told} to the terminal"


if __name__ == "__main__":
    print(line(run(float(sys.argv[1]) if len(sys.argv) > 1 else 60)))
