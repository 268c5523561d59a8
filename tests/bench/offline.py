"""masterd render and measure as whole processes, start of Python and all: how many times faster than real time."""

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


def timed(*words: object, seconds: float = 60 * MINUTES) -> Figures:
    """Times real time: by the processor's time of all its processes, and by the clock on the wall."""
    command = [Path(sys.executable).parent / "masterd", *words]
    began, used = time.perf_counter(), os.times()
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
    took, now = time.perf_counter() - began, os.times()
    return {"by_cpu": seconds / (now.children_user - used.children_user), "by_clock": seconds / took}


def once(folder: Path) -> dict[str, Figures]:
    """Every way to work on files."""
    source, target = folder / "in" / "1.wav", folder / "out.wav"
    chains = {"flat": defaults(), "reference chain": scenes.reference(), "everything on": scenes.everything()}
    figures = {name: timed("render", source, "-o", target, "--force", *settings(values)) for name, values in chains.items()}
    reference = settings(scenes.reference())
    figures["reference chain, to -14 LUFS"] = timed("render", source, "-o", target, "--force", "--target", "-14", *reference)
    figures["reference chain, a folder of four"] = timed(
        "render", folder / "in", "-o", f"{folder}/out/", "--force", *reference, seconds=4 * 60 * MINUTES
    )
    figures["measured, with the spectrum"] = timed("measure", source)
    figures["measured, without it"] = timed("measure", source, "--no-spectrum")
    return figures


def run() -> dict[str, Figures]:
    """The best of some rounds: what else runs on the machine only ever slows."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "in").mkdir()
        three_minutes(Path(folder) / "in" / "1.wav")
        for number in (2, 3, 4):
            os.link(Path(folder) / "in" / "1.wav", Path(folder) / "in" / f"{number}.wav")
        rounds = [once(Path(folder)) for _ in range(ROUNDS)]
    return {name: {key: max(one[name][key] for one in rounds) for key in rounds[0][name]} for name in rounds[0]}


def table(figures: dict[str, Figures]) -> str:
    lines = ["| files, 3 min each | x real time by user CPU | by the clock |", "|---|---|---|"]
    return "\n".join(lines + [f"| {name} | {it['by_cpu']:.0f} | {it['by_clock']:.0f} |" for name, it in figures.items()])
