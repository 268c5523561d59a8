"""Nanoseconds and instructions per stereo frame: every kernel, chain, engine and peers from Debian, in one interleaved run."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import soundfile

from masterd.control.parameters import Value, defaults
from masterd.daemon.params import fill
from masterd.native import ffi

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build/bench"
MUSIC = Path("/usr/share/games/asc/music/machine_wars.mp3")  # Debian package asc-music
RATE_HZ = 48000
BLOCKS = (64, 512)


def busy_chain() -> dict[str, Value]:
    """Ten bells, five bands, a compressor that compresses, a limiter that limits: what the peers are set to as well."""
    values = defaults()
    for band in range(1, 11):
        values |= {f"eq.{band}.on": True, f"eq.{band}.gain_db": 4.0 if band % 2 else -4.0, f"eq.{band}.q": 1.0}
    for band in range(1, 7):
        values |= {f"multiband.{band}.threshold_db": -24.0, f"multiband.{band}.ratio": 3.0}
    return values | {
        "multiband.on": True,
        "compressor.on": True,
        "compressor.threshold_db": -24.0,
        "compressor.ratio": 3.0,
        "limiter.drive_db": 6.0,
    }


def compile_bench() -> Path:
    """The C program with our kernels and the peers in it."""
    BUILD.mkdir(parents=True, exist_ok=True)
    program = BUILD / "bench"
    native = ROOT / "native"
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "lilv-0"], check=True, capture_output=True, text=True
    ).stdout.split()
    sources = [*HERE.glob("*.c"), *native.glob("kernels/*.c"), *native.glob("engine/*.c")]
    includes = [f"-I{native / room}" for room in ("parts", "kernels", "engine")]
    options = ["-std=gnu11", "-O3", "-DNDEBUG", "-g", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-Wno-psabi"]
    subprocess.run(
        ["cc", *options, *includes, *map(str, sources), "-o", str(program), "-lm", "-ldl", "-lebur128", *flags], check=True
    )
    return program


def prepare() -> tuple[Path, Path]:
    """Music as raw float32 at full scale, and the parameters as the C struct."""
    music, params = BUILD / "music.f32", BUILD / "params.bin"
    samples, _ = soundfile.read(MUSIC, frames=22050 * 60, dtype="float32", always_2d=True)
    stereo = np.ascontiguousarray(np.broadcast_to(samples, (len(samples), 2)) if samples.shape[1] == 1 else samples[:, :2])
    (stereo / np.abs(stereo).max()).tofile(music)
    struct = ffi.new("chain_params *")
    fill(struct, busy_chain())
    params.write_bytes(bytes(ffi.buffer(struct)))
    return music, params


def times(program: Path, music: Path, params: Path, block: int, seconds: float) -> list[dict]:
    """One interleaved run; rows of median, mean and p99 in ns per frame."""
    command = [program, RATE_HZ, block, seconds, music, params]
    out = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout
    rows = [json.loads(line) for line in out.splitlines()]
    idle = [row["name"] for row in rows if row["changed"] < 1e-4 and row["group"] not in ("meter", "input", "output")]
    if idle:
        raise SystemExit(f"bench: these left the music as it was, so their time means nothing: {', '.join(idle)}")
    return rows


def instructions(program: Path, music: Path, params: Path, name: str, block: int) -> float:
    """Instructions per frame, by callgrind: the same at every run."""
    seconds = 2
    collect = ["valgrind", "--tool=callgrind", "--toggle-collect=work_run", "--callgrind-out-file=/dev/null"]
    command = [*collect, program, RATE_HZ, block, seconds, music, params, name]
    done = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
    total = int(re.search(r"Collected : (\d+)", done.stderr).group(1))
    return total / (seconds * RATE_HZ // 16384 * 16384)


def run(seconds: float = 20, count_instructions: bool = True) -> list[dict]:
    """All rows, with `instructions` per frame where asked for."""
    program = compile_bench()
    music, params = prepare()
    rows = [row for block in BLOCKS for row in times(program, music, params, block, seconds)]
    if count_instructions:
        for row in rows:
            row["instructions"] = instructions(program, music, params, row["name"], row["block"])
    return rows


def table(rows: list[dict]) -> str:
    """The rows for people, peers beside ours."""
    lines = ["| work | block | median ns/frame | mean | p99 | instructions/frame |", "|---|---|---|---|---|---|"]
    for row in sorted(rows, key=lambda row: (row["group"], row["block"], row["median_ns"])):
        counted = f"{row['instructions']:.1f}" if "instructions" in row else ""
        times = " | ".join(f"{row[key]:.1f}" for key in ("median_ns", "mean_ns", "p99_ns"))
        lines.append(f"| {row['name']} | {row['block']} | {times} | {counted} |")
    return "\n".join(lines)
