"""MIDI runs as a process of its own beside the daemon, a client like any other: started with it, restarted when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
from collections.abc import Iterable

from masterd.daemon.desk import Desk

BACK_OFF_S = (1.0, 60.0)
STOP_WITHIN_S = 0.5
STEADY_S = 3.0


def command(name: str, maps: Iterable[str]) -> list[str]:
    """What starts it; where setpriv is installed it also ends when the daemon is killed."""
    run = [sys.executable, "-m", "masterd.control.midi", "--name", name]
    tied = [setpriv, "--pdeathsig", "TERM", "--"] if (setpriv := shutil.which("setpriv")) else []
    return [*tied, *run, *(word for map in maps if map for word in ("--map", map))]


async def keep_midi(desk: Desk) -> None:
    """Keeps the MIDI process running until cancelled, then stops it. The alarm stands from an end until one runs steadily."""
    wait_s = BACK_OFF_S[0]
    while True:
        process = await asyncio.create_subprocess_exec(
            *command(desk.name, desk.config.midi.map), stdin=asyncio.subprocess.DEVNULL
        )
        try:
            code = await ended(process, STEADY_S)
            if code is None:
                desk.health.set("midi_stopped", None)
                wait_s = BACK_OFF_S[0]
                code = await process.wait()
        finally:
            await stop(process)
        desk.health.set("midi_stopped", f"the MIDI process ended with code {code}; it is started again. Its output says why")
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
