"""One side of the comparison in callback.py: an engine on JACK in an interpreter that is busy in every way.

Arguments: C or Python, the server, seconds. Begins with a line on stdin, prints what it counted as JSON, leaves when stdin ends.
"""

from __future__ import annotations

import gc
import importlib
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.scenes import reference
from masterd.daemon.engine import Engine
from masterd.daemon.hosts.jack import JackHost, JackOptions
from masterd.daemon.realtime import lock_memory, small_stacks
from masterd.native import ffi, lib


class PythonJackHost(JackHost):
    """The same host, but JACK calls a Python function, which calls what JACK would have called."""

    def __init__(self, options: JackOptions) -> None:
        super().__init__(options)
        process = lib.host_jack_process
        self._process = ffi.callback("int(uint32_t, void *)", lambda frames, host: process(frames, host))

    def callback(self, what: str) -> int:
        return int(ffi.cast("uintptr_t", self._process)) if what == "process" else super().callback(what)


HOSTS = {"C": JackHost, "Python": PythonJackHost}


def make_garbage() -> None:
    """Objects that only the collector can free."""
    for _ in range(20_000):
        one: list[Any] = []
        one.append([one])
    gc.collect()


def sort_much() -> None:
    sorted(random.random() for _ in range(100_000))


def write_and_read_json() -> None:
    json.loads(json.dumps([{"id": n, "text": str(n) * 5, "values": list(range(10))} for n in range(5_000)]))


def import_fresh(folder: Path) -> None:
    """A module that was not there before."""
    name = f"fresh_{time.monotonic_ns()}"
    path = folder / f"{name}.py"
    path.write_text("".join(f"def f{n}(x):\n    return [x + {n} for _ in range(3)]\n" for n in range(200)))
    importlib.invalidate_caches()
    importlib.import_module(name)
    del sys.modules[name]
    path.unlink()


def be_busy(seconds: float) -> int:
    """All of it in threads of its own, for so long; how many rounds there were."""
    stop = threading.Event()

    def again_and_again(work: Callable[[], None]) -> int:
        rounds = 0
        while not stop.is_set():
            work()
            rounds += 1
        return rounds

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(4) as threads:
        sys.path.insert(0, folder)
        works = (make_garbage, sort_much, write_and_read_json, lambda: import_fresh(Path(folder)))
        rounds = [threads.submit(again_and_again, work) for work in works]
        time.sleep(seconds)
        stop.set()
        return sum(it.result() for it in rounds)


def count(engine: Engine, seconds: float) -> dict[str, float]:
    """Blocks and times from now on for about `seconds`, with the interpreter busy."""
    before, began = engine.blocks, time.monotonic()
    rounds = be_busy(seconds)
    blocks, took = engine.blocks - before, time.monotonic() - began
    meters = engine.collect()
    assert meters
    return {
        "seconds": took,
        "blocks": blocks,
        "rounds": rounds,
        "mean_block_us": meters.total_ns / meters.blocks / 1000,
        "longest_block_us": meters.longest_ns / 1000,
    }


def main() -> None:
    kind, server, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    small_stacks()
    lock_memory()
    host = HOSTS[kind](JackOptions(server=server))
    format = host.open()
    engine = Engine(format.sample_rate_hz, "normal", reference())
    host.start(engine, engine.attach())
    engine.gate(True)
    sys.stdin.readline()
    print(json.dumps(count(engine, seconds)), flush=True)
    sys.stdin.read()
    host.stop(within_s=5)


main()
