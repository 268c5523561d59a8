"""MIDI runs as a process of its own beside the daemon, a client like any other: started with it, restarted when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys

from masterd.daemon.desk import Desk

BACK_OFF_S = (1.0, 60.0)
STOP_WITHIN_S = 0.5


def command(name: str, map: str) -> list[str]:
    """What starts it; where setpriv is installed it also ends when the daemon is killed."""
    run = [sys.executable, "-m", "masterd.control.midi", "--name", name]
    tied = [setpriv, "--pdeathsig", "TERM", "--"] if (setpriv := shutil.which("setpriv")) else []
    return [*tied, *run, *(["--map", map] if map else [])]


async def keep_midi(desk: Desk) -> None:
    """Keeps the MIDI process running until cancelled, then stops it."""
    wait_s, loop = BACK_OFF_S[0], asyncio.get_running_loop()
    while True:
        started = loop.time()
        process = await asyncio.create_subprocess_exec(
            *command(desk.name, desk.config.midi.map), stdin=asyncio.subprocess.DEVNULL
        )
        try:
            code = await process.wait()
        finally:
            await stop(process)
        wait_s = BACK_OFF_S[0] if loop.time() - started > BACK_OFF_S[1] else min(2 * wait_s, BACK_OFF_S[1])
        desk.health.set("midi_stopped", f"the MIDI process ended with code {code}; it is started again")
        await asyncio.sleep(wait_s)
        desk.health.set("midi_stopped", None)


async def stop(process: asyncio.subprocess.Process) -> None:
    """SIGTERM, and SIGKILL after STOP_WITHIN_S."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
        except TimeoutError:
            process.kill()
            await process.wait()
