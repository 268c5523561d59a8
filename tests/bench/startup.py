"""A cold start: from exec to READY, which the daemon sends after the first processed block, and the memory it then holds."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def one_start() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        address = f"{folder}/notify"
        notify.bind(address)
        notify.settimeout(30)
        places = {f"MASTERD_{place}_DIR": f"{folder}/{place.lower()}" for place in ("RUNTIME", "STATE", "CONFIG")}
        began = time.monotonic()
        daemon = subprocess.Popen(
            [Path(sys.executable).parent / "masterd", "run", "--host", "simulated"],
            env=os.environ | places | {"NOTIFY_SOCKET": address},
            stdout=subprocess.DEVNULL,
        )
        try:
            while b"READY=1" not in notify.recv(4096):
                pass
            ready_ms = (time.monotonic() - began) * 1000
            return {"ready_ms": ready_ms, "memory_mb": memory_mb(daemon.pid)}
        finally:
            daemon.terminate()
            daemon.wait(10)


def run(times: int = 5) -> dict[str, float]:
    """Medians over some starts."""
    starts = [one_start() for _ in range(times)]
    return {key: statistics.median(start[key] for start in starts) for key in starts[0]}
