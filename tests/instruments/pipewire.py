"""A private PipeWire, for clients of its JACK library: without a card, a session manager, or anybody else."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

READY_WITHIN_S = 20
LIBRARY = next(Path("/usr/lib").glob("*/pipewire-0.3/jack/libjack.so.0"), None)

needs_pipewire = pytest.mark.skipif(
    not shutil.which("pipewire") or LIBRARY is None, reason="needs PipeWire and its libjack (Debian: pipewire, pipewire-jack)"
)


@dataclass
class Pipewire:
    """In a folder of its own, where its socket is."""

    folder: Path
    name: str = "pipewire-0"
    process: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        """For its clients, which load its libjack in place of JACK's, as pw-jack has it."""
        return os.environ | {"LD_LIBRARY_PATH": str(LIBRARY.parent if LIBRARY else "")} | self.here()

    def here(self) -> dict[str, str]:
        folder = str(self.folder)
        return {"XDG_RUNTIME_DIR": folder, "XDG_CONFIG_HOME": folder, "XDG_STATE_HOME": folder, "PIPEWIRE_REMOTE": self.name}

    def start(self) -> None:
        """Returns when clients can come."""
        socket = self.folder / self.name
        log = (self.folder / "log").open("ab")
        with log:
            self.process = subprocess.Popen(["pipewire"], env=os.environ | self.here(), stdout=log, stderr=log)
        until = time.monotonic() + READY_WITHIN_S
        while not socket.exists():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.02)

    def kill(self) -> None:
        """It is gone at once. Any number of times."""
        if self.process:
            self.process.kill()
            self.process.wait(10)
        (self.folder / self.name).unlink(missing_ok=True)


@contextlib.contextmanager
def pipewire() -> Iterator[Pipewire]:
    """One that runs, and ends with the `with`."""
    with tempfile.TemporaryDirectory(prefix="masterd-pipewire-") as folder:
        server = Pipewire(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.kill()
