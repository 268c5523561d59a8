"""The kernels on AArch64: cross-compiled, run by qemu-user, and compared with this processor.

From the same coefs every kernel gives the same bits: there is no contraction to FMA, no library function on the audio thread,
and sums keep their order. Coefs designed over there may differ where the two C libraries round pow, exp or tan differently by
the last bit. Measured: five bytes of the coefs of six sets, and 2e-17 of the peak in one equaliser; held to 1e-13 of the peak
where the equaliser is in it, 1e-14 elsewhere.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
QEMU = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"]
MISSING = [tool for tool in ("aarch64-linux-gnu-gcc", "qemu-aarch64") if not shutil.which(tool)]
BOUND = {"eq": 1e-13, "chain": 1e-13}

pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {MISSING}; scripts/setup test has the packages"),
    pytest.mark.slow,
]


def build(preset: str, *targets: str) -> Path:
    configure = ["cmake", "--preset", preset]
    compile = ["cmake", "--build", "--preset", preset, *(["--target", *targets] if targets else [])]
    for command in (configure, compile):
        subprocess.run(command, cwd=ROOT / "native", check=True, stdout=subprocess.DEVNULL)
    return ROOT / "build" / preset / "native-tests/kernel_outputs"


class Machine:
    """kernel_outputs on one processor."""

    def __init__(self, command: list[str], folder: Path):
        self.command, self.folder = command, folder
        self.coefs, self.count = folder / "coefs", 0

    def design(self) -> str:
        return self.run("design", self.coefs)

    def process(self, coefs: Path) -> dict[str, np.ndarray]:
        """By kernel: sets x channels x frames."""
        self.count += 1
        out = self.folder / f"out{self.count}"
        _, sets, frames, *names = self.run("process", coefs, out).split()
        samples = np.fromfile(out).reshape(int(sets), len(names), 2, int(frames))
        return {name: samples[:, at] for at, name in enumerate(names)}

    def run(self, *words: str | Path) -> str:
        return subprocess.run([*self.command, *map(str, words)], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def machines(tmp_path_factory) -> tuple[Machine, Machine]:
    here, there = build("native", "kernel_outputs"), build("aarch64")
    return (
        Machine([str(here)], tmp_path_factory.mktemp("here")),
        Machine([*QEMU, str(there)], tmp_path_factory.mktemp("there")),
    )


def test_native_tests_pass(machines):
    done = subprocess.run(
        ["ctest", "--preset", "aarch64", "-j", "2"],
        cwd=ROOT / "native",
        env=os.environ | {"TAPES": os.environ.get("TAPES", "4"), "FEW": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "100% tests passed" in done.stdout


@pytest.mark.skipif(platform.machine() != "x86_64", reason="compares with x86-64")
def test_the_same_coefs_give_the_same_bits(machines):
    here, there = machines
    assert here.design() == there.design()
    ours, theirs = here.process(here.coefs), there.process(here.coefs)
    for kernel, samples in ours.items():
        assert np.isfinite(samples).all()
        assert np.ptp(samples, axis=-1).min() > 0, f"{kernel} gave nothing"
        assert samples.tobytes() == theirs[kernel].tobytes(), kernel


@pytest.mark.skipif(platform.machine() != "x86_64", reason="compares with x86-64")
def test_own_coefs_stay_within_the_bound(machines):
    here, there = machines
    here.design(), there.design()
    ours, theirs = here.process(here.coefs), there.process(there.coefs)
    for kernel, samples in ours.items():
        error = np.abs(samples - theirs[kernel]).max() / np.abs(samples).max()
        assert error <= BOUND.get(kernel, 1e-14), (kernel, error)
