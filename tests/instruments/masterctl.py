"""`masterctl` as a person types it, against a daemon of a test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from instruments.daemon import Daemon

MASTERCTL = [sys.executable, "-m", "masterd.control.cli.main"]


def masterctl(daemon: Daemon, *arguments: str) -> str:
    """What it printed; the test fails when it failed."""
    command = [*MASTERCTL, *arguments]
    done = subprocess.run(command, env=os.environ | daemon.here(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


def status(daemon: Daemon) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(masterctl(daemon, "status", "--json"))
    return said
