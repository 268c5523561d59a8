"""The client library against a real daemon."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from instruments.daemon import Daemon
from instruments.network import NetworkDaemon

from masterd.control.client import Client
from masterd.control.errors import (
    BadRequest,
    ImmutablePreset,
    NothingToUndo,
    OutOfRange,
    RevisionConflict,
    UnknownParameter,
    UnknownPreset,
    Unreachable,
    WrongType,
)
from masterd.control.parameters import PARAMETERS


@pytest.fixture(scope="module")
def daemon() -> Iterator[NetworkDaemon]:
    with NetworkDaemon() as running, running.found():
        yield running


@pytest.fixture(params=["ipc", "tcp"])
def client(daemon: NetworkDaemon, request: pytest.FixtureRequest) -> Iterator[Client]:
    where = daemon.address() if request.param == "tcp" else daemon.name
    with Client(where, timeout_s=5, origin="test") as made:
        made.preset_load("flat", glide_ms=0)
        yield made


def test_the_daemon_describes_this_packages_table(client: Client) -> None:
    assert client.describe() == list(PARAMETERS.values())
    assert [it.id for it in client.describe("eq.on", "bypass.on")] == ["eq.on", "bypass.on"]


def test_set_get_adjust(client: Client) -> None:
    before = client.snapshot().revision
    answer = client.set({"limiter.ceiling_dbtp": -2, "eq.3.on": True, "eq.3.type": "notch"}, glide_ms=5)
    assert answer.revision == before + 1
    assert client.get("limiter.ceiling_dbtp", "eq.3.type") == {"limiter.ceiling_dbtp": -2.0, "eq.3.type": "notch"}
    client.adjust({"limiter.ceiling_dbtp": -0.5})
    assert client.get("limiter.ceiling_dbtp") == {"limiter.ceiling_dbtp": -2.5}
    client.adjust({"limiter.ceiling_dbtp": 1.0}, travel=True)
    assert client.get("limiter.ceiling_dbtp") == {"limiter.ceiling_dbtp": 0.0}
    assert list(client.get()) == list(PARAMETERS)


def test_presets_and_history(client: Client) -> None:
    names = client.preset_list()
    assert names[:2] == ["flat", "speech"]
    client.set({"eq.1.gain_db": 3})
    client.preset_save("test")
    assert client.snapshot().preset == "test"
    client.preset_load("speech")
    client.undo()
    assert client.get("eq.1.gain_db") == {"eq.1.gain_db": 3.0}
    client.redo()
    assert client.snapshot().preset == "speech"
    client.preset_delete("test")
    assert "test" not in client.preset_list()


@pytest.mark.parametrize(
    ("error", "request_"),
    [
        (UnknownParameter, lambda it: it.get("limiter.ceiling")),
        (OutOfRange, lambda it: it.set({"limiter.ceiling_dbtp": 3})),
        (WrongType, lambda it: it.set({"limiter.ceiling_dbtp": "loud"})),
        (RevisionConflict, lambda it: it.set({"eq.on": False}, if_revision=-1)),
        (UnknownPreset, lambda it: it.preset_load("no such")),
        (ImmutablePreset, lambda it: it.preset_save("flat")),
        (NothingToUndo, lambda it: it.redo(50)),
        (BadRequest, lambda it: it.set({"eq.on": True}, glide_ms=-1)),
    ],
)
def test_refusals_are_exceptions_and_change_nothing(client: Client, error: type[Exception], request_) -> None:
    before = client.snapshot()
    with pytest.raises(error):
        request_(client)
    after = client.snapshot()
    assert (after.revision, after.values) == (before.revision, before.values)


def test_status_and_reset(client: Client) -> None:
    now = client.status()
    assert now.state == "running"
    assert now.host == "simulated"
    client.reset_loudness()


def test_a_daemon_that_hangs_is_unreachable_and_its_late_answer_is_dropped(daemon: Daemon) -> None:
    with Client(timeout_s=0.3) as client:
        assert client.get("eq.on")
        os.kill(daemon.pid, signal.SIGSTOP)
        try:
            with pytest.raises(Unreachable, match=r"did not answer within 0\.3 s"):
                client.get("bypass.on")
        finally:
            os.kill(daemon.pid, signal.SIGCONT)
        client.timeout_s = 5
        assert client.get("eq.on") == {"eq.on": True}


def test_nobody_there_says_what_to_do(daemon: Daemon) -> None:
    with Client("other") as client, pytest.raises(Unreachable, match=r"masterd run` --name other; daemons seen here: main"):
        client.get()


def test_a_socket_left_by_a_killed_daemon_is_told_from_a_busy_one() -> None:
    with Daemon(name="killed") as dead, dead.found(), Client("killed") as client:
        client.get()
        dead.stop(signal.SIGKILL)
        with pytest.raises(Unreachable, match=r"not running any more|no socket"):
            client.get()
        with pytest.raises(Unreachable, match="nobody listens"):
            client.get()


def test_nothing_is_kept_for_a_daemon_that_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change asked of a dead daemon must not go on air when it is started again."""
    monkeypatch.setenv("MASTERD_RUNTIME_DIR", str(tmp_path / "runtime"))
    with Client("back", timeout_s=5) as client:
        with Daemon(name="back", folder=tmp_path):
            before = client.get("limiter.drive_db")
        with pytest.raises(Unreachable):
            client.set({"limiter.drive_db": 20})
        with Daemon(name="back", folder=tmp_path):
            assert client.get("limiter.drive_db") == before != {"limiter.drive_db": 20.0}
