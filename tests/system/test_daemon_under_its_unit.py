"""All that the daemon does works under the system call filter of its unit: what that forbids shows nowhere else."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from instruments.beside import eventually, free_port
from instruments.jackd import can_be_realtime, client_environment, jackd, needs_jack
from instruments.network import NetworkDaemon
from instruments.osc_client import OscClient

from masterd.control.client import Client

TESTS = Path(__file__).parents[1]
UNIT = TESTS.parent / "systemd" / "masterd@.service"
FILTERED = [sys.executable, "-m", "instruments.unit_filter", str(UNIT)]
CONFIG = """\
[midi]
on = true
[osc]
on = true
port = {osc}
[metrics]
on = true
port = {metrics}
[record]
session = "{sessions}"
[monitor]
on = true
host = "simulated"
path = "{heard}"
"""

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze (Debian package systemd)")
pytestmark = [pytest.mark.jack, needs_jack, needs_systemd]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*FILTERED, *command], capture_output=True, text=True, cwd=TESTS, timeout=60)


def test_the_filter_filters(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert run("stat", str(tmp_path / "file")).returncode == 0
    refused = run("chown", "0", str(tmp_path / "file"))
    assert refused.returncode != 0
    assert "Operation not permitted" in refused.stderr


def test_everything_works_under_it(tmp_path: Path) -> None:
    osc, metrics = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
    config = CONFIG.format(osc=osc, metrics=metrics, sessions=tmp_path / "sessions", heard=tmp_path / "heard.wav")
    with jackd() as server:
        here = client_environment(server.name) | {"PYTHONPATH": str(TESTS)}
        with NetworkDaemon(config, "announce = true", host="jack", environment=here, within=FILTERED) as daemon:
            with Client(daemon.address("operator")) as client:
                client.set({"limiter.drive_db": 3.0})
                client.preset_save("late show")
                eventually(lambda: '"limiter.drive_db":3.0' in written(daemon.state_folder / "state.json"))
                assert list((daemon.state_folder / "presets").iterdir())
                eventually(lambda: client.midi_list().processes)
                eventually(lambda: b"masterd_up 1.0" in scraped(metrics))
                with OscClient(osc) as surface:
                    eventually(lambda: turned(surface, client))
                refused = [] if can_be_realtime() else ["realtime_refused"]
                eventually(lambda: client.status().alarms == refused)
                status = client.status()
                assert status.state == "running"
                assert status.realtime == status.memory_locked == can_be_realtime()
            assert daemon.stop() == 0
            assert "not permitted" not in daemon.log
    assert (tmp_path / "heard.wav").stat().st_size > 44
    assert list((tmp_path / "sessions").glob("*/*"))


def written(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def scraped(port: int) -> bytes:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
            page: bytes = answer.read()
            return page
    except OSError:
        return b""


def turned(surface: OscClient, client: Client) -> bool:
    surface.send("/eq/1/gain_db", 2.0)
    return client.get("eq.1.gain_db") == {"eq.1.gain_db": 2.0}
