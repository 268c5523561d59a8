"""A MIDI flood, a cable's full rate and a hundred times that, neither delays other clients nor is heard (bench/flood.py)."""

from __future__ import annotations

import pytest
from bench import flood
from bench.flood import AIM_P99_MS, CABLE_PER_S, Rig, Row, flooded
from instruments.jackd import can_be_realtime, needs_jack

pytestmark = [
    pytest.mark.jack,
    needs_jack,
    pytest.mark.skipif(not can_be_realtime(), reason="without SCHED_FIFO JACK itself loses blocks, and the canaries see nothing"),
]
pytest.importorskip("rtmidi")

SECONDS = 1.5
ATTEMPTS = 3
"""The canaries run before everything else, so they do not see when other processes of this machine took the time."""


def in_time(rig: Rig, messages_per_s: float) -> Row:
    """A run in which the others were answered in time, or the last one."""
    for attempt in range(ATTEMPTS):
        row = flood.measure(rig, messages_per_s, SECONDS)
        print(f"attempt {attempt + 1}: {row}")
        if row.reached and not row.unexcused_xruns:
            break
    return row


def test_a_flood_neither_delays_others_nor_is_heard() -> None:
    with flooded() as rig:
        rows = [in_time(rig, times * CABLE_PER_S) for times in (1, 100)]
    print(flood.table(rows))
    for row in rows:
        assert row.sent >= 0.99 * row.messages_per_s * SECONDS
        assert row.lost == 0
        assert row.asked > 50
        assert row.p99_ms <= AIM_P99_MS
        assert row.changed_frames == 0
        assert row.last_value_arrived
        assert row.revisions_per_s <= 200 + 1 / SECONDS
        assert row.unexcused_xruns <= 1
