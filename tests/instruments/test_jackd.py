"""The private server comes when called, and leaves nothing behind, however it ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments.jackd import Server, jackd, needs_jack

pytestmark = [pytest.mark.jack, needs_jack]


def leftovers(server: Server) -> list[str]:
    return [path.name for path in Path("/dev/shm").glob(f"*{server.name}*")]


def assert_gone(server: Server) -> None:
    assert server.process.poll() is not None
    assert leftovers(server) == []


def test_two_servers_side_by_side():
    with jackd(48000, 64) as one, jackd(44100, 128) as other:
        assert one.name != other.name
        assert one.tool("jack_bufsize").strip() == "64"
        assert other.tool("jack_samplerate").strip() == "44100"
        assert leftovers(one)
    assert_gone(one)
    assert_gone(other)


def test_killed_and_come_back_under_the_same_name():
    with jackd(48000, 64) as lost:
        lost.kill()
        assert_gone(lost)
        with jackd(96000, 64, name=lost.name) as back:
            assert back.tool("jack_samplerate").strip() == "96000"
    assert_gone(back)


def fail_while_it_stands_still(seen: list[Server]) -> None:
    with jackd(48000, 64) as server:
        seen.append(server)
        server.pause()
        raise KeyError


def test_an_error_and_a_stalled_server_end_it_too():
    seen: list[Server] = []
    with pytest.raises(KeyError):
        fail_while_it_stands_still(seen)
    assert_gone(seen[0])
