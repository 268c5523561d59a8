"""A minute of the fuzzer, clean (FUZZ_SECONDS; CI takes two); and kernels broken on purpose. scripts/fuzz is the long form."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = os.environ.get("FUZZ_SECONDS", "60")
BUILT = ROOT / "build/fuzz/native-tests"

pytestmark = [
    pytest.mark.skipif(not shutil.which("clang"), reason="clang is not installed (Debian: clang, libclang-rt-14-dev)"),
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def built() -> Path:
    for command in (["cmake", "--preset", "fuzz"], ["cmake", "--build", "--preset", "fuzz"]):
        subprocess.run(command, cwd=ROOT / "native", check=True, stdout=subprocess.DEVNULL)
    return BUILT


def test_nothing_breaks_the_engine(built, tmp_path):
    done = subprocess.run(
        [ROOT / "scripts/fuzz", SECONDS], env=os.environ | {"CORPUS": str(tmp_path)}, capture_output=True, text=True
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout
    assert "DONE" in done.stdout


@pytest.mark.parametrize(("seed", "claim"), [("nan", "isfinite"), ("ceiling", "<= ceiling"), ("stuck", "like.in_out")])
def test_a_broken_kernel_is_found(built, tmp_path, seed, claim):
    options = ["-seed=1", "-runs=20000", "-max_total_time=120", "-max_len=512", "-len_control=0", f"-artifact_prefix={tmp_path}/"]
    command = [built / f"fuzz_seed_{seed}", *options, str(tmp_path), ROOT / "tests/native/corpus"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode != 0
    assert claim in done.stderr.partition("not true: ")[2].partition("\n")[0]
