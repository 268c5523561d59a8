"""The cffi binding: the headers are the cdef. Run at build time by CMake (`cffi.gen_src exec-python bind.py`).

Bound headers keep to what cffi parses: constants as enum, no inline functions; only lines that start with # are dropped.
"""

from pathlib import Path

import cffi

ROOM = Path(__file__).parent
HEADERS = (
    "parts/format.h",
    "kernels/matched.h",
    "kernels/cascade.h",
    "kernels/rotator.h",
    "kernels/repair.h",
    "kernels/input.h",
    "kernels/loudness.h",
    "kernels/agc_detector.h",
    "kernels/agc.h",
    "kernels/eq_dynamics.h",
    "kernels/eq.h",
    "kernels/eq_response.h",
    "kernels/linear_phase.h",
    "kernels/compressor.h",
    "parts/windows.h",
    "kernels/detector.h",
    "kernels/stereo.h",
    "kernels/crossover.h",
    "kernels/multiband.h",
    "kernels/clipper.h",
    "kernels/generator.h",
    "kernels/output.h",
    "kernels/bass_hold.h",
    "kernels/limiter.h",
    "kernels/bypass.h",
    "kernels/loudness_book.h",
    "kernels/truepeak.h",
    "kernels/truepeak_fir.h",
    "kernels/levels.h",
    "kernels/levels_book.h",
    "kernels/spectrum.h",
    "kernels/third_octave.h",
    "kernels/measuring.h",
    "kernels/dither.h",
    "kernels/resampler.h",
    "engine/chain.h",
    "engine/bridge.h",
    "engine/engine.h",
    "engine/host_jack.h",
    "engine/host_portaudio.h",
)


def declarations(header: str) -> str:
    """The text of a header without its preprocessor lines."""
    return "".join(line for line in (ROOM / header).read_text().splitlines(True) if not line.startswith("#"))


ffibuilder = cffi.FFI()
ffibuilder.cdef("".join(map(declarations, HEADERS)))
ffibuilder.set_source("masterd.native._kernels", "".join(f'#include "{Path(header).name}"\n' for header in HEADERS))
