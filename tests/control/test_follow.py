"""Following a real daemon: order, restarts, the newest meters. What is judged without a socket is in test_picture."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq
from instruments.daemon import Daemon

from masterd.control.client import Client
from masterd.control.errors import Unreachable
from masterd.control.follow import Follower
from masterd.control.protocol import Changed, Meters, PresetsChanged, StateSnapshot


@pytest.fixture
def here() -> Iterator[Daemon]:
    with Daemon() as daemon, daemon.found():
        yield daemon


def test_snapshot_then_every_change_in_order(here: Daemon) -> None:
    with Client(origin="hand") as client, client.follower() as follower:
        first = follower.poll(1)
        assert isinstance(first, StateSnapshot)
        revisions = [client.set({"eq.1.gain_db": gain}).revision for gain in range(-24, 25)]
        changes = []
        while len(changes) < 49:
            item = follower.poll(5)
            assert not isinstance(item, StateSnapshot), "an event was lost"
            assert item is not None
            if isinstance(item, Changed):
                changes.append(item)
        assert [change.revision for change in changes] == revisions
        assert [change.changes["eq.1.gain_db"][1] for change in changes] == list(range(-24, 25))
        assert {change.origin for change in changes} == {"hand"}


def test_a_restarted_daemon_gives_a_new_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTERD_RUNTIME_DIR", str(tmp_path / "runtime"))
    with Client(timeout_s=5) as client, client.follower() as follower:
        with Daemon(folder=tmp_path):
            before = follower.poll(1)
        with Daemon(folder=tmp_path):
            after = next_snapshot(follower)
        assert isinstance(before, StateSnapshot)
        assert after.boot_id != before.boot_id


def next_snapshot(follower: Follower) -> StateSnapshot:
    """Whether the end of the old daemon was noticed by its silence or by the new one's boot id."""
    while True:
        with contextlib.suppress(Unreachable):
            item = follower.poll(1)
            if isinstance(item, StateSnapshot):
                return item


def test_presets_are_told(here: Daemon) -> None:
    with Client() as client, client.follower() as follower:
        follower.poll(1)
        client.preset_save("mine")
        while not isinstance(item := follower.poll(5), PresetsChanged):
            assert item is not None
        assert item.names[-1] == "mine"


def test_a_slow_reader_of_meters_gets_the_newest_frame(here: Daemon) -> None:
    with Client() as client, client.meter_reader() as slow, client.meter_reader() as quick:
        first = slow.read(5)
        assert isinstance(first, Meters)
        newest = [quick.read(5) for _ in range(40)][-1]
        assert slow.read(5).seq >= newest.seq - 2  # not the one after `first`
        assert newest.seq - first.seq > 20


def test_conflated_frames_keep_their_topic_and_body_together(here: Daemon) -> None:
    subscriber = here.connect(zmq.SUB, "meters", b"meters")
    with subscriber:
        assert subscriber.poll(5000)
        assert len(subscriber.recv_multipart()) == 1
