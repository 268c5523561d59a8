"""masterd render as a whole process, start of Python and all: how many times faster than real time."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from bench import kernels, scenes
from masterd.control.parameters import Value, defaults

MINUTES = 3
ROUNDS = 3

Figures = dict[str, float]


def three_minutes(file: Path) -> None:
    """24-bit stereo at 48 kHz."""
    music, _ = kernels.prepare()
    samples = np.resize(np.fromfile(music, np.float32).reshape(-1, 2), (MINUTES * 60 * kernels.RATE_HZ, 2))
    soundfile.write(file, samples * 0.99, kernels.RATE_HZ, "PCM_24")


def settings(values: dict[str, Value]) -> list[str]:
    flat = defaults()
    changed = {
        id: "on" if value is True else "off" if value is False else value for id, value in values.items() if value != flat[id]
    }
    return [word for id, value in changed.items() for word in ("--set", f"{id}={value}")]


def render(source: Path, target: Path, values: dict[str, Value]) -> Figures:
    """Times real time: by the processor's time of the process, and by the clock on the wall."""
    masterd = Path(sys.executable).parent / "masterd"
    command = [masterd, "render", source, "-o", target, "--force", *settings(values)]
    began, used = time.perf_counter(), os.times()
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
    took, now = time.perf_counter() - began, os.times()
    return {"by_cpu": 60 * MINUTES / (now.children_user - used.children_user), "by_clock": 60 * MINUTES / took}


def run() -> dict[str, Figures]:
    """The best of some rounds: what else runs on the machine only ever slows."""
    chains = {"flat": defaults(), "reference": scenes.reference(), "everything on": scenes.everything()}
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.wav", Path(folder) / "out.wav"
        three_minutes(source)
        rounds = [{name: render(source, target, values) for name, values in chains.items()} for _ in range(ROUNDS)]
    return {name: {key: max(one[name][key] for one in rounds) for key in rounds[0][name]} for name in chains}


def table(figures: dict[str, Figures]) -> str:
    lines = ["| masterd render, 3 min | x real time by user CPU | by the clock |", "|---|---|---|"]
    return "\n".join(lines + [f"| {name} | {it['by_cpu']:.0f} | {it['by_clock']:.0f} |" for name, it in figures.items()])
