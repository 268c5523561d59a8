"""Surfaces in processes of their own beside the daemon, clients like any other: started with it, restarted when they die."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from masterd.daemon.config import Config
from masterd.daemon.config_tables import MetricsTable, OscTable
from masterd.daemon.desk import Desk

BACK_OFF_S = (1.0, 60.0)
STOP_WITHIN_S = 0.5
STEADY_S = 3.0


@dataclass(frozen=True, slots=True)
class Companion:
    """One of them: its name for people, and what of `masterctl` it is. Its alarm is `midi_stopped`, say."""

    name: str
    arguments: tuple[str, ...]

    @property
    def alarm(self) -> str:
        """The code of its alarm."""
        return f"{self.name.lower()}_stopped"

    def command(self, daemon: str) -> list[str]:
        """What starts it for the daemon of that name, which is this process."""
        return [sys.executable, "-m", "masterd.control.cli.companion", str(os.getpid()), "--name", daemon, *self.arguments]


def companions(config: Config) -> Iterator[Companion]:
    """Those that the configuration asks for."""
    if config.midi.on:
        maps = [word for map in config.midi.map if map for word in ("--map", map)]
        yield Companion("MIDI", ("midi", "run", *maps))
    if config.osc.on:
        unsafe = ["--allow-unsafe"] if config.osc.allow_unsafe else []
        yield Companion("OSC", ("osc", *listening(config.osc), *unsafe))
    if config.metrics.on:
        corridor = ["--corridor", *map(str, config.metrics.corridor_lufs)] if config.metrics.corridor_lufs else []
        yield Companion("metrics", ("metrics", *listening(config.metrics), *corridor))
    if config.network.on and config.network.announce:
        yield Companion("mDNS", ("announce", "--listen", config.network.address, "--port", str(config.network.port)))


def listening(table: OscTable | MetricsTable) -> list[str]:
    """Where it listens, and to whom."""
    allow = [word for network in table.allow for word in ("--allow", network)]
    return ["--listen", table.listen, "--port", str(table.port), *allow]


async def keep(companion: Companion, desk: Desk) -> None:
    """Keeps its process running until cancelled, then stops it. The alarm stands from an end until one runs steadily."""
    wait_s = BACK_OFF_S[0]
    while True:
        process = await asyncio.create_subprocess_exec(*companion.command(desk.name), stdin=asyncio.subprocess.DEVNULL)
        try:
            code = await ended(process, STEADY_S)
            if code is None:
                desk.health.set(companion.alarm, None)
                wait_s = BACK_OFF_S[0]
                code = await process.wait()
        finally:
            await stop(process)
        what = f"the {companion.name} process ended with code {code}; it is started again. Its output says why"
        desk.health.set(companion.alarm, what)
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, BACK_OFF_S[1])


async def ended(process: asyncio.subprocess.Process, within_s: float) -> int | None:
    """The exit code, or None when it still runs after that time."""
    try:
        return await asyncio.wait_for(process.wait(), within_s)
    except TimeoutError:
        return None


async def stop(process: asyncio.subprocess.Process) -> None:
    """SIGTERM, and SIGKILL after STOP_WITHIN_S."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
        if await ended(process, STOP_WITHIN_S) is None:
            process.kill()
            await process.wait()
