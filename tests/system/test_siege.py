"""A daemon under attack from all sides serves its friends in time, and a subscriber that stood still meanwhile converges
(bench/siege.py; MASTERD_SOAK_MINUTES for longer, as scripts/soak does)."""

from __future__ import annotations

import os
import signal

import pytest
from bench import siege
from bench.siege import Served
from instruments.far_desk import FarDesk
from instruments.network import NetworkDaemon, eventually

SECONDS = 60 * float(os.environ.get("MASTERD_SOAK_MINUTES", "0")) or 4.0
P99_MS = 20.0
ATTEMPTS = 3
"""The canary is quick, and so does not see all that a shared machine does to a busy process."""


def in_time(daemon: NetworkDaemon) -> Served:
    """A run in which the law was kept, or the last one."""
    for attempt in range(ATTEMPTS):
        served = siege.measure(daemon, SECONDS)
        print(f"attempt {attempt + 1}: {siege.line(served)}")
        if served.p99_ms < P99_MS:
            break
    return served


@pytest.mark.timeout(3600)
def test_friends_are_served_while_others_attack() -> None:
    with siege.attackable() as daemon, FarDesk(daemon, [], "127.0.0.1", "operator") as still:
        eventually(lambda: still.shows(daemon), 10)
        still.signal(signal.SIGSTOP)
        before = daemon.ask(op="status")["result"]["blocks"]
        served = in_time(daemon)
        for drive_db in (1.0, 2.0, 3.0):
            assert daemon.set(limiter__drive_db=drive_db)["ok"]
        still.signal(signal.SIGCONT)
        still.converges(daemon, 15)
        assert daemon.ask(op="status")["result"]["blocks"] > before
        assert "Traceback" not in daemon.log
    if not siege.may_be_preferred():
        pytest.skip("times not judged: this user may not go before the attackers")
    assert served.trips > 20 * SECONDS
    assert served.excused < served.trips / 2
    assert served.p99_ms < P99_MS
