"""Every C file compiles without a warning: with gcc and clang, with and without run-time dispatch, and for AArch64."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT / "native" / folder for folder in ("parts", "kernels", "engine")]
SOURCES = sorted(path for folder in [*FOLDERS, ROOT / "tests" / "native"] for path in folder.glob("*.c"))
WARNINGS = "-Wall -Wextra -Wconversion -Wshadow -Wdouble-promotion -Werror"
FLAGS = f"-std=gnu11 -O2 -ffp-contract=off -fno-math-errno -fno-trapping-math {WARNINGS} -Wno-psabi".split(" ")
COMPILERS = {
    "gcc": ["gcc"],
    "gcc plain": ["gcc", "-DMASTERD_PLAIN="],
    "clang": ["clang"],
    "clang aarch64": ["clang", "--target=aarch64-linux-gnu", "-nostdlibinc", "-isystem", "/usr/aarch64-linux-gnu/include"],
}


@pytest.mark.parametrize("compiler", COMPILERS)
def test_compiles_without_a_warning(compiler, tmp_path):
    command = COMPILERS[compiler]
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    if "aarch64" in compiler and not Path(command[-1]).exists():
        pytest.skip("no libc headers for AArch64 (Debian: libc6-dev-arm64-cross)")
    subprocess.run([sys.executable, ROOT / "tests/native/param_table.py", tmp_path / "param_rows.inc"], check=True)
    include = [*(f"-I{folder}" for folder in FOLDERS), f"-I{tmp_path}", '-DCORPUS="corpus"']
    said = {}
    for source in SOURCES:
        built = str(tmp_path / f"{source.stem}.o")
        done = subprocess.run([*command, *FLAGS, *include, "-c", str(source), "-o", built], capture_output=True, text=True)
        if done.returncode or done.stderr:
            said[source.name] = done.stderr
    assert said == {}
