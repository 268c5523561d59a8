"""masterd render on a very long file: what it holds in memory after a tenth of it, and at its end."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 48000
FRAME_BYTES = 4
BLANK_S = 1


def long_file(path: Path, hours: float) -> Path:
    """16-bit stereo silence in a Wave64 that takes no room on the disk: its header is told how long it is, the rest is a hole."""
    soundfile.write(path, np.zeros((BLANK_S * RATE_HZ, 2)), RATE_HZ, "PCM_16", format="W64")
    frames = round(hours * 3600 * RATE_HZ)
    with path.open("r+b") as file:
        head = bytearray(file.read(4096))
        at = head.index(b"data\xf3\xac\xd3\x11") + 16  # the rest of the GUID, then the size of the chunk, its head included
        head[at : at + 8] = (24 + frames * FRAME_BYTES).to_bytes(8, "little")
        whole = at + 8 + frames * FRAME_BYTES
        head[16:24] = whole.to_bytes(8, "little")
        file.seek(0)
        file.write(head)
        file.truncate(whole)
    return path


def resident_mb(pid: int) -> float:
    """What the process holds now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def run(hours: float) -> dict[str, float]:
    """Megabytes early and late, and times real time."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = long_file(Path(folder) / "long.w64", hours), Path(folder) / "out.flac"
        command = [Path(sys.executable).parent / "masterd", "render", source, "-o", target, "--dither", "none", "-j", "1"]
        began, readings = time.monotonic(), []
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
        while process.poll() is None:
            readings.append(resident_mb(process.pid))
            time.sleep(0.2)
        took = time.monotonic() - began
        frames = soundfile.info(target).frames
    steady = [reading for reading in readings if reading]
    early, late = steady[len(steady) // 10 :][0], max(steady[-len(steady) // 10 :])
    return {"hours": frames / RATE_HZ / 3600, "early_mb": early, "late_mb": late, "by_clock": hours * 3600 / took}


def line(figures: dict[str, float]) -> str:
    """One line of a report."""
    early = f"{figures['early_mb']:.0f} MB after a tenth of {figures['hours']:.1f} h"
    return f"memory: {early}, {figures['late_mb']:.0f} MB at the end, {figures['by_clock']:.0f} times real time"


if __name__ == "__main__":
    print(line(run(float(sys.argv[1]))))
