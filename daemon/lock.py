"""One daemon of a name at a time: a lock on a file beside the sockets, held for as long as the process lives.

A second bind of an ipc socket succeeds and steals it silently; therefore the lock comes before any socket.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from masterd.control.errors import MasterdError


class AlreadyRunning(MasterdError):
    """Another daemon of this name holds the lock."""

    code = "already_running"


class Lock:
    """The lock of a runtime folder; made with the folder (0700), given back at the end of the `with`. AlreadyRunning, OSError."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "lock"
        self._file = -1

    def __enter__(self) -> Lock:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 20).decode(errors="replace").strip() or "unknown"
            os.close(self._file)
            raise AlreadyRunning(
                f"a daemon named {self.path.parent.name!r} is running already (process {holder}, {self.path.parent}); "
                "stop it, or give this one another --name"
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        return self

    def __exit__(self, *_: object) -> None:
        """The file stays: removing it would let two daemons lock two files of one name."""
        os.ftruncate(self._file, 0)
        os.close(self._file)
