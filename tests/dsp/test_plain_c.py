"""Every processor and meter: dispatched vector code and plain C give the same bits, settled and while everything moves."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from instruments.kernel import Kernel
from instruments.programme import pink

from masterd.control.parameters import PARAMETERS
from masterd.native import ffi, lib

NATIVE = Path(__file__).parents[2] / "native"
STAGES = ("input", "agc", "eq", "stereo", "multiband", "compressor", "clipper", "generator", "limiter", "output")
SEEDS = (1, 2, 3)
STEP_FRAMES = 6000
FLAGS = ("-std=gnu11", "-shared", "-fPIC", "-ffp-contract=off", "-Wno-psabi", "-DMASTERD_PLAIN")
COMPILER = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(COMPILER is None or not (NATIVE / "kernels").is_dir(), reason="needs the C sources and a compiler"),
]


@pytest.fixture(scope="module", params=["-O0", "-O2"])
def plain(request, tmp_path_factory) -> Iterator[object]:
    """All kernels in plain C, beside the installed ones."""
    library = tmp_path_factory.mktemp("plain") / "kernels.so"
    includes = [f"-I{NATIVE / room}" for room in ("parts", "kernels")]
    sources = map(str, sorted(NATIVE.glob("kernels/*.c")))
    subprocess.run([COMPILER, request.param, *FLAGS, *includes, *sources, "-lm", "-o", str(library)], check=True)
    opened = ffi.dlopen(str(library))
    yield opened
    ffi.dlclose(opened)


def random_values(name: str, random: np.random.Generator) -> dict:
    """Anything an operator could set on this stage; its switches are on most of the time."""
    values = {}
    for id, parameter in PARAMETERS.items():
        if id.startswith(f"{name}."):
            kinds = {"number": random.uniform(parameter.min, parameter.max), "switch": bool(random.integers(3))}
            values[id] = kinds.get(parameter.kind) if parameter.kind in kinds else str(random.choice(parameter.choices))
    return values


def run(kernels, name: str, seed: int) -> np.ndarray:
    """Designed by the installed library, processed by `kernels`."""
    random = np.random.default_rng(seed)
    kernel, signal = Kernel(name), pink(3, -20, seed=seed)
    left, right = (np.ascontiguousarray(signal[:, i]) for i in (0, 1))
    getattr(kernels, f"{name}_reset")(kernel.state)
    for at in range(0, len(left), STEP_FRAMES):
        values = random_values(name, random)
        if name == "agc":  # it needs 400 ms to hear anything
            values["agc.on"] = at != 96000
        kernel.set(values, int(random.integers(4000)))
        parts = (ffi.cast("double *", channel[at:].ctypes.data) for channel in (left, right))
        getattr(kernels, f"{name}_process")(kernel.state, kernel.own_coefs, *parts, min(STEP_FRAMES, len(left) - at))
    out = np.stack([left, right], axis=1)
    assert np.isfinite(out).all()
    assert not np.array_equal(out, signal)
    return out


@pytest.mark.parametrize("name", STAGES)
def test_plain_c_gives_the_same_bits(plain, name):
    for seed in SEEDS:
        print("seed", seed)
        assert np.array_equal(run(lib, name, seed), run(plain, name, seed))


def measured(kernels, rate: float) -> tuple[bytes, bytes]:
    """All that a measuring point and the third octaves remember of the same programme, to the last bit."""
    format, signal = ffi.new("stream_format *", {"sample_rate_hz": rate}), pink(1, -20, rate)
    coefs, point = ffi.new("measuring_coefs *"), ffi.new("measuring *")
    lib.measuring_design(coefs, format)
    kernels.measuring_reset(point)
    left, right = (ffi.from_buffer("double[]", np.ascontiguousarray(channel)) for channel in signal.T)
    kernels.measuring_process(point, coefs, left, right, len(signal))
    third_coefs, thirds = ffi.new("third_octave_coefs *"), ffi.new("third_octave *")
    lib.third_octave_design(third_coefs, rate, 0.4)
    kernels.third_octave_reset(thirds)
    pairs = np.ascontiguousarray(signal, dtype=np.float32)
    kernels.third_octave_process(thirds, third_coefs, ffi.from_buffer("float[]", pairs), len(signal))
    assert point.truepeak.peak[0] > 0.1
    return bytes(ffi.buffer(point)), bytes(ffi.buffer(thirds))


def resampled(kernels) -> bytes:
    """Ten chunks at ratios all over the range."""
    random = np.random.default_rng(8)
    coefs, state = ffi.new("resampler_coefs *"), ffi.new("resampler *")
    lib.resampler_design(coefs)
    kernels.resampler_reset(state)
    left, right = (ffi.from_buffer("double[]", np.zeros(256)) for _ in range(2))
    made = b""
    for _ in range(10):
        stride = kernels.resampler_stride(random.uniform(-0.005, 0.005))
        for side in (0, 1):
            entry = ffi.buffer(kernels.resampler_entry(state, side), 8 * lib.RESAMPLER_TAKES_FRAMES)
            entry[:] = random.uniform(-1, 1, lib.RESAMPLER_TAKES_FRAMES).tobytes()
        kernels.resampler_process(state, coefs, stride, left, right, 256)
        made += bytes(ffi.buffer(left)) + bytes(ffi.buffer(right))
    return made


def test_plain_c_resamples_to_the_same_bits(plain):
    assert resampled(lib) == resampled(plain)


@pytest.mark.parametrize("rate", [44100, 192000])
def test_plain_c_measures_the_same_bits(plain, rate):
    assert measured(lib, rate) == measured(plain, rate)
