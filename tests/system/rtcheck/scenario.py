"""A busy daemon's life round one engine, in an interpreter with the checker preloaded: one thread drives the engine while another
publishes, fades, collects, fills and empties the rings, and collects garbage. Prints the number of blocks it asked for."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from masterd.control.parameters import defaults
from masterd.daemon.engine import Engine
from masterd.native import ffi, lib

LENGTHS = (64, 1, 256, 1023, 333)
MLOCK_CURRENT_AND_FUTURE = 3


def lock_memory() -> bool:
    return ctypes.CDLL(None).mlockall(MLOCK_CURRENT_AND_FUTURE) == 0


def inputs(frames: int) -> list[np.ndarray]:
    """Programme, far too loud, silence, denormals, and what no programme is."""
    programme = np.random.default_rng(20261123).uniform(-1, 1, (frames, 2)).astype(np.float32)
    broken = programme.copy()
    broken[::7], broken[::11] = np.nan, np.inf
    return [programme, programme * np.float32(100), programme * 0, programme * np.float32(1e-40), broken]


def play(engine: Engine, blocks: int) -> None:
    """All three entry points, and a stranger's calls between."""
    feeds, out = inputs(max(LENGTHS)), np.zeros((max(LENGTHS), 2), np.float32)
    pairs_out, double = ffi.from_buffer("float[]", out), np.zeros((2, max(LENGTHS)))
    left, right = ffi.from_buffer("double[]", double[0]), ffi.from_buffer("double[]", double[1])
    for n in range(blocks):
        frames, pairs = LENGTHS[n % 5], ffi.from_buffer("float[]", feeds[n // 50 % 5])
        token = engine.token - (n % 17 == 0)
        if n % 3 == 0:
            lib.engine_process_interleaved(engine.pointer, token, pairs, pairs_out, frames)
        elif n % 3 == 1:
            lib.engine_process_planar(engine.pointer, token, pairs, pairs, pairs_out, pairs_out + max(LENGTHS), frames)
        else:
            lib.engine_process_double(engine.pointer, token, left, right, frames)
        lib.engine_xrun(engine.pointer)


def control(engine: Engine, stop: threading.Event) -> None:
    """Everything an operator and the daemon do to an engine, all the time."""
    values, n = defaults() | {"compressor.on": True, "limiter.drive_db": 12.0}, 0
    programme = inputs(500)[0]
    while not stop.is_set():
        n += 1
        for band in range(1, 17):
            values |= {f"eq.{band}.on": bool((n + band) % 3), f"eq.{band}.gain_db": float((n * band) % 40 - 20)}
        engine.publish(values | {"bypass.on": n % 9 == 0, "input.trim_db": float(n % 20 - 10)}, ramp_ms=5)
        engine.gate(n % 4 != 0, 3)
        engine.source(player=n % 5 == 0)
        engine.tap("input", n % 3 != 1), engine.tap("output", n % 3 != 0)
        engine.player_write(programme)
        engine.tap_read("input", 5000), engine.tap_read("output", 5000)
        engine.collect()
        gc.collect()


def main() -> None:
    blocks = int(sys.argv[1])
    engine = Engine(48000, "normal", defaults())
    engine.attach()
    engine.attach()
    locked, stop = lock_memory(), threading.Event()
    with ThreadPoolExecutor(2) as threads:
        controller = threads.submit(control, engine, stop)
        try:
            threads.submit(play, engine, blocks).result()
        finally:
            stop.set()
        controller.result()
    print(blocks, "locked" if locked else "unlocked")


if __name__ == "__main__":
    main()
