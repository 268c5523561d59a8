"""Plays into JACK ports and records others, sample-aligned, with an own count of xruns: jackplay.c, compiled on first use.

with playing(server, stereo, to=("masterd:in_1", "masterd:in_2"), listen=("masterd:out_1", "masterd:out_2")) as player:
    ...                       # while it plays
    report, heard = player.result()
"""

from __future__ import annotations

import contextlib
import functools
import json
import shutil
import struct
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from instruments.jackd import Server
from instruments.pipewire import Pipewire

SOURCE = Path(__file__).with_name("jackplay.c")
Stereo = npt.NDArray[np.float32]
PORTS_IN, PORTS_OUT = ("masterd:in_1", "masterd:in_2"), ("masterd:out_1", "masterd:out_2")


@functools.cache
def program() -> Path:
    """The compiled jackplay, in a folder that goes when Python ends. Skips the test where there is no compiler or no libjack."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        pytest.skip("no C compiler for jackplay")
    program.folder = tempfile.TemporaryDirectory(prefix="masterd-jackplay-")  # type: ignore[attr-defined]
    out = Path(program.folder.name) / "jackplay"  # type: ignore[attr-defined]
    command = [compiler, "-O2", "-Wall", "-Wextra", "-Werror", str(SOURCE), "-o", str(out), "-l:libjack.so.0", "-lpthread"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and "libjack" in done.stderr:
        pytest.skip("libjack.so.0 is not installed (Debian: libjack-jackd2-0)")
    assert done.returncode == 0, done.stderr
    return out


@dataclass
class Player:
    """A running jackplay."""

    process: subprocess.Popen[str]
    recorded: Path

    def wait_until_playing(self, within_s: float = 20) -> None:
        """Returns when every port is connected and the first frame is on its way."""
        timer = threading.Timer(within_s, self.process.kill)
        timer.start()
        assert self.process.stderr
        said: list[str] = []
        for line in self.process.stderr:
            said.append(line)
            if line.strip() == "playing":
                break
        timer.cancel()
        assert "playing" in "".join(said[-1:]), "".join(said)

    def end(self) -> None:
        """Ends it early; the result is what there is so far."""
        self.process.terminate()

    def result(self, within_s: float = 60) -> tuple[dict[str, Any], Stereo]:
        """Waits for the end: the report, and what was recorded, (frames, 2)."""
        output, said = self.process.communicate(timeout=within_s)
        assert self.process.returncode in (0, 3), said
        heard = np.fromfile(self.recorded, np.float32).reshape(-1, 2) if self.recorded.exists() else np.zeros((0, 2), np.float32)
        return json.loads(output), heard


def midi_file(path: Path, events: Sequence[tuple[int, Sequence[int]]]) -> Path:
    """Events as jackplay_midi.h reads them, by rising frame."""
    path.write_bytes(b"".join(struct.pack("<I3sB", frame, bytes(message), len(message)) for frame, message in events))
    return path


@contextlib.contextmanager
def playing(
    server: Server | Pipewire,
    stereo: Stereo | None,
    to: tuple[str, str] | None = PORTS_IN,
    listen: tuple[str, str] | None = PORTS_OUT,
    *options: str,
    name: str = "jackplay",
    events: Sequence[tuple[int, Sequence[int]]] = (),
) -> Iterator[Player]:
    """A jackplay that plays (frames, 2) float32 until the end of the block at the latest. `options` as jackplay.c lists them.
    `events` are MIDI messages at frames of what is played, sent from the port NAME-play:knob."""
    with tempfile.TemporaryDirectory(prefix="masterd-jackplay-") as folder:
        recorded = Path(folder) / "record.f32"
        command = [str(program()), "--server", server.name, "--name", name, "--record", str(recorded), *options]
        if stereo is not None:
            source = Path(folder) / "play.f32"
            np.ascontiguousarray(stereo, np.float32).tofile(source)
            command += ["--play", str(source)]
        if events:
            command += ["--midi", str(midi_file(Path(folder) / "knob.midi", events))]
        command += ["--to", ",".join(to)] if to else []
        command += ["--from", ",".join(listen)] if listen else []
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(command, env=server.env, text=True, **pipes)  # type: ignore[call-overload]
        try:
            yield Player(process, recorded)
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=3)
            process.kill()
            process.communicate()
