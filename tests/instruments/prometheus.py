"""A real Prometheus on loopback for a test: its own folder and port, ready when entered, stopped by its pid."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from instruments.beside import eventually, free_port


class Prometheus:
    """Scrapes `target` by the configuration and rules of `folder`; whatever waits there waits half a second."""

    def __init__(self, folder: Path, target: str) -> None:
        self.url = f"http://127.0.0.1:{free_port(socket.SOCK_STREAM)}"
        self._folder = Path(tempfile.mkdtemp(prefix="prometheus-"))
        for name in ("prometheus.yml", "masterd.rules.yml"):
            text = re.sub(r"\b(for|\w+_interval|\w+_timeout): \w+", r"\1: 500ms", (folder / name).read_text())
            (self._folder / name).write_text(text.replace("127.0.0.1:9823", target))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = ["prometheus", f"--config.file={self._folder}/prometheus.yml", f"--storage.tsdb.path={self._folder}/data"]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*command, f"--web.listen-address={self.url.removeprefix('http://')}", "--log.level=warn"], stdout=log, stderr=log
            )
        eventually(self._is_ready, 20)
        return self

    def _is_ready(self) -> bool:
        assert self._process
        assert self._process.poll() is None, (self._folder / "log").read_text()
        try:
            return bool(urllib.request.urlopen(f"{self.url}/-/ready", timeout=1).status == 200)
        except (urllib.error.URLError, TimeoutError):
            return False

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def ask(self, path: str, **query: str) -> Any:
        """The data of one question to its API."""
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            said = json.load(answer)
        assert said["status"] == "success", said
        return said["data"]

    def series(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Labels and value of everything an expression gives now."""
        return [(it["metric"], float(it["value"][1])) for it in self.ask("query", query=expression)["result"]]

    def value(self, expression: str) -> float | None:
        """The only value, None when there is none."""
        found = self.series(expression)
        assert len(found) < 2, found
        return found[0][1] if found else None

    def firing(self) -> set[str]:
        """Names of the alerts that fire."""
        return {it["labels"]["alertname"] for it in self.ask("alerts")["alerts"] if it["state"] == "firing"}
