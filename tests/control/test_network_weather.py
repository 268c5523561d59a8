"""Clients on a line that is long, narrow, lossy, cut or moved: what they show is never old unsaid, and it converges."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from instruments.network import NetworkDaemon
from instruments.relay import FAIR, Relay, Weather

from masterd.control.address import Address
from masterd.control.async_client import AsyncClient
from masterd.control.client import Client
from masterd.control.errors import Unreachable
from masterd.control.follow import MeterReader
from masterd.control.picture import LAG_S, SILENCE_S
from masterd.control.protocol import Changed, Heartbeat, StateSnapshot

DRIVE = "limiter.drive_db"
LONG = Weather(delay_s=0.06, jitter_s=0.02, loss=0.02)
CONVERGED_WITHIN_S = SILENCE_S + 4.0
"""The silence that is noticed, a time-out, and a reconnection."""


@pytest.fixture(scope="module")
def site() -> Iterator[NetworkDaemon]:
    with NetworkDaemon() as running:
        yield running


@pytest.fixture
def relay(site: NetworkDaemon) -> Iterator[Relay]:
    with Relay(site.port, ports=3) as line:
        yield line


class Screen:
    """What somebody far away sees of one parameter, kept up by one face of the library in a thread of its own."""

    def __init__(self, address: Address, is_async: bool) -> None:
        self.address = address
        self.value: float | None = None
        self.boots: list[str] = []
        self.age_s: Callable[[], float] = lambda: float("inf")
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=(lambda: asyncio.run(self._awaiting())) if is_async else self._blocking)

    def __enter__(self) -> Screen:
        self._thread.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _blocking(self) -> None:
        with Client(self.address, 1.0) as client, client.follower() as follower:
            self.age_s = lambda: follower.age_s
            while not self._is_over.is_set():
                with contextlib.suppress(Unreachable):
                    self._take(follower.poll(0.1))

    async def _awaiting(self) -> None:
        async with AsyncClient(self.address, 1.0) as client, client.follower() as follower:
            self.age_s = lambda: follower.age_s
            while not self._is_over.is_set():
                with contextlib.suppress(Unreachable):
                    self._take(await follower.poll(0.1))

    def _take(self, item: object) -> None:
        if isinstance(item, StateSnapshot):
            self.value = float(item.values[DRIVE])
            self.boots.append(item.boot_id)
        elif isinstance(item, Changed) and DRIVE in item.changes:
            self.value = float(item.changes[DRIVE][1])

    def shows(self, value: float, within_s: float) -> bool:
        until_s = time.monotonic() + within_s
        while self.value != value and time.monotonic() < until_s:
            time.sleep(0.01)
        return self.value == value


@pytest.fixture
def screens(site: NetworkDaemon, relay: Relay) -> Iterator[list[Screen]]:
    """Both faces at once."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Screen(site.address(port=relay.port), is_async)) for is_async in (False, True)]


def turn(site: NetworkDaemon, drive_db: float) -> None:
    assert site.set(limiter__drive_db=drive_db)["ok"]


def test_a_pulled_cable_is_noticed_and_the_state_converges(
    site: NetworkDaemon, relay: Relay, screens: list[Screen], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two screens know the daemon by a name, which moves to another line when its line is pulled; two by address, and wait."""
    real, now_at = socket.getaddrinfo, ["127.0.0.1"]

    def look_up(host: str, *arguments: object, **more: object) -> object:
        is_asked = host == "transmitter.test" and "flags" not in more
        return real(now_at[0] if is_asked else host, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    by_name = site.address(port=relay.port, host="transmitter.test")
    with Relay(site.port, 3, host="127.0.0.2", port=relay.port), Screen(by_name, False) as one, Screen(by_name, True) as two:
        turn(site, 1.0)
        assert all(it.shows(1.0, 5) for it in (*screens, one, two))
        relay.pull()
        now_at[0] = "127.0.0.2"
        time.sleep(0.1)
        turn(site, 2.0)
        assert all(it.shows(2.0, CONVERGED_WITHIN_S) for it in (one, two))
        time.sleep(0.5)
    assert [it.value for it in screens] == [1.0, 1.0]
    assert all(it.age_s() > SILENCE_S for it in screens), "an old picture that does not say so"
    relay.plug()
    assert all(it.shows(2.0, CONVERGED_WITHIN_S) for it in screens)
    assert all(it.age_s() < 1.5 for it in screens)


def test_cut_connections_heal_and_nothing_is_missed(site: NetworkDaemon, relay: Relay, screens: list[Screen]) -> None:
    turn(site, 3.0)
    assert all(it.shows(3.0, 5) for it in screens)
    relay.cut()
    turn(site, 4.0)
    time.sleep(0.3)
    relay.mend()
    assert all(it.shows(4.0, CONVERGED_WITHIN_S) for it in screens)
    relay.reset()
    turn(site, 5.0)
    assert all(it.shows(5.0, CONVERGED_WITHIN_S) for it in screens)


def test_a_restarted_daemon_is_followed_anew(tmp_path: Path) -> None:
    with NetworkDaemon(folder=tmp_path) as first:
        address = first.address()
        with Screen(address, False) as one, Screen(address, True) as two:
            turn(first, 6.0)
            assert one.shows(6.0, 5)
            assert two.shows(6.0, 5)
            first.stop()
            with NetworkDaemon(folder=tmp_path, port=first.port) as second:
                turn(second, 7.0)
                assert one.shows(7.0, CONVERGED_WITHIN_S)
                assert two.shows(7.0, CONVERGED_WITHIN_S)
            assert all(len(set(it.boots)) == 2 for it in (one, two))


def test_on_a_long_and_lossy_line_everything_comes_in_order(site: NetworkDaemon, relay: Relay) -> None:
    relay.weather(LONG)

    async def hear(client: AsyncClient) -> list[float]:
        seen: list[float] = []
        async with client.follower() as follower:
            assert isinstance(await follower.poll(), StateSnapshot)
            while not isinstance(await follower.poll(5), Heartbeat):
                pass  # now the subscription is known to have arrived
            heard = asyncio.gather(*(client.set({DRIVE: 0.1 * at}) for at in range(1, 61)))
            while len(seen) < 60:
                item = await follower.poll(5)
                assert not isinstance(item, StateSnapshot), "an event was lost"
                seen += [float(item.changes[DRIVE][1])] if isinstance(item, Changed) and DRIVE in item.changes else []
            await heard
        return seen

    turn(site, 0.0)
    seen = with_client(site, relay, hear)
    assert seen == pytest.approx([0.1 * at for at in range(1, 61)])


def with_client(site: NetworkDaemon, relay: Relay, work: Callable[[AsyncClient], Awaitable[list[float]]]) -> list[float]:
    async def inside() -> list[float]:
        async with AsyncClient(site.address(port=relay.port), 5.0) as client:
            return await work(client)

    return asyncio.run(inside())


def test_meters_over_a_line_too_narrow_for_them_are_few_but_never_old(site: NetworkDaemon, relay: Relay) -> None:
    """A third of what they need: without care the frames of ten seconds ago would arrive. Both clocks are this machine's."""
    with MeterReader(site.address(port=relay.port)) as reader:
        reader.read(5)
        relay.weather(Weather(bytes_per_s=12_000))
        until_s, waited_s = time.monotonic() + 4.0, []
        while time.monotonic() < until_s:
            if (meters := reader.poll(0.1)) is not None:
                waited_s.append(time.time() - meters.time)
        relay.weather(FAIR)
        assert len(waited_s) > 5
        assert sorted(waited_s)[-2] < LAG_S + 0.3  # the machine may stand still once between a frame and this clock
        assert reader.read(5)
        assert reader.age_s < 1.0
