"""Nanoseconds and instructions per stereo frame: every kernel, chain, engine and peers from Debian, in one interleaved run."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from bench import scenes

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build/bench"
MUSIC = Path("/usr/share/games/asc/music/machine_wars.mp3")  # Debian package asc-music
RATE_HZ, FAST_RATE_HZ = 48000, 192000
BLOCKS = (64, 512)
PEERS = ("ladspa.c", "lv2.c", "ebur128_peer.c")
COUNTED_SECONDS = 1
FLAGS = ("-std=gnu11", "-O3", "-DNDEBUG", "-g", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-Wno-psabi")

Row = dict[str, Any]


def compile_bench(peers: bool = True) -> Path:
    """The C program with our kernels in it, and the peers."""
    BUILD.mkdir(parents=True, exist_ok=True)
    program = BUILD / ("bench" if peers else "bench_ours")
    native = ROOT / "native"
    programs = [file for file in HERE.glob("*.c") if peers or file.name not in PEERS]
    sources = [*native.glob("kernels/*.c"), *native.glob("engine/*.c"), *programs]
    includes = [f"-I{native / room}" for room in ("parts", "kernels", "engine")]
    libraries = ["-lm", *(["-ldl", "-lebur128", *lilv()] if peers else [])]
    subprocess.run(["cc", *FLAGS, *includes, *map(str, sorted(sources)), "-o", str(program), *libraries], check=True)
    return program


def lilv() -> list[str]:
    """What it takes to compile and link a host of LV2 plug-ins."""
    command = ["pkg-config", "--cflags", "--libs", "lilv-0"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def prepare() -> tuple[Path, Path]:
    """Music as raw float32 at full scale, and the parameters as C structs."""
    music, params = BUILD / "music.f32", BUILD / "params.bin"
    samples, _ = soundfile.read(MUSIC, frames=22050 * 60, dtype="float32", always_2d=True)
    stereo = np.ascontiguousarray(np.broadcast_to(samples, (len(samples), 2)) if samples.shape[1] == 1 else samples[:, :2])
    (stereo / np.abs(stereo).max()).tofile(music)
    params.write_bytes(scenes.packed())
    return music, params


def times(program: Path, block: int, seconds: float, rate_hz: int = RATE_HZ, only: str = "") -> list[Row]:
    """One interleaved run; rows of median, mean, p99 and p99.9 in ns per frame."""
    command = [program, rate_hz, block, seconds, *prepare(), only]
    out = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout
    rows = [json.loads(line) for line in out.splitlines()]
    check_that_they_work(rows)
    return [{**row, "rate_hz": rate_hz} for row in rows]


def check_that_they_work(rows: list[Row]) -> None:
    """A plug-in that does nothing is fast."""
    meters = ("meter", "measuring", "machine", "output")
    idle = [row["name"] for row in rows if row["changed"] < 1e-4 and row["group"] not in meters and row["variant"] != "silence"]
    if idle:
        raise SystemExit(f"bench: these left the music as it was, so their time means nothing: {', '.join(idle)}")


def instructions(program: Path, block: int) -> list[Row]:
    """Instructions per frame of all that is ours, by callgrind: the same at every run of the same program."""
    with tempfile.TemporaryDirectory() as folder:
        dumps = Path(folder) / "dump"
        collect = ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--toggle-collect=work_run"]
        collect += [f"--callgrind-out-file={dumps}"]
        command = [*collect, program, RATE_HZ, block, COUNTED_SECONDS, *prepare(), "masterd"]
        done = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
        machine = json.loads(done.stdout)
        if not machine["v3"]:
            raise SystemExit("bench: valgrind does not offer x86-64-v3 here: the counts would be of the plain copies of the code")
        return [counted(dump.read_text(), machine["frames"], block) for dump in sorted(Path(folder).glob("dump.*"))]


def counted(dump: str, frames: int, block: int) -> Row:
    trigger = re.search(r"^desc: Trigger: Client Request: (.*)\|(.*)$", dump, re.M)
    totals = re.search(r"^(?:totals|summary): (\d+)", dump, re.M)
    if not (trigger and totals):
        raise SystemExit(f"bench: callgrind left something else: {dump[:200]}")
    return {"name": trigger[1], "variant": trigger[2], "block": block, "instructions": int(totals[1]) / frames}


def compiler() -> str:
    """The compiler the counts belong to."""
    return subprocess.run(["cc", "--version"], check=True, capture_output=True, text=True).stdout.splitlines()[0]


def run(seconds: float = 20) -> list[Row]:
    """All rows, ours and the peers', at 48 kHz; the engine and the canary beside it at 192 kHz too."""
    program = compile_bench()
    rows = [row for block in BLOCKS for row in times(program, block, seconds)]
    fast = times(program, 64, seconds / 2, FAST_RATE_HZ, "masterd engine") + times(
        program, 64, seconds / 2, FAST_RATE_HZ, "canary"
    )
    return rows + fast


def table(rows: list[Row]) -> str:
    """The rows for people, peers beside ours."""
    lines = ["| work | variant | kHz | block | median ns/frame | mean | p99 | p99.9 |", "|---|---|---|---|---|---|---|---|"]
    for row in sorted(rows, key=lambda row: (row["rate_hz"], row["block"], row["group"], row["name"], row["variant"])):
        numbers = " | ".join(f"{row[key]:.1f}" for key in ("median_ns", "mean_ns", "p99_ns", "p999_ns"))
        lines.append(f"| {row['name']} | {row['variant']} | {row['rate_hz'] // 1000} | {row['block']} | {numbers} |")
    return "\n".join(lines)
