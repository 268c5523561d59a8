"""How a client is served while others attack: garbage, oversize, requests without end, answers and events that nobody reads.

The client asks 100 times a second and measures. Daemon and client go before whatever else this machine does, and the attackers,
who would have machines of their own, behind it. Before each request the client asks a canary, an echo that nobody attacks: where
that one is slow too, the machine is, and the trip is excused. Memory is read after a warm-up and at the end.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import zmq
from instruments.child import Child
from instruments.network import NetworkDaemon, asked

from bench.siege_child import KINDS
from bench.startup import memory_mb
from masterd.control.protocol.roles import Role

ASKED_EVERY_S = 0.01
CANARY_MS = 3.0
"""An echo that takes longer was kept waiting by the machine; it takes 0.3 ms."""
WARM_S = 2.0
"""Longer for a longer run: buffers that are there from the start are touched in their first ten seconds."""
RATE_HZ = 48000
FIRST = -15
"""The niceness of what is measured."""
TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Served:
    """One run."""

    seconds: float
    trips: int
    excused: int
    median_ms: float
    p99_ms: float
    """Of the trips that are not excused."""
    all_p99_ms: float
    canary_p99_ms: float
    warm_mb: float
    """Memory of the daemon after the warm-up, and at the end."""
    end_mb: float

    @property
    def grown_mb_per_min(self) -> float:
        """What a leak would be."""
        return (self.end_mb - self.warm_mb) * 60 / self.seconds


@contextlib.contextmanager
def attacked(daemon: NetworkDaemon) -> Iterator[None]:
    """By all kinds at once, each with a key of its own; ended at the end."""
    with contextlib.ExitStack() as stack:
        for kind in KINDS:
            pair = daemon.trust(name := f"attacker-{kind}", Role.VIEWER)
            stack.callback(daemon.revoke, name)
            keys = [daemon.server.public, pair.public, pair.secret]
            command = [sys.executable, "-m", "bench.siege_child", kind, str(daemon.port), *keys]
            attacker = stack.enter_context(Child(command, cwd=TESTS, stdout=subprocess.PIPE))
            stack.callback(attacker.kill)
            assert attacker.stdout
            assert attacker.stdout.readline() == b"goes\n"
        yield


def may_be_preferred() -> bool:
    """Whether this user may go before others."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    try:
        os.setpriority(os.PRIO_PROCESS, 0, FIRST)
    except PermissionError:
        return False
    os.setpriority(os.PRIO_PROCESS, 0, before)
    return True


@contextlib.contextmanager
def preferred() -> Iterator[None]:
    """This process before others, as far as that is allowed."""
    threads = [int(it.name) for it in Path("/proc/self/task").iterdir()]
    before = os.getpriority(os.PRIO_PROCESS, 0)
    with contextlib.suppress(PermissionError):
        for it in threads:
            os.setpriority(os.PRIO_PROCESS, it, FIRST)
    try:
        yield
    finally:
        for it in threads:
            with contextlib.suppress(PermissionError, ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, it, before)


@contextlib.contextmanager
def canary() -> Iterator[zmq.Socket[bytes]]:
    """A socket to a thread that sends back what it gets."""
    with zmq.Context() as context, context.socket(zmq.REQ) as near:
        far = context.socket(zmq.REP)
        port = far.bind_to_random_port("tcp://127.0.0.1")

        def echo() -> None:
            with far:
                while content := far.recv():
                    far.send(content)
                far.send(b"")

        thread = threading.Thread(target=echo)
        thread.start()
        near.connect(f"tcp://127.0.0.1:{port}")
        try:
            yield near
        finally:
            near.send(b"")
            near.recv()
            thread.join()


def measure(daemon: NetworkDaemon, seconds: float) -> Served:
    """One run against a daemon that is on air."""
    with preferred(), attacked(daemon), canary() as echo:
        friend = daemon.visit(daemon.pairs["operator"])
        trips_of(friend, echo, WARM_S if seconds < 10 else 5 * WARM_S)
        warm_mb = memory_mb(daemon.pid)
        trips = trips_of(friend, echo, seconds)
        return served(trips, seconds, warm_mb, memory_mb(daemon.pid))


def trips_of(friend: zmq.Socket[bytes], echo: zmq.Socket[bytes], seconds: float) -> list[tuple[float, float]]:
    """Milliseconds of the canary, and of the request after it."""
    trips: list[tuple[float, float]] = []
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        began_s = time.perf_counter()
        echo.send(b"?")
        echo.recv()
        between_s = time.perf_counter()
        answer = asked(friend, op="get", ids=["eq.on"])
        trips.append((1000 * (between_s - began_s), 1000 * (time.perf_counter() - between_s)))
        assert answer
        assert answer["ok"], answer
        time.sleep(ASKED_EVERY_S)
    return trips


def served(trips: list[tuple[float, float]], seconds: float, warm_mb: float, end_mb: float) -> Served:
    """What the trips say. A trip is excused when the canary before or after it was slow."""
    canaries = [ms for ms, _ in trips] + [0.0]
    counted = [ms for at, (_, ms) in enumerate(trips) if max(canaries[at : at + 2]) < CANARY_MS]
    every = [ms for _, ms in trips]
    return Served(
        seconds=seconds,
        trips=len(trips),
        excused=len(trips) - len(counted),
        median_ms=part(counted, 0.5),
        p99_ms=part(counted, 0.99),
        all_p99_ms=part(every, 0.99),
        canary_p99_ms=part(canaries, 0.99),
        warm_mb=warm_mb,
        end_mb=end_mb,
    )


def part(numbers: list[float], share: float) -> float:
    """The number below which that share of them is."""
    return sorted(numbers)[int(share * len(numbers))] if numbers else float("inf")


@contextlib.contextmanager
def attackable() -> Iterator[NetworkDaemon]:
    """A daemon to be measured. It plays a file: the built-in programme is made in Python, in the same process."""
    with tempfile.TemporaryDirectory(prefix="masterd-siege-") as folder:
        programme = np.random.default_rng(1).normal(0, 0.1, (RATE_HZ, 2)).astype(np.float32)
        soundfile.write(f"{folder}/loop.wav", programme, RATE_HZ, "FLOAT")
        source = f'[source]\nfiles = ["{folder}/loop.wav"]\n'
        with NetworkDaemon(source, within=["nice", "-n", str(FIRST)]) as daemon:
            yield daemon


def run(seconds: float) -> Served:
    """On a daemon of its own."""
    with attackable() as daemon:
        return measure(daemon, seconds)


def line(it: Served) -> str:
    """For people."""
    return (
        f"under attack, {it.seconds:.0f} s: {it.trips} requests of a client, median {it.median_ms:.1f} ms, "
        f"p99 {it.p99_ms:.1f} ms ({it.excused} excused; with them {it.all_p99_ms:.1f}, the canary {it.canary_p99_ms:.1f}); "
        f"memory {it.warm_mb:.1f} MB warm, {it.end_mb:.1f} MB at the end, {it.grown_mb_per_min:+.2f} MB a minute"
    )


if __name__ == "__main__":
    print(line(run(float(sys.argv[1]) if len(sys.argv) > 1 else 30)))
