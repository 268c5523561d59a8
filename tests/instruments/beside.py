"""A surface of masterctl that runs beside a test's daemon: started, its first line read, stopped by its pid whatever happens."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from instruments.daemon import Daemon
from instruments.masterctl import MASTERCTL

T = TypeVar("T")
PATIENCE_S = 10.0


class Beside:
    """The process, and what it said so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        assert process.stderr
        self._reader = threading.Thread(target=lambda: self.said.extend(iter(process.stderr.readline, "")), daemon=True)
        self._reader.start()

    def line(self, words: str) -> str:
        """The first line with these words, waited for."""
        return eventually(lambda: next((line for line in self.said if words in line), ""))

    def stop(self) -> int:
        """Ends it, and returns its code."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self._reader.join(PATIENCE_S)


@contextlib.contextmanager
def beside(daemon: Daemon, *arguments: str) -> Iterator[Beside]:
    """`masterctl ARGUMENTS` for this daemon."""
    command = [*MASTERCTL, "--name", daemon.name, *arguments]
    process = subprocess.Popen(command, env=os.environ | daemon.here(), stderr=subprocess.PIPE, text=True)
    it = Beside(process)
    try:
        yield it
    finally:
        it.stop()
        assert process.stderr
        process.stderr.close()


def eventually(look: Callable[[], T], within_s: float = PATIENCE_S) -> T:
    """What `look` gives once it is true."""
    until_s = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < until_s, f"not within {within_s} s"
        time.sleep(0.02)
    return found


def free_port(kind: socket.SocketKind) -> int:
    """A port that nobody has just now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
