"""A whole daemon on JACK, turned, read and measured by several clients: its audio thread still allocates nothing, locks nothing,
makes no system call and meets no page fault. The same set-up with a violation put in on purpose finds it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zmq
from instruments import rtcheck
from instruments.daemon import Daemon
from instruments.daemon_on_jack import daemon_on_jack
from instruments.jackd import Server, jackd, needs_jack
from instruments.jackplay import playing
from instruments.rtcheck import Run, needs_rtcheck

from masterd.control.client import Client
from masterd.control.errors import RateLimited
from masterd.daemon.presets import FACTORY

pytestmark = [pytest.mark.jack, needs_jack, needs_rtcheck]

PERIOD_FRAMES = 64
MONITOR = "[monitor]\non = true\n"
SECONDS = 5.0
SEEDS = {"malloc": "malloc", "mutex": "pthread_mutex_lock", "bare_syscall": "system call 110", "page_fault": "page fault 1"}


def programme(seconds: float) -> np.ndarray:
    """Loud noise with silence, and what no programme is."""
    rng = np.random.default_rng(11)
    noise = rng.uniform(-1, 1, (int(seconds * 48000), 2)).astype(np.float32)
    noise[:: 48000 * 2 + 1] = np.nan
    noise[20000:30000] *= np.float32(1e-40)
    return noise


def turn(client: Client, n: int) -> None:
    """What hands do."""
    if n % 20 == 0:
        client.preset_load(FACTORY[n // 20 % len(FACTORY)], glide_ms=30)
    client.set({"limiter.drive_db": float(n % 12), f"eq.{n % 16 + 1}.gain_db": float(n % 40 - 20)}, 10)
    if n % 7 == 0:
        client.undo()
    client.set({f"eq.{n % 16 + 1}.on": True, "compressor.on": n % 3 != 0, "bypass.on": n % 31 == 0}, 5)


def look(client: Client, n: int) -> None:
    """What screens do."""
    (client.status, client.snapshot, client.describe)[n % 3]()


@contextlib.contextmanager
def hands(daemon: Daemon) -> Iterator[list[int]]:
    """Two clients that turn and look as fast as the daemon lets them, and meters that come meanwhile; how often is counted."""
    stop, rounds = threading.Event(), [0, 0, 0]

    def work(at: int, act: Callable[[Client, int], None]) -> None:
        with Client(daemon.name) as client:
            while not stop.is_set():
                try:
                    act(client, rounds[at])
                except RateLimited:  # a hundred presets a second
                    stop.wait(0.02)
                rounds[at] += 1

    meters = daemon.connect(zmq.SUB, "meters", b"")
    with ThreadPoolExecutor(2) as threads, daemon.found():
        working = [threads.submit(work, *it) for it in ((0, turn), (1, look))]
        try:
            yield rounds
        finally:
            stop.set()
        for it in working:
            it.result()
    while meters.poll(0):
        meters.recv()
        rounds[2] += 1


def told(daemon: Daemon, op: str) -> dict[str, Any]:
    """An answer; the hands belong to the same user, who may have used up what one may ask for."""
    while not (answer := daemon.ask(op=op))["ok"]:
        assert answer["error"]["code"] == "rate_limited", answer
        time.sleep(0.02)
    result: dict[str, Any] = answer["result"]
    return result


def watched(server: Server, log: Path, seconds: float, seed: str = "") -> tuple[Run, list[int], bool]:
    """The daemon's whole life under the checker, with a monitor that hears it over a bridge: what was noted, what the clients
    did, and whether memory was locked."""
    with (
        daemon_on_jack(server, "broadcast", rtcheck.environment(log, seed), config=MONITOR) as daemon,
        playing(server, programme(2), listen=None) as player,
        hands(daemon) as rounds,
    ):
        player.wait_until_playing()
        time.sleep(seconds)
        locked = told(daemon, "status")["memory_locked"]
        heard = told(daemon, "monitor")["delay_ms"] > 0
    assert daemon.process
    assert daemon.process.returncode == 0
    assert heard or seed
    return rtcheck.read(log, ""), rounds, locked


def test_a_daemon_at_work_commits_no_violation(tmp_path: Path) -> None:
    with jackd(48000, PERIOD_FRAMES) as server:
        run, rounds, locked = watched(server, tmp_path / "log", SECONDS)
    assert run.blocks > 0.5 * SECONDS * 48000 / PERIOD_FRAMES
    assert min(rounds) > 20, rounds
    assert run.but_page_faults == []
    if not locked:
        pytest.skip("page faults not judged: mlockall was refused")
    assert run.violations == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seeded_violation_in_the_same_daemon_is_caught(seed: str, tmp_path: Path) -> None:
    with jackd(48000, PERIOD_FRAMES) as server:
        run, _, _ = watched(server, tmp_path / "log", 0.5, seed)
    assert any(violation.startswith(SEEDS[seed] + " ") for violation in run.violations), run.violations
