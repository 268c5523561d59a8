"""The audit log: everything that happened is in it, whatever the disk does, and nobody waits for it."""

import json
import os
import threading
import time

import pytest
from instruments.daemon import Daemon
from instruments.network import eventually

from masterd.control.protocol import AuditEntry
from masterd.daemon import audit
from masterd.daemon.audit import Audit

DRIVE = "limiter.drive_db"


def entry(op="preset.load", n=0, who="anna", **fields):
    return AuditEntry(time=audit.now_text(), who=who, address="10.0.0.1", op=op, code="ok", revision=n, **fields)


def turn(old, new, id=DRIVE, who="anna"):
    return entry("set", who=who, changes={id: (old, new)})


def written(folder):
    return [json.loads(line) for line in (folder / "audit.jsonl").read_text().splitlines()]


def test_what_was_said_is_on_the_disk_after_an_orderly_stop(tmp_path):
    with Audit(tmp_path) as log:
        for n in range(3000):
            log(entry(n=n))
    assert [it.get("revision", 0) for it in written(tmp_path)] == list(range(3000))
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o007 == 0


def test_a_turn_of_a_knob_is_one_entry_from_where_to_where(tmp_path):
    with Audit(tmp_path) as log:
        for n in range(50):
            log(turn(n / 10, (n + 1) / 10))
        log(turn(0.0, 1.0, who="bert"))
        log(turn(1.0, 2.0, "limiter.ceiling_dbtp", "bert"))
        log(entry())
        log(entry())
    entries = written(tmp_path)
    assert [(it["who"], it.get("count", 1), it.get("changes")) for it in entries] == [
        ("anna", 50, {DRIVE: [0.0, 5.0]}),
        ("bert", 1, {DRIVE: [0.0, 1.0]}),
        ("bert", 1, {"limiter.ceiling_dbtp": [1.0, 2.0]}),
        ("anna", 1, None),
        ("anna", 1, None),
    ]


def test_a_turn_that_pauses_is_two_and_one_that_never_ends_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "SAME_TURN_S", 0.1)
    monkeypatch.setattr(audit, "LONGEST_TURN_S", 0.3)
    with Audit(tmp_path) as log:
        log(turn(0.0, 1.0))
        time.sleep(0.25)
        until, steps = time.monotonic() + 0.8, 0
        while time.monotonic() < until:
            log(turn(1.0, 2.0))
            steps += 1
            time.sleep(0.01)
    entries = written(tmp_path)
    assert entries[0].get("count", 1) == 1
    assert 3 <= len(entries) <= 6
    assert sum(it.get("count", 1) for it in entries) == steps + 1


def test_the_newest_are_read_back_also_what_waits_and_over_files(tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "FILE_BYTES", 4000)
    with Audit(tmp_path) as log:
        for n in range(200):
            log(entry(n=n))
            if n % 10 == 0:
                eventually(lambda: not log._waiting)
        assert [it.revision for it in log.newest(60)] == list(range(140, 200))
        log(turn(0.0, 1.0))
        assert log.newest(1)[0].changes == {DRIVE: (0.0, 1.0)}
    names = sorted(it.name for it in tmp_path.iterdir())
    assert names == ["audit.1.jsonl", "audit.2.jsonl", "audit.3.jsonl", "audit.4.jsonl", "audit.jsonl"]
    assert all(it.stat().st_size <= 4000 + 200 for it in tmp_path.iterdir()), "rotated, and bounded"


def test_a_torn_last_line_costs_that_line_only(tmp_path):
    with Audit(tmp_path) as log:
        log(entry(n=1))
    path = tmp_path / "audit.jsonl"
    path.write_bytes(path.read_bytes() + b'{"time":"2026-')
    with Audit(tmp_path) as log:
        log(entry(n=2))
        assert [it.revision for it in log.newest(10)] == [1, 2]
    assert [it.revision for it in Audit(tmp_path).newest(10)] == [1, 2]


def test_what_the_disk_refuses_is_told_kept_and_written_later(tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "RETRY_S", 0.05)
    told = []
    (tmp_path / "audit.jsonl").mkdir()
    with Audit(tmp_path, told.append) as log:
        for n in range(20):
            log(entry(n=n))
        eventually(lambda: told and told[-1])
        assert "Is a directory" in told[-1]
        (tmp_path / "audit.jsonl").rmdir()
        eventually(lambda: told[-1] is None)
    assert [it.get("revision", 0) for it in written(tmp_path)] == list(range(20))


def test_beyond_the_bound_the_oldest_are_lost_and_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "RETRY_S", 0.05)
    monkeypatch.setattr(audit, "MOST_WAITING", 100)
    told = []
    (tmp_path / "audit.jsonl").mkdir()
    with Audit(tmp_path, told.append) as log:
        for n in range(500):
            log(entry(n=n))
        eventually(lambda: told)
        (tmp_path / "audit.jsonl").rmdir()
        eventually(lambda: told[-1] is None)
    entries = written(tmp_path)
    lost = [it for it in entries if it["op"] == "audit.lost"]
    kept = [it.get("revision", 0) for it in entries if it["op"] != "audit.lost"]
    assert sum(it["count"] for it in lost) + len(kept) == 500
    assert kept[-1] == 499


def test_nobody_waits_for_a_disk_that_hangs(tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "LAST_WAIT_S", 0.2)
    os.mkfifo(tmp_path / "audit.jsonl")  # opening it for writing waits for a reader
    with Audit(tmp_path) as log:
        log(entry())
        time.sleep(0.1)
        started = time.perf_counter()
        for n in range(2000):
            log(entry(n=n))
        assert time.perf_counter() - started < 1.0
        assert log._thread.is_alive()
    reader = os.open(tmp_path / "audit.jsonl", os.O_RDONLY | os.O_NONBLOCK)
    log._thread.join(5)
    os.close(reader)


def test_many_threads_lose_nothing(tmp_path):
    with Audit(tmp_path) as log:
        threads = [threading.Thread(target=lambda who=n: [log(entry(n=n, who=str(who))) for n in range(300)]) for n in range(4)]
        for it in threads:
            it.start()
        for it in threads:
            it.join()
    assert len(written(tmp_path)) == 1200


@pytest.fixture(scope="module")
def daemon():
    with Daemon(config='[daemon]\npreset = "flat"\n') as running:
        yield running


def test_a_daemon_writes_who_did_what_from_where(daemon):
    daemon.ask(op="set", values={DRIVE: 3}, origin="desk")
    daemon.ask(op="set", values={DRIVE: 99}, origin="desk")
    daemon.ask(op="preset.load", name="music")
    daemon.ask(op="get", ids=[])
    daemon.ask(op="loudness.reset")
    entries = daemon.ask(op="audit", count=4)["result"]
    assert [(it["op"], it["code"]) for it in entries] == [
        ("set", "ok"),
        ("set", "out_of_range"),
        ("preset.load", "ok"),
        ("loudness.reset", "ok"),
    ]
    assert entries[0]["changes"] == {DRIVE: [0.0, 3.0]}
    assert (entries[0]["origin"], entries[0]["address"], entries[0]["role"]) == ("desk", "local", "admin")
    assert entries[1]["details"] == {"values": {DRIVE: 99}}
    assert entries[2]["details"] == {"name": "music"}
    daemon.ask(op="set", values={f"eq.{n}.{it}": 1 for n in range(1, 17) for it in ("gain_db", "q", "on")})
    many = daemon.ask(op="audit", count=1)["result"][0]
    assert (len(many["changes"]), many["more_changes"]) == (audit.MOST_CHANGES, 48 - audit.MOST_CHANGES)
    for count in (0, 1001):
        assert daemon.ask(op="audit", count=count)["error"]["code"] == "bad_request"
    assert daemon.stop() == 0
    lines = [json.loads(line) for line in (daemon.state_folder / "audit.jsonl").read_text().splitlines()]
    assert [it["op"] for it in lines] == ["start", "set", "set", "preset.load", "loudness.reset", "set", "stop"]
