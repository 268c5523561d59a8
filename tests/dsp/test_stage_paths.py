"""Leveller, stereo stage and input: the dispatched code and the plain C give the same bits, also while everything moves."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from instruments.kernel import Kernel
from instruments.programme import pink

from masterd.control.parameters import PARAMETERS
from masterd.native import ffi, lib

NATIVE = Path(__file__).parents[2] / "native"
STAGES = {
    "agc": ("agc", "agc_detector", "agc_law", "agc_design", "loudness"),
    "stereo": ("stereo", "stereo_design"),
    "input": ("input", "rotator", "repair", "cascade", "matched", "matched_fit"),
}
FLAGS = ("-std=gnu11", "-shared", "-fPIC", "-ffp-contract=off", "-DMASTERD_PLAIN")
COMPILER = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def random_values(name: str, random: np.random.Generator) -> dict:
    """Anything an operator could set on this stage; it is on most of the time."""
    values = {}
    for id, parameter in PARAMETERS.items():
        if id.startswith(f"{name}."):
            kinds = {"number": random.uniform(parameter.min, parameter.max), "switch": bool(random.integers(3))}
            values[id] = kinds.get(parameter.kind) if parameter.kind in kinds else str(random.choice(parameter.choices))
    return values


def run(kernels, name: str, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    kernel, signal = Kernel(name), pink(3, -20, seed=seed)
    left, right = (np.ascontiguousarray(signal[:, i]) for i in (0, 1))
    getattr(kernels, f"{name}_reset")(kernel.state)
    for at in range(0, len(left), 6000):
        values = random_values(name, random)
        if name == "agc":  # it needs 400 ms to hear anything
            values["agc.on"] = at != 96000
        kernel.set(values, int(random.integers(4000)))
        parts = (ffi.cast("double *", channel[at:].ctypes.data) for channel in (left, right))
        getattr(kernels, f"{name}_process")(kernel.state, kernel.own_coefs, *parts, min(6000, len(left) - at))
    out = np.stack([left, right], axis=1)
    assert np.isfinite(out).all()
    assert not np.array_equal(out, signal)
    return out


@pytest.mark.skipif(COMPILER is None or not (NATIVE / "kernels").is_dir(), reason="needs the C sources and a compiler")
@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("optimisation", ["-O0", "-O3"])
def test_plain_c_gives_the_same_bits(tmp_path, name, optimisation):
    library = tmp_path / f"{name}.so"
    sources = [str(NATIVE / "kernels" / f"{source}.c") for source in STAGES[name]]
    includes = [f"-I{NATIVE / room}" for room in ("parts", "kernels")]
    subprocess.run([COMPILER, optimisation, *FLAGS, *includes, *sources, "-lm", "-o", str(library)], check=True)
    plain = ffi.dlopen(str(library))
    for seed in (1, 2, 3):
        print("seed", seed)
        assert np.array_equal(run(lib, name, seed), run(plain, name, seed))
    ffi.dlclose(plain)
