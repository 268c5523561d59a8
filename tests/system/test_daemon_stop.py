"""The end of a daemon: in exact reverse of its beginning, soon, at whatever moment it is asked."""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

from instruments.daemon import Daemon

SEED = int(os.environ.get("MASTERD_TEST_SEED", random.randrange(2**32)))
STOP_WITHIN_S = 2.0
STOPS = 5

TOLD = """
import asyncio, contextlib, os, signal, sys
from masterd.daemon import config, run
from masterd.daemon.air import Air
from masterd.daemon.lock import Lock
from masterd.daemon.sockets import Sockets
from masterd.daemon.store import Saver

def told(whose, method, what):
    real = getattr(whose, method)
    def telling(*arguments, **more):
        print(what, whose.__name__, flush=True)
        return real(*arguments, **more)
    setattr(whose, method, telling)

for whose, begin, end in ((Lock, "__enter__", "__exit__"), (Sockets, "__init__", "close"), (Saver, "__enter__", "__exit__"),
                          (Air, "start", "stop")):
    told(whose, begin, "begin")
    told(whose, end, "end")

real = run.tasks

@contextlib.asynccontextmanager
async def tasks(*work):
    print("begin tasks", flush=True)
    async with real(*work):
        try:
            yield
        finally:
            print("end tasks", flush=True)

run.tasks = tasks
settings = config.parse("", "test", {"audio.host": "simulated"})
asyncio.run(run.live(settings, lambda: settings, lambda desk: os.kill(os.getpid(), signal.SIGTERM)))
"""


def test_every_part_ends_in_exact_reverse_of_its_beginning(tmp_path: Path) -> None:
    """A real daemon whose parts say when they begin and end; the signal comes when it is ready."""
    places = {f"MASTERD_{it}_DIR": str(tmp_path / it.lower()) for it in ("RUNTIME", "STATE", "CONFIG")}
    done = subprocess.run([sys.executable, "-c", TOLD], env=os.environ | places, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    told = [line.split() for line in done.stdout.splitlines()]
    begun, ended = ([part for what, part in told if what == wanted] for wanted in ("begin", "end"))
    assert begun == ["Lock", "Sockets", "Saver", "Air", "tasks"]
    assert ended == begun[::-1]
    assert told[: len(begun)] == [["begin", part] for part in begun]


def test_asked_to_stop_it_has_gone_within_two_seconds() -> None:
    """The median of some stops, while a client turns it: one of them may meet the machine standing still."""
    took_s = []
    for _ in range(STOPS):
        with Daemon() as daemon:
            daemon.set(limiter__drive_db=3)
            asked_s = time.monotonic()
            assert daemon.stop() == 0
            took_s.append(time.monotonic() - asked_s)
    print(f"stopped after {', '.join(f'{it:.2f}' for it in took_s)} s")
    assert statistics.median(took_s) <= STOP_WITHIN_S


def test_sigint_stops_it_too():
    with Daemon() as daemon:
        assert daemon.stop(signal.SIGINT) == 0


def test_terminated_at_random_moments_it_leaves_cleanly(tmp_path):
    """Before Python has installed any handler the signal ends the process itself; from then on the code is 0. Both leave the next
    start nothing to trip over."""
    print(f"MASTERD_TEST_SEED={SEED}")
    chance = random.Random(SEED)
    codes = []
    for _ in range(12):
        daemon = Daemon(folder=tmp_path)
        daemon.launch()
        try:
            time.sleep(chance.uniform(0, 0.9))
            codes.append(daemon.stop())
            assert "Traceback" not in daemon.log
        finally:
            daemon.__exit__(None, None, None)
    assert set(codes) <= {0, -signal.SIGTERM}, codes
    with Daemon(folder=tmp_path) as daemon:
        assert daemon.ask(op="status")["result"]["alarms"] in ([], ["realtime_refused"])


def test_a_second_signal_does_not_wait():
    with Daemon() as daemon:
        daemon.process.send_signal(signal.SIGTERM)
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.process.wait(5) in (0, 1)
