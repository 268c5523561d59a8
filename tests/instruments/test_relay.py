"""The relay is a line: what it is told to do to the bytes, it does, and nothing else."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from instruments.relay import FAIR, Relay, Weather


@pytest.fixture
def echo() -> Iterator[int]:
    """A port that sends back what it is sent."""
    ear = socket.create_server(("127.0.0.1", 0))

    def back(end: socket.socket) -> None:
        try:
            with end:
                while got := end.recv(65536):
                    end.sendall(got)
        except OSError:
            pass

    def serve() -> None:
        while True:
            try:
                end, _ = ear.accept()
            except OSError:
                return
            threading.Thread(target=back, args=(end,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield ear.getsockname()[1]
    ear.shutdown(socket.SHUT_RDWR)
    ear.close()


@pytest.fixture
def relay(echo: int) -> Iterator[Relay]:
    with Relay(echo) as made:
        yield made


def dial(relay: Relay) -> socket.socket:
    return socket.create_connection(("127.0.0.1", relay.port), 5)


def read(end: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count and (more := end.recv(count - len(got))):
        got += more
    return got


def trip_s(end: socket.socket, content: bytes = b"x") -> float:
    began_s = time.monotonic()
    end.sendall(content)
    assert read(end, len(content)) == content
    return time.monotonic() - began_s


def test_bytes_come_as_they_went(relay: Relay) -> None:
    content = random.Random(3).randbytes(300_000)
    relay.weather(Weather(delay_s=0.005, jitter_s=0.01, loss=0.01))
    with dial(relay) as end:
        threading.Thread(target=end.sendall, args=(content,), daemon=True).start()
        assert read(end, len(content)) == content
    assert relay.up.passed_bytes >= len(content)


def quickest_trip_s(end: socket.socket) -> float:
    """Of three: one of them may meet the machine standing still."""
    return min(trip_s(end) for _ in range(3))


def test_delay_is_each_way_and_loss_is_a_retransmission(relay: Relay) -> None:
    with dial(relay) as end:
        trip_s(end)
        relay.weather(Weather(delay_s=0.1))
        assert 0.2 <= quickest_trip_s(end) < 0.4
        relay.weather(Weather(loss=1.0))
        assert 0.4 <= quickest_trip_s(end) < 0.6
        relay.weather(FAIR)
        assert quickest_trip_s(end) < 0.1


def test_a_narrow_line_is_shared_and_felt_by_the_sender(relay: Relay) -> None:
    relay.weather(Weather(bytes_per_s=200_000))
    with dial(relay) as one, dial(relay) as two:
        for end in (one, two):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
            end.setblocking(False)
        deadline_s, taken = time.monotonic() + 0.5, 0
        while time.monotonic() < deadline_s:
            for end in (one, two):
                with contextlib.suppress(BlockingIOError):
                    taken += end.send(bytes(1000))
            time.sleep(0.001)
        assert 80_000 < relay.up.passed_bytes < 120_000
        assert taken < 500_000  # what passed and what buffers hold, of some 900 000 that were tried


def test_a_pulled_cable_says_nothing_and_loses_nothing(relay: Relay) -> None:
    with dial(relay) as end:
        trip_s(end)
        relay.pull()
        end.sendall(b"waiting")
        end.settimeout(0.2)
        with pytest.raises(TimeoutError):
            end.recv(1)
        relay.plug()
        end.settimeout(5)
        assert read(end, 7) == b"waiting"


def test_cut_connections_are_reset_and_refused_until_mended(relay: Relay) -> None:
    end = dial(relay)
    trip_s(end)
    relay.cut()
    with end, pytest.raises(ConnectionResetError):
        end.recv(1)
    with pytest.raises(ConnectionRefusedError):
        dial(relay)
    relay.mend()
    with dial(relay) as end:
        trip_s(end)
        relay.reset()
        with pytest.raises(ConnectionResetError):
            end.recv(1)
    with dial(relay) as end:
        trip_s(end)
