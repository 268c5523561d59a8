"""The whole chain as it runs on air: presets that switch under load, silence that lasts, latency that stands still."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from instruments.hot_signals import hot
from instruments.kernel import Kernel
from instruments.signals import noise, sine, stereo
from instruments.spectrum import residual_above_db
from instruments.true_peak_meter import true_peak_dbtp

from masterd.daemon import presets
from masterd.native import ffi

ROOT = Path(__file__).parents[2]
NATIVE = ROOT / "native"
CEILING_DBTP = -1.0
PRESETS: tuple[dict, ...] = (
    {
        "eq.3.on": True,
        "eq.3.gain_db": 4,
        "compressor.on": True,
        "compressor.threshold_db": -24,
        "compressor.ratio": 3,
        "limiter.drive_db": 10,
    },
    {
        "eq.3.on": False,
        "eq.9.on": True,
        "eq.9.gain_db": -6,
        "compressor.on": False,
        "limiter.drive_db": 10,
        "limiter.mode": "loud",
        "limiter.hold_ms": 5,
    },
    {
        "eq.9.on": False,
        "compressor.on": True,
        "compressor.threshold_db": -12,
        "compressor.makeup_db": 3,
        "limiter.drive_db": 12,
        "limiter.mode": "balanced",
    },
)
CLIPPED: tuple[dict, ...] = (
    {"clipper.on": True, "clipper.drive_db": 4},
    {"clipper.on": False},
    {"clipper.on": True, "clipper.softness_percent": 0, "clipper.threshold_db": -3},
)


def switched(signal: np.ndarray, settings: tuple[dict, ...], latency: str, rate: int = 48000) -> np.ndarray:
    """Other settings every 100 ms, each reached in 20 ms."""
    kernel, out, step = Kernel("chain", rate, settings[0], latency), [], rate // 10
    for n, at in enumerate(range(0, len(signal), step)):
        kernel.set(settings[n % len(settings)], rate // 50)
        out.append(kernel(signal[at : at + step], [64] * step))
    return np.concatenate(out)


@pytest.mark.parametrize("latency", ["normal", "low"])
@pytest.mark.parametrize(
    ("name", "rate"),
    [("music", 44100), ("music", 48000), ("drums", 48000), ("noise below 20 kHz", 48000), ("music", 96000), ("music", 192000)],
)
def test_no_over_while_presets_switch(name, rate, latency):
    clipping = tuple(preset | clip for preset, clip in zip(PRESETS, CLIPPED, strict=True))
    out = switched(hot(name, 1.5 if rate < 96000 else 0.7, rate), clipping, latency, rate)
    over_db = true_peak_dbtp(out) - CEILING_DBTP
    print(f"{name} at {rate} {latency}: {over_db:+.4f} dB from the ceiling")
    assert over_db <= 0
    assert np.abs(out).max() <= 10 ** (CEILING_DBTP / 20)


@pytest.mark.parametrize("latency", ["normal", "low"])
def test_a_switch_does_not_click(latency):
    """1 kHz at -3 dBFS, 10 to 12 dB of drive: what a switch adds above 5 kHz is at most -70 dB."""
    out = switched(stereo(sine(1000, 3, -3)), PRESETS, latency)
    result = residual_above_db(out[4800:, 0], 5000, 48000)
    print(f"{latency}: {result:.1f} dB")
    assert result <= -70


@pytest.mark.parametrize("latency", ["normal", "low"])
def test_all_factory_presets_one_after_another_10_db_too_loud(latency, tmp_path):
    """Music stays under the highest of their ceilings; beside a tone, and without the clipper's own harmonics, nothing clicks."""
    driven = tuple(presets.load(name, tmp_path) | {"limiter.drive_db": 10.0} for name in presets.FACTORY)
    highest_dbtp = max(values["limiter.ceiling_dbtp"] for values in driven)
    over_db = true_peak_dbtp(switched(hot("music", 1.8, 48000), driven, latency)) - highest_dbtp
    unclipped = tuple(values | {"clipper.on": False} for values in driven)
    click_db = residual_above_db(switched(stereo(sine(1000, 1.8, -3)), unclipped, latency)[4800:, 0], 5000, 48000)
    print(f"{latency}: {over_db:+.4f} dB from the ceiling, click {click_db:.1f} dB")
    assert over_db <= 0
    assert click_db <= -70


def test_the_click_meter_sees_a_click():
    out = sine(1000, 1, -3)
    out[24000] += 0.3
    assert residual_above_db(out, 5000, 48000) > -70


# ---- silence ----


def numbers(value: object, kind: object, path: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Every floating-point array in a C struct, by name."""
    if kind.kind == "struct":
        for name, field in kind.fields:
            yield from numbers(getattr(value, name), field.type, f"{path}.{name}")
    elif kind.kind == "array" and kind.item.kind == "primitive":
        if kind.item.cname in ("float", "double"):
            yield path, np.frombuffer(ffi.buffer(value), dtype=kind.item.cname)
    elif kind.kind == "array":
        for n in range(kind.length):
            yield from numbers(value[n], kind.item, f"{path}[{n}]")
    elif kind.cname in ("float", "double"):
        yield path, np.array([value], dtype=kind.cname)


BUSY: dict = PRESETS[2] | CLIPPED[0]
BUSY |= {"eq.3.on": True, "eq.3.gain_db": 6, "eq.4.on": True, "eq.4.dynamic": True, "eq.4.threshold_db": -50}
BUSY |= {
    "compressor.sidechain_slope_db_per_oct": "24",
    "input.dc_block": True,
    "input.subsonic": True,
    "input.phase_rotator": True,
}
BUSY |= {"agc.on": True, "stereo.on": True, "stereo.mono_bass": True, "stereo.banded": True, "multiband.on": True}
BUSY |= {"multiband.3.limit": True, "input.repair": True}
STAGES = ("input", "agc", "eq", "stereo", "multiband", "compressor", "clipper", "generator", "limiter", "output")
ON_ITS_WAY = {"double": 1e-100, "float": np.finfo(np.float32).tiny}


@pytest.mark.parametrize("stage", STAGES)
def test_a_minute_of_silence_leaves_no_denormal_in_a_state(stage):
    """Without flush-to-zero: every number is 0 or an ordinary one, and none on its way to a denormal, so nothing gets slower even
    where there is no such mode."""
    kernel = Kernel(stage, 48000, BUSY)
    kernel(noise(1, 0))
    if stage not in ("generator", "output"):
        assert sum(np.count_nonzero(values) for _, values in numbers(kernel.state[0], ffi.typeof(stage))) > 10
    kernel(np.zeros((60 * 48000, 2)))
    for path, values in numbers(kernel.state[0], ffi.typeof(stage)):
        tiny = (values != 0) & (np.abs(values) < ON_ITS_WAY[{8: "double", 4: "float"}[values.itemsize]])
        assert not tiny.any(), path


INSTRUCTIONS = r"""
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include "chain.h"
static chain_coefs coefs;
static chain state;
enum { FRAMES = 19200 };
__attribute__((noinline)) void measured(double *left, double *right) {
  for (int n = 0; n < FRAMES; n += 64) chain_process(&state, &coefs, left + n, right + n, 64);
}
int main(int count, char **words) {
  static double left[FRAMES], right[FRAMES];
  chain_params params;
  stream_format format = {48000, LATENCY_NORMAL};
  FILE *file = fopen(words[1], "rb");
  if (count < 3 || fread(&params, sizeof params, 1, file) != 1) return 1;
  chain_design(&coefs, &params, &format);
  chain_announce(&coefs, 1, 0);
  chain_reset(&state);
  unsigned seed = 1;
  for (int n = 0; n < FRAMES; n++) {
    seed = seed * 1664525u + 1013904223u;
    left[n] = right[n] = ((double)seed / 4294967296.0 - 0.5) * 2;
  }
  for (int n = 0; n < FRAMES; n += 64) chain_process(&state, &coefs, left + n, right + n, 64);
  if (words[2][0] == 's') memset(left, 0, sizeof left), memset(right, 0, sizeof right);
  measured(left, right);
  return 0;
}
"""


@pytest.fixture(scope="module")
def counter(tmp_path_factory):
    """Instructions of 0.4 s of the chain behind 0.4 s of noise: of noise, or of silence."""
    if not shutil.which("valgrind") or not shutil.which("cc"):
        pytest.skip("valgrind and cc are not installed (Debian: valgrind, gcc)")
    folder = tmp_path_factory.mktemp("silence")
    source, program, params = folder / "main.c", folder / "main", folder / "params"
    source.write_text(INSTRUCTIONS)
    params.write_bytes(bytes(ffi.buffer(Kernel("chain", 48000, BUSY).params)))
    includes = [f"-I{NATIVE / room}" for room in ("parts", "kernels", "engine")]
    sources = [str(source), *map(str, NATIVE.glob("kernels/*.c")), *map(str, NATIVE.glob("engine/chain*.c"))]
    options = ["-std=gnu11", "-O1", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-Wno-psabi"]
    alone = {key: value for key, value in os.environ.items() if key != "LD_PRELOAD"}  # no sanitizer under valgrind
    subprocess.run(["cc", *options, *includes, *sources, "-o", str(program), "-lm"], check=True, env=alone)

    def count(what: str) -> int:
        collect = ["valgrind", "--tool=callgrind", "--toggle-collect=measured", f"--callgrind-out-file={folder / 'out'}"]
        command = [*collect, str(program), str(params), what]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=alone)
        return int(done.stderr.split("Collected :")[1].split()[0])

    return count


@pytest.mark.slow
def test_silence_costs_no_more_than_music(counter):
    """Instructions, not time: with no denormals in the state that is what the processor spends. At most 1.1 times."""
    music, silence = counter("music"), counter("silence")
    print(f"{music / 19200:.0f} instructions per frame in noise, {silence / 19200:.0f} in silence")
    assert music > 19200 * 100
    assert silence <= 1.1 * music


# ---- latency ----


@pytest.mark.parametrize("latency", ["normal", "low"])
@pytest.mark.parametrize("rate", [44100, 48000, 96000, 192000])
def test_latency_stands_still_whatever_is_set(rate, latency):
    """The centre of a quiet pulse of 1 ms leaves exactly the reported frames later, with every preset."""
    reported = Kernel("chain", rate, latency=latency).latency_frames
    for clip in ({}, *CLIPPED):
        kernel = Kernel("chain", rate, {"compressor.on": True, "limiter.mode": "loud"} | clip | {"clipper.drive_db": 0}, latency)
        assert kernel.latency_frames == reported
        signal = np.zeros((8000, 2))
        signal[4000] = 0.01
        assert int(np.argmax(np.abs(kernel(signal)[:, 0]))) == 4000 + reported
