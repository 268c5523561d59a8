"""What the C code can call, read from its machine code: the audio thread nearly nothing, the design functions only arithmetic."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from instruments.symbols import read, undefined

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "symbols"
SECTIONS = "-ffunction-sections -fdata-sections"
AUDIO_THREAD = (
    *("engine_process_interleaved", "engine_process_planar", "engine_process_double", "engine_xrun"),
    *("bridge_write", "bridge_stamp", "bridge_begin", "bridge_read"),
)
FOR_AUDIO = {"memcpy", "memset", "memmove", "clock_gettime", "pthread_self", "rtcheck_enter", "rtcheck_exit"}
# Which variant of a hot loop runs is settled when the library is loaded.
LOADER = {"_GLOBAL_OFFSET_TABLE_", "__cpu_model", "__cpu_features2", "__cpu_indicator_init"}
FOR_DESIGN = {
    *("acos", "asin", "atan", "atan2", "cos", "cosh", "sin", "sincos", "sinh", "tan", "tanh"),
    *("exp", "exp2", "expm1", "ldexp", "log", "log10", "log1p", "log2", "pow", "sqrt"),
    *("ceil", "floor", "fmax", "fmin", "llround", "lround"),
    *("cabs", "csqrt", "__muldc3", "__divdc3"),
}
KERNELS = (
    *("input", "agc", "eq", "stereo", "multiband", "compressor", "clipper", "bypass", "generator", "limiter", "output"),
    *("loudness", "truepeak", "levels", "spectrum", "resampler"),
)

pytestmark = [
    pytest.mark.skipif(not shutil.which("objdump"), reason="objdump is not installed (Debian: binutils)"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads ELF"),
]


def tool(name: str) -> str:
    """From this interpreter's environment, or the system's."""
    own = Path(sys.executable).with_name(name)
    return str(own) if own.exists() else name


@pytest.fixture(scope="module")
def objects() -> list[Path]:
    """Kernels, chain and engine, compiled as for the product, one section per function."""
    options = [
        "-G",
        "Ninja",
        f"-DCMAKE_MAKE_PROGRAM={tool('ninja')}",
        "-DMASTERD_PYTHON=OFF",
        f"-DCMAKE_C_FLAGS={SECTIONS}",
        "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
    ]
    for command in (["-S", str(ROOT / "native"), "-B", str(BUILD), *options], ["--build", str(BUILD), "--target", "kernels"]):
        done = subprocess.run([tool("cmake"), *command], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return [path for path in BUILD.glob("CMakeFiles/kernels.dir/**/*.o") if not path.name.startswith("host_")]


def compile_with(header: str, tmp_path: Path) -> Path:
    """engine_process.c with a violation written in front of it."""
    seed, built = tmp_path / "seed.h", tmp_path / "engine_process.c.o"
    seed.write_text(header)
    include = [f"-I{ROOT / 'native' / folder}" for folder in ("parts", "kernels", "engine")]
    source = ROOT / "native" / "engine" / "engine_process.c"
    command = ["cc", "-std=gnu11", "-O2", *SECTIONS.split(), *include, "-include", str(seed), "-c", str(source), "-o", str(built)]
    subprocess.run(command, check=True)
    return built


def test_the_audio_thread_calls_nobody(objects):
    _, foreign = read(objects).reachable(AUDIO_THREAD)
    assert foreign - LOADER <= FOR_AUDIO


def test_every_kernel_was_looked_at(objects):
    program = read(objects)
    seen, _ = program.reachable(AUDIO_THREAD)
    assert {program.defined[f"{kernel}_process"] for kernel in KERNELS} <= seen


def test_all_of_it_is_arithmetic(objects):
    assert undefined(objects) - LOADER <= FOR_AUDIO | FOR_DESIGN


SEEDED = {
    "malloc": """
        #include <stdlib.h>
        #include <string.h>
        static inline void *seeded(void *to, int byte, size_t size) { return memset(malloc(size) ? to : 0, byte, size); }
        #define memset seeded
    """,
    "tanh": """
        #include <math.h>
        #include <string.h>
        static double (*const table[2])(double) = {tanh, sin};
        static volatile unsigned which;
        static inline void *seeded(void *to, int byte, size_t size) { return memset(to, (int)table[which & 1](byte), size); }
        #define memset seeded
    """,
    "pthread_mutex_lock": """
        #include <pthread.h>
        #include <string.h>
        static pthread_mutex_t mutex;
        static __attribute__((noinline)) void deep(void) { pthread_mutex_lock(&mutex); }
        static inline void *seeded(void *to, int byte, size_t size) { deep(); return memset(to, byte, size); }
        #define memset seeded
    """,
}


@pytest.mark.parametrize("name", SEEDED)
def test_a_violation_is_found(name, objects, tmp_path):
    """A call, a call through a constant table, and a call two functions deep."""
    rest = [path for path in objects if path.name != "engine_process.c.o"]
    assert len(rest) == len(objects) - 1
    _, foreign = read([*rest, compile_with(SEEDED[name], tmp_path)]).reachable(AUDIO_THREAD)
    assert name in foreign
