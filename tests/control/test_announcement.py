"""What is announced, and what is made of announcements of strangers."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given, strategies as st
from zeroconf import ServiceInfo

from masterd.control import announcer, keys
from masterd.control.announcement import SERVICE, TEXT_CHARACTERS, Found, addresses_of, announcement, read, shown
from masterd.control.discovery import compared
from masterd.control.hosts import Host

SERVER = keys.new_pair().public
FOUND = Found("main on tx", "main", "tx.local", ("10.0.0.7",), 5570, "0.1.0", "1", keys.fingerprint(SERVER))


def test_what_is_announced_is_read_again() -> None:
    found = read(announcement("studio", 6000, "1f3a-09bc", ("10.0.0.7", "fd00::7")))
    machine = socket.gethostname().partition(".")[0]
    assert (found.label, found.instance, found.machine) == (f"studio on {machine}", "studio", f"{machine}.local")
    assert (set(found.addresses), found.port, found.protocol) == ({"10.0.0.7", "fd00::7"}, 6000, "1")
    assert found.fingerprint == "1f3a-09bc"


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_a_strangers_text_commands_no_terminal(content: bytes | str) -> None:
    text = shown(content)
    assert text == "" or text.isprintable()
    assert len(text) <= TEXT_CHARACTERS


@given(st.dictionaries(st.binary(min_size=1, max_size=20), st.none() | st.binary(max_size=60), max_size=5))
def test_any_announcement_is_read(texts: dict[bytes, bytes | None]) -> None:
    found = read(ServiceInfo(SERVICE, f"x.{SERVICE}", port=1, properties=texts))
    assert (found.label, found.addresses, found.port) == ("x", (), 1)


def test_where_a_daemon_listens_is_what_it_announces() -> None:
    assert addresses_of("203.0.113.77") == ()
    assert addresses_of("127.0.0.1") == ("127.0.0.1",)
    assert "127.0.0.1" in addresses_of("lo")
    assert not any(ipaddress.ip_address(it).is_loopback or ipaddress.ip_address(it).is_link_local for it in addresses_of("*"))


def test_an_address_that_is_not_there_is_waited_for(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(announcer, "LOOKED_EVERY_S", 0.05)
    monkeypatch.setattr(announcer, "ROUND_S", 0.01)
    answers = iter([False] * 4)
    announcer.announce("x", 5570, "1f3a", "203.0.113.77", lambda: next(answers, True))
    assert "does not have the address 203.0.113.77" in caplog.text


def test_a_key_says_more_than_an_address() -> None:
    same_key, same_place = Host("elsewhere", 5570, SERVER, "k"), Host("10.0.0.7", 5570, keys.new_pair().public, "k")
    other_port = Host("10.0.0.7", 6000, keys.new_pair().public, "k")
    for known, host, matches in (
        ({"there": same_place, "key": same_key}, "key", True),
        ({"there": same_place}, "there", False),
        ({"tx": Host("tx", 5570, same_place.server_key, "k")}, "tx", False),
        ({"port": other_port, "desk": Host(local="main")}, "", False),
    ):
        sighting = compared(FOUND, known)
        assert (sighting.host, sighting.matches) == (host, matches)
