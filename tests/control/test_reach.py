"""What a client says when it cannot speak to a daemon: each thing that can be wrong in its own words, by both faces, at once."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zmq
from hypothesis import given, strategies as st
from instruments.network import NetworkDaemon, free_port
from instruments.relay import Relay

from masterd.control import keys, lookup
from masterd.control.address import Address, Keys, split_host
from masterd.control.async_client import AsyncClient
from masterd.control.client import Client
from masterd.control.errors import SilentDaemon, UnknownKey, Unreachable, WrongServerKey
from masterd.control.handshake import Handshake

SOON_S = 1.5
"""Far below the time-out of these tests, and more than this machine ever takes."""
PAIR = keys.new_pair()
Ask = Callable[[Address, float], object]


def blocking(address: Address, timeout_s: float) -> object:
    with Client(address, timeout_s) as client:
        return client.get("eq.on")


def asynchronous(address: Address, timeout_s: float) -> object:
    async def ask() -> object:
        async with AsyncClient(address, timeout_s) as client:
            return (await asyncio.gather(client.get("eq.on"), client.get("eq.on")))[1]

    return asyncio.run(ask())


@pytest.fixture(params=[blocking, asynchronous])
def ask(request: pytest.FixtureRequest) -> Ask:
    face: Ask = request.param
    return face


@pytest.fixture(scope="module")
def site() -> Iterator[NetworkDaemon]:
    with NetworkDaemon() as running:
        yield running


def said(ask: Ask, address: Address, timeout_s: float = 5.0) -> Unreachable:
    began_s = time.monotonic()
    with pytest.raises(Unreachable) as caught:
        ask(address, timeout_s)
    if timeout_s == 5.0:
        assert time.monotonic() - began_s < SOON_S, "it waited for the time-out"
    return caught.value


def far(port: int, host: str = "127.0.0.1") -> Address:
    return Address("far", host, port, Keys(PAIR.public, PAIR))


def test_the_right_keys_are_let_in(site: NetworkDaemon, ask: Ask) -> None:
    assert ask(site.address("viewer"), 5.0) == {"eq.on": True}


def test_a_key_the_daemon_does_not_know(site: NetworkDaemon, ask: Ask) -> None:
    error = said(ask, site.address(keys.new_pair()))
    assert type(error) is UnknownKey
    assert "masterctl keys trust" in str(error)


def test_a_daemon_with_another_key(site: NetworkDaemon, ask: Ask) -> None:
    error = said(ask, site.address(server=keys.new_pair().public))
    assert type(error) is WrongServerKey
    assert "compare the fingerprints" in str(error)


def test_nobody_at_the_port(ask: Ask) -> None:
    error = said(ask, far(free_port(1)))
    assert (type(error), error.code) == (Unreachable, "unreachable")
    assert "nobody listens at that port" in str(error)


def test_a_name_nobody_knows(ask: Ask) -> None:
    assert "'no.such.invalid' of the daemon 'far' is not known" in str(said(ask, far(5570, "no.such.invalid")))


def test_a_name_server_that_hangs(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    real = socket.getaddrinfo

    def hang(host: str, *arguments: object, **more: object) -> object:
        if host == "slow.invalid":
            over.wait(5)
        return real("127.0.0.1" if host == "slow.invalid" else host, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(lookup, "is_numeric", lambda host: False)
    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        assert "was not resolved within 0.2 s" in str(said(ask, far(5570, "slow.invalid"), 0.2))
    finally:
        over.set()


def test_a_daemon_that_stands_still(site: NetworkDaemon, ask: Ask) -> None:
    os.kill(site.pid, signal.SIGSTOP)
    try:
        error = said(ask, site.address(), 0.5)
    finally:
        os.kill(site.pid, signal.SIGCONT)
    assert type(error) is SilentDaemon
    assert "did not greet within 0.5 s" in str(error)


def test_a_cable_that_is_out(site: NetworkDaemon, ask: Ask) -> None:
    with Relay(site.port) as relay:
        relay.pull()
        assert type(said(ask, site.address(port=relay.port), 0.5)) is SilentDaemon  # the relay's machine takes the connection


@pytest.fixture
def stranger() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as ear:
        yield ear


def answering(ear: socket.socket, content: bytes) -> None:
    def serve() -> None:
        while True:
            try:
                end, _ = ear.accept()
            except OSError:
                return
            with end:
                if content:
                    end.recv(10)
                    end.sendall(content)

    threading.Thread(target=serve, daemon=True).start()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"HTTP/1.1 400 Bad Request\r\n\r\n" + b"x" * 64, "is not a masterd"), (b"", "hangs up at once: a tunnel")],
)
def test_somebody_else_at_the_port(stranger: socket.socket, ask: Ask, content: bytes, words: str) -> None:
    answering(stranger, content)
    assert words in str(said(ask, far(stranger.getsockname()[1])))
    stranger.shutdown(socket.SHUT_RDWR)


def test_zeromq_without_keys_at_the_port(ask: Ask) -> None:
    with zmq.Context() as context, context.socket(zmq.ROUTER) as open_to_all:
        port = open_to_all.bind_to_random_port("tcp://127.0.0.1")
        assert "does not speak ZeroMQ with CURVE" in str(said(ask, far(port)))


def test_a_connection_that_breaks_while_the_answer_is_awaited(site: NetworkDaemon) -> None:
    with Relay(site.port) as relay, Client(site.address(port=relay.port), 5.0) as client:
        client.get("eq.on")
        os.kill(site.pid, signal.SIGSTOP)
        try:
            cutter = threading.Thread(target=cut_after, args=(relay, relay.up.passed_bytes + 50))
            cutter.start()
            with pytest.raises(Unreachable, match=r"nobody listens.*carried out.*not known"):
                client.get("eq.on")
        finally:
            os.kill(site.pid, signal.SIGCONT)
        cutter.join()


def cut_after(relay: Relay, passed_bytes: int) -> None:
    while relay.up.passed_bytes < passed_bytes:
        time.sleep(0.005)
    relay.cut()


def test_an_address_without_keys_is_no_address_of_the_network() -> None:
    with pytest.raises(ValueError, match="with keys only"):
        Address("far", "127.0.0.1", 5570)


EVENTS = st.sampled_from([int(it) for it in zmq.Event if it < 1 << 16]) | st.integers(0, 65535)


@given(st.lists(st.tuples(EVENTS, st.integers(-(2**31), 2**31 - 1))))
def test_whatever_a_monitor_tells_a_handshake_has_a_story(events: list[tuple[int, int]]) -> None:
    handshake = Handshake(far(5570))
    for event, value in events:
        handshake.take([event.to_bytes(2, "little") + value.to_bytes(4, "little", signed=True), b"tcp://"])
    assert isinstance(handshake.silence(1.0), Unreachable)
    if events and events[-1][0] == zmq.EVENT_HANDSHAKE_SUCCEEDED:
        assert type(handshake.silence(1.0)) is SilentDaemon
        assert handshake.doubt is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("transmitter.example", ("transmitter.example", 5570)),
        ("10.0.0.7:6000", ("10.0.0.7", 6000)),
        ("fd00::7", ("fd00::7", 5570)),
        ("[fd00::7]:6000", ("fd00::7", 6000)),
    ],
)
def test_hosts_and_ports(text: str, parts: tuple[str, int]) -> None:
    assert split_host(text) == parts


@pytest.mark.parametrize(
    "text", ["", "a b", "host:", "host:0", "host:65534", "host:99999", "[host]:1", "tcp://host", "host:12x", "a:b:c"]
)
def test_what_is_no_host(text: str) -> None:
    with pytest.raises(ValueError, match=r"no host|the port must be"):
        split_host(text)


def test_an_endpoint_for_each_socket_and_kind_of_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTERD_RUNTIME_DIR", str(tmp_path))
    assert Address("x").endpoint("events") == f"ipc://{tmp_path}/x/events"
    assert far(6000).endpoint("meters") == "tcp://127.0.0.1:6002"
    assert far(6000, "name.example").endpoint("ctl", "fd00::7") == "tcp://[fd00::7]:6000"
    assert PAIR.secret not in repr(far(6000))
