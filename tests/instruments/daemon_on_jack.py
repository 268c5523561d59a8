"""A real `masterd run --host jack` on a private server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from instruments.daemon import Daemon
from instruments.jackd import Server, client_environment


def daemon_on_jack(
    server: Server, preset: str, environment: Mapping[str, str] | None = None, midi_map: Path | None = None, config: str = ""
) -> Daemon:
    """With `preset` from its first block on; with a `midi_map`, its MIDI process runs beside it."""
    tables = [f'[daemon]\npreset = "{preset}"', config]
    tables += [f'[midi]\non = true\nmap = "{midi_map}"'] if midi_map else []
    return Daemon(config="\n".join(tables), host="jack", environment=client_environment(server.name) | dict(environment or {}))
