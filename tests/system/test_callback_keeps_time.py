"""The callback in C keeps time while Python is busy; the same one called through Python does not (bench/callback.py)."""

from __future__ import annotations

import os

import pytest
from bench import callback
from bench.callback import PERIOD_FRAMES, RATE_HZ, Row
from instruments.jackd import jackd, needs_jack
from instruments.music import needs_music

pytestmark = [
    pytest.mark.jack,
    pytest.mark.slow,
    needs_jack,
    needs_music,
    pytest.mark.skipif(not callback.possible(), reason=callback.NOT_REALTIME),
]

SECONDS = 8.0
ATTEMPTS = 3
"""The canaries run before everything else, so they do not see when other real-time processes of this machine took the time."""

UNEXCUSED_XRUNS_PER_MINUTE = 10
RATIO = 100
PERIOD_MS = 1000 * PERIOD_FRAMES / RATE_HZ
EDGE_BLOCKS = 3
"""The two clocks are read a moment before and after the block counter."""


def allowed(row: Row) -> float:
    return UNEXCUSED_XRUNS_PER_MINUTE * row.seconds / 60


def in_time(server) -> Row:
    """A run of the callback in C in which it kept time, or the last one."""
    for attempt in range(ATTEMPTS):
        row = callback.measure(server, "C", SECONDS)
        print(f"attempt {attempt + 1}: {row}")
        if row.unexcused_xruns <= allowed(row):
            break
    return row


def test_the_callback_in_c_keeps_time_and_one_in_python_does_not() -> None:
    with jackd(RATE_HZ, PERIOD_FRAMES) as server:
        ours, theirs = in_time(server), callback.measure(server, "Python", SECONDS)
    print(callback.table([ours, theirs]))
    for row in (ours, theirs):
        assert row.canaries == len(os.sched_getaffinity(0))
        assert row.rounds > 50, "the interpreter was not busy"
    assert ours.unexcused_xruns <= allowed(ours)
    assert ours.lost <= ours.stalled_ms / PERIOD_MS + ours.xruns + EDGE_BLOCKS
    assert theirs.unexcused_xruns >= RATIO * max(1, ours.unexcused_xruns)
    assert theirs.lost >= theirs.expected / 10
