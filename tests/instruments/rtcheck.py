"""Builds the real-time checker (tests/system/rtcheck), runs a process under it, and reads what it noted.

run = watch([sys.executable, "scenario.py"])        # or watch(..., seed="malloc")
assert run.violations == []
"""

from __future__ import annotations

import ctypes
import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "tests" / "system" / "rtcheck"
BUILT = ROOT / "build" / "rtcheck"
CFLAGS = ["-O1", "-g", "-shared", "-fPIC", "-fno-builtin", "-Wall", "-Wextra", "-Werror", "-Wno-missing-field-initializers"]

PR_SET_SYSCALL_USER_DISPATCH, DISPATCH_OFF = 59, 0


def why_not() -> str:
    """Why the checker cannot run here; empty when it can."""
    if platform.system() != "Linux" or platform.machine() != "x86_64" or platform.libc_ver()[0] != "glibc":
        return "the checker is for x86-64 Linux with glibc"
    if ctypes.CDLL(None).prctl(PR_SET_SYSCALL_USER_DISPATCH, DISPATCH_OFF, 0, 0, 0) != 0:
        return "the kernel has no Syscall User Dispatch (Linux 5.11)"
    return ""


needs_rtcheck = pytest.mark.skipif(bool(why_not()), reason=why_not() or "can run")


@dataclass
class Run:
    """What a watched process did on its audio threads."""

    output: str
    blocks: int
    violations: list[str]

    @property
    def but_page_faults(self) -> list[str]:
        return [violation for violation in self.violations if not violation.startswith("page fault")]


def library(name: str) -> Path:
    """The built library, made anew when its source is younger."""
    source, built = SOURCES / f"{name}.c", BUILT / f"{name}.so"
    if not built.exists() or built.stat().st_mtime < source.stat().st_mtime:
        BUILT.mkdir(parents=True, exist_ok=True)
        partial = built.with_suffix(f".{os.getpid()}")
        subprocess.run(["cc", *CFLAGS, str(source), "-o", str(partial), "-ldl"], check=True)
        partial.rename(built)
    return built


def environment(log: Path, seed: str = "") -> dict[str, str]:
    """What a process that is to be watched needs; `seed` names a violation of seeds.c that one block then commits."""
    libraries = [library("rtcheck"), *([library("seeds")] if seed else [])]
    env = {"LD_PRELOAD": " ".join(map(str, libraries)), "RTCHECK_LOG": str(log)}
    return env | ({"RTCHECK_SEED": seed} if seed else {})


def read(log: Path, output: str) -> Run:
    *violations, last = log.read_text().splitlines()
    _, blocks, _, count = last.split()
    assert int(count) >= len(violations)
    return Run(output, int(blocks), violations)


def watch(command: list[str], log: Path, seed: str = "", env: dict[str, str] | None = None) -> Run:
    """Runs `command` to its end, which must be a good one."""
    done = subprocess.run(command, env=(env or os.environ) | environment(log, seed), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return read(log, done.stdout)
