"""A real `masterd run` for a test: its own folders, ready when entered, stopped by its pid whatever happens."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from unittest import mock

import msgspec
import zmq

READY_WITHIN_S = 20
STOP_WITHIN_S = 10


class Daemon:
    """Starts `masterd run` on the simulated host (or as `arguments` say) and waits for its READY=1.

    >>> with Daemon() as daemon:
    ...     daemon.ask(op="get", ids=["limiter.ceiling_dbtp"])["result"]
    {'limiter.ceiling_dbtp': -1.0}

    Clients find it by `daemon.name` in the environment `daemon.here()`. A `folder` that is given is kept. `within` is a command
    that becomes the daemon, as `ip netns exec NAME` does.
    """

    def __init__(
        self,
        *arguments: str,
        config: str = "",
        name: str = "main",
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        host: str | None = "simulated",
        within: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.within = list(within)
        self.own_folder = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="masterd-"))
        (self.folder / "config").mkdir(exist_ok=True)
        self.config_path = self.folder / "config" / f"{name}.toml"
        if config:
            self.config_path.write_text(config)
        self.arguments = [*arguments, "--name", name, *(["--host", host] if host else [])]
        self.extra = dict(environment or {})
        self.log_path = self.folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.told: list[str] = []
        """What was told to systemd, a line each."""
        self._notify_path = self.folder / f"notify-{os.urandom(4).hex()}"
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._context = zmq.Context()
        self._ctl: zmq.Socket[bytes] | None = None
        self._sockets: list[zmq.Socket[bytes]] = []

    def here(self) -> dict[str, str]:
        """The environment in which clients find this daemon."""
        return {f"MASTERD_{it}_DIR": str(self.folder / it.lower()) for it in ("RUNTIME", "STATE", "CONFIG")}

    def found(self) -> contextlib.AbstractContextManager[Any]:
        """In a `with`, the clients of this process find it too."""
        return mock.patch.dict(os.environ, self.here())

    @property
    def state_folder(self) -> Path:
        return self.folder / "state" / self.name

    def endpoint(self, socket: str) -> str:
        return f"ipc://{self.folder / 'runtime' / self.name / socket}"

    @property
    def log(self) -> str:
        return self.log_path.read_text()

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    def launch(self) -> None:
        """Starts the process and does not wait for anything."""
        self._notify.bind(str(self._notify_path))
        self._notify.settimeout(0.1)
        environment = {**os.environ, **self.here(), "NOTIFY_SOCKET": str(self._notify_path), **self.extra}
        environment.pop("JOURNAL_STREAM", None)
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [*self.within, sys.executable, "-m", "masterd.daemon.main", "run", *self.arguments],
                env=environment,
                stdout=log,
                stderr=log,
            )

    def hear(self, wanted: str = "READY=1", within_s: float = READY_WITHIN_S) -> None:
        """Waits until systemd would have been told `wanted`."""
        until = time.monotonic() + within_s
        at = len(self.told)
        while wanted not in self.told[at:]:
            code = self.process.poll() if self.process else 0
            assert code is None, f"masterd ended with {code}:\n{self.log}"
            assert time.monotonic() < until, f"no {wanted} within {within_s} s:\n{self.log}"
            self.listen()

    def hear_status(self, words: str, within_s: float = READY_WITHIN_S) -> None:
        """Waits until a STATUS= told to systemd contains `words`."""
        until = time.monotonic() + within_s
        while not any(it.startswith("STATUS=") and words in it for it in self.told):
            assert time.monotonic() < until, self.told
            self.listen()

    def listen(self) -> None:
        """Takes one message to systemd, if one comes within 0.1 s."""
        with contextlib.suppress(TimeoutError):
            self.told += self._notify.recv(65536).decode().splitlines()

    def __enter__(self) -> Self:
        try:
            self.launch()
            self.hear()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def connect(self, kind: int = zmq.DEALER, to: str = "ctl", topic: bytes | None = None) -> zmq.Socket[bytes]:
        """A socket of the test's own, closed with the daemon."""
        socket = self._context.socket(kind)
        socket.linger = 0
        if topic is not None:
            socket.subscribe(topic)
        socket.connect(self.endpoint(to))
        self._sockets.append(socket)
        return socket

    def ask(self, **request: Any) -> dict[str, Any]:
        """One request on `ctl`; the answer as it came."""
        return self.ask_raw(msgspec.json.encode(request))

    def ask_raw(self, *frames: bytes) -> dict[str, Any]:
        """As `ask`, with frames made by the test."""
        self._ctl = self._ctl or self.connect()
        self._ctl.send_multipart(frames)
        assert self._ctl.poll(5000), f"no answer:\n{self.log}"
        answer: dict[str, Any] = msgspec.json.decode(self._ctl.recv_multipart()[-1])
        return answer

    def set(self, **values: Any) -> dict[str, Any]:
        """Sets values, a dot in an id written as two underscores."""
        return self.ask(op="set", values={id.replace("__", "."): value for id, value in values.items()})

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Ends the process, waits for it, and returns its code; by SIGKILL if it does not go by itself."""
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        try:
            return self.process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if self.process:
                self.stop()
        finally:
            for opened in self._sockets:
                opened.close(0)
            self._context.term()
            self._notify.close()
            self._notify_path.unlink(missing_ok=True)
            if self.own_folder:
                shutil.rmtree(self.folder, ignore_errors=True)
