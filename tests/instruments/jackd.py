"""A private JACK server on the dummy driver: its own name, killed by process id, nothing left in /dev/shm.

    with jackd(rate_hz=48000, period_frames=64) as server:
        subprocess.run([...], env=server.env)

Needs Debian's jackd2. Tests that use it carry `pytest.mark.jack` and skip with `needs_jack` where it is absent.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

needs_jack = pytest.mark.skipif(
    not (shutil.which("jackd") and shutil.which("jack_lsp")), reason="jackd and jack_lsp are not installed (Debian: jackd2)"
)

READY_WITHIN_S = 15
_count = itertools.count(1)


@dataclass
class Server:
    """A running server. `env` is the environment in which a client finds it and starts no other."""

    name: str
    process: subprocess.Popen[bytes]
    realtime: bool
    log: Path

    @property
    def env(self) -> dict[str, str]:
        return os.environ | client_environment(self.name)

    def tool(self, *command: str) -> str:
        """Runs jack_lsp, jack_connect, jack_bufsize ...; what it printed."""
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=10, check=True)
        return done.stdout

    def ports(self) -> list[str]:
        return self.tool("jack_lsp").split("\n")[:-1]

    def connect(self, source: str, destination: str) -> None:
        self.tool("jack_connect", source, destination)

    def pause(self) -> None:
        """The server stands still, as a stalled device does."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """The server is gone at once, as an unplugged device is."""
        self.process.kill()
        self.process.wait(10)
        remove_leftovers(self.name)

    def stop(self) -> None:
        """An orderly end, in which the server gives its shared memory back; the other kind when that hangs."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(3)
        self.kill()


def client_environment(name: str) -> dict[str, str]:
    """For os.environ of a process that opens clients itself: before libjack is loaded."""
    return {"JACK_DEFAULT_SERVER": name, "JACK_NO_START_SERVER": "1", "JACK_NO_AUDIO_RESERVATION": "1"}


def new_name() -> str:
    """A server name nobody else on this machine has."""
    return f"masterd-test-{os.getpid()}-{next(_count)}"


def remove_leftovers(name: str) -> None:
    """The sockets and semaphores of a killed server. Its shared memory is in a registry that all servers of a user share: the
    next one that starts takes back what belonged to dead ones."""
    for path in Path("/dev/shm").glob(f"*{name}*"):
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def give_memory_back(killed: Server) -> None:
    """Starts a server after a killed one and ends it: it clears the registry."""
    for _ in range(3):  # one that had to be killed itself leaves its entry, and there is room for eight servers in all
        heir = Server(killed.name, start(48000, 1024, killed.name, False, killed.log), False, killed.log)
        with contextlib.suppress(RuntimeError):
            wait_until_ready(heir)
        heir.stop()
        if heir.process.returncode >= 0:
            return


def start(rate_hz: int, period_frames: int, name: str, realtime: bool, log: Path) -> subprocess.Popen[bytes]:
    schedule = ["-R", "-P", "70"] if realtime else ["-r"]
    driver = ["-d", "dummy", "-r", str(rate_hz), "-p", str(period_frames), "-C", "2", "-P", "2"]
    with log.open("wb") as output:
        return subprocess.Popen(
            ["jackd", "-n", name, *schedule, *driver],
            env=os.environ | client_environment(name),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def is_ready(server: Server) -> bool:
    with contextlib.suppress(subprocess.SubprocessError):
        return "system:playback_1" in server.ports()
    return False


def wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not is_ready(server):
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"jackd {server.name} did not start:\n{server.log.read_text(errors='replace')}")
        time.sleep(0.02)


def can_be_realtime() -> bool:
    """Whether this user may run SCHED_FIFO threads."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except OSError:
        return False
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return True


@contextlib.contextmanager
def jackd(
    rate_hz: int = 48000, period_frames: int = 256, name: str | None = None, realtime: bool | None = None
) -> Iterator[Server]:
    """A server until the end of the block, whatever happens in it. The same `name` again is the same device come back."""
    name = name or new_name()
    realtime = can_be_realtime() if realtime is None else realtime
    with tempfile.TemporaryDirectory(prefix="masterd-jackd-") as folder:
        log = Path(folder) / "log"
        server = Server(name, start(rate_hz, period_frames, name, realtime, log), realtime, log)
        try:
            wait_until_ready(server)
            yield server
        finally:
            server.stop()
            if server.process.returncode < 0:  # killed, or by a broken pipe while its clients went
                give_memory_back(server)
