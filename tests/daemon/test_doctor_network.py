"""What `masterd doctor` says about the network."""

import datetime
import socket

import pytest
from instruments.network import NetworkDaemon, free_port

from masterd.control import keys, trust
from masterd.control.protocol.roles import Role
from masterd.daemon.commands.doctor_network import network


@pytest.fixture
def here(tmp_path, monkeypatch):
    for it in ("CONFIG", "RUNTIME", "STATE"):
        monkeypatch.setenv(f"MASTERD_{it}_DIR", str(tmp_path / it.lower()))
    (tmp_path / "config").mkdir()

    def write(text):
        (tmp_path / "config" / "main.toml").write_text(text)

    return write


def findings():
    return {it.what: it for it in network("main")}


def test_off_is_good(here):
    assert findings()["network"].good
    here("[network]\non = false\n")
    assert findings()["network"].good


def test_what_is_missing_is_said_in_the_order_it_is_made(here):
    here(f"[network]\non = true\nport = {free_port()}\n")
    found = findings()
    assert not found["server key"].good
    assert "masterctl keys server" in found["server key"].seen
    assert not found["clients"].good
    assert found["ports"].good

    pair = keys.new_pair()
    keys.write_pair(keys.secret_path(), pair)
    trust.trust(trust.path(), trust.TrustedClient("studio", pair.public, Role.ADMIN, datetime.date(2026, 3, 14)))
    assert all(it.good for it in findings().values())
    assert "studio (admin)" in findings()["clients"].seen

    keys.secret_path().chmod(0o644)
    assert "0644" in findings()["server key"].seen
    trust.path().write_text("[[client")
    assert "not TOML" in findings()["clients"].seen


def test_a_port_that_is_taken_is_seen_and_the_daemons_own_are_no_fault(here):
    port = free_port()
    here(f"[network]\non = true\nport = {port}\n")
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", port + 2))
        squatter.listen()
        assert "in use" in findings()["ports"].seen


def test_a_running_daemon_has_its_ports():
    with NetworkDaemon() as daemon, daemon.found():
        found = findings()
        assert all(it.good for it in found.values()), found
        assert "the daemon runs" in found["ports"].seen
