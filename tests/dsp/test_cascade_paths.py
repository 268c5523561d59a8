"""The vector code and the plain C of the cascade are one arithmetic: same bits, whatever the processor offers."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from instruments.signals import noise

from masterd.native import ffi, lib

NATIVE = Path(__file__).parents[2] / "native"
SOURCES = ("cascade", "matched", "matched_fit", "eq", "eq_design", "eq_dynamics", "eq_dynamics_design", "compressor_design")
FLAGS = (
    "-std=c11",
    "-shared",
    "-fPIC",
    "-ffp-contract=off",
    "-DMASTERD_PLAIN",
    f"-I{NATIVE / 'parts'}",
    f"-I{NATIVE / 'kernels'}",
)
COMPILER = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


@pytest.mark.skipif(COMPILER is None or not (NATIVE / "kernels").is_dir(), reason="needs the C sources and a compiler")
@pytest.mark.parametrize("optimisation", ["-O0", "-O3"])
def test_plain_c_gives_the_same_bits(tmp_path, optimisation):
    library = tmp_path / "plain.so"
    sources = [str(NATIVE / "kernels" / f"{name}.c") for name in SOURCES]
    subprocess.run([COMPILER, optimisation, *FLAGS, *sources, "-lm", "-o", str(library)], check=True)
    plain = ffi.dlopen(str(library))
    assert np.array_equal(run(lib), run(plain))
    ffi.dlclose(plain)


def run(kernels) -> np.ndarray:
    """Sixteen bands of all types and channels, settled and moving, designed by the installed library, processed by `kernels`."""
    params, coefs, state = ffi.new("eq_params *", {"on": 1}), ffi.new("eq_coefs *"), ffi.new("eq *")
    kernels.eq_reset(state)
    signal = noise(0.5, -6)
    left, right = (np.ascontiguousarray(signal[:, i]) for i in (0, 1))
    for serial, at in enumerate(range(0, len(left), 4000), 1):
        for i, band in enumerate(params.band):
            band.on, band.type, band.channel = (i + serial) % 4 != 0, (i + serial // 3) % 9, (i + serial // 2) % 5
            band.dynamic, band.detector, band.threshold_db, band.ratio = i % 3 != 0, i % 2, -40, 3
            band.range_db, band.attack_ms, band.release_ms = 2 * serial - 9, 1 + i, 20
            band.slope_db_per_oct, band.frequency_hz, band.gain_db, band.q = i % 9, 30 * 1.5**i + 10 * serial, serial - 3, 0.7
        lib.eq_design(coefs, params, ffi.new("stream_format *", {"sample_rate_hz": 48000}))
        coefs.change.serial, coefs.change.ramp_frames = serial, 1500
        parts = (ffi.cast("double *", channel[at:].ctypes.data) for channel in (left, right))
        kernels.eq_process(state, coefs, *parts, min(4000, len(left) - at))
    return np.stack([left, right])
