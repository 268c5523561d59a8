"""Where a daemon's sockets, state and configuration live, by its name; daemon and clients share these rules.

systemd's directories win (RUNTIME_DIRECTORY, STATE_DIRECTORY, CONFIGURATION_DIRECTORY), then XDG's, then for root the system's.
"""

from __future__ import annotations

import os
from pathlib import Path

DEFAULT_NAME = "main"
IPC_PATH_BYTES = 107  # what a Unix socket address holds


def runtime_directory(name: str = DEFAULT_NAME) -> Path:
    """Folder of the sockets `ctl`, `events` and `meters`, and of the lock; MASTERD_RUNTIME_DIR overrides it, as tests do."""
    if given := os.environ.get("MASTERD_RUNTIME_DIR"):
        return Path(given) / name
    if systemd := os.environ.get("RUNTIME_DIRECTORY"):
        return Path(systemd.split(":")[0])
    if os.geteuid() == 0:
        return Path("/run/masterd") / name
    xdg = os.environ.get("XDG_RUNTIME_DIR")
    return (Path(xdg) / "masterd" if xdg else Path(f"/tmp/masterd-{os.geteuid()}")) / name


def endpoint(name: str, socket: str) -> str:
    """ZeroMQ address of `ctl`, `events` or `meters` of the daemon `name` on this machine."""
    path = runtime_directory(name) / socket
    if len(bytes(path)) > IPC_PATH_BYTES:
        raise ValueError(f"{path}: longer than the {IPC_PATH_BYTES} bytes a Unix socket address holds")
    return f"ipc://{path}"


def state_directory(name: str = DEFAULT_NAME) -> Path:
    """Folder of the saved state and the user's presets; MASTERD_STATE_DIR overrides it."""
    if given := os.environ.get("MASTERD_STATE_DIR"):
        return Path(given) / name
    if systemd := os.environ.get("STATE_DIRECTORY"):
        return Path(systemd.split(":")[0])
    if os.geteuid() == 0:
        return Path("/var/lib/masterd") / name
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "masterd" / name


def config_directory() -> Path:
    """Folder of NAME.toml and of MIDI maps; MASTERD_CONFIG_DIR overrides it."""
    if given := os.environ.get("MASTERD_CONFIG_DIR"):
        return Path(given)
    if systemd := os.environ.get("CONFIGURATION_DIRECTORY"):
        return Path(systemd.split(":")[0])
    if os.geteuid() == 0:
        return Path("/etc/masterd")
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "masterd"
