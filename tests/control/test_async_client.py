"""The asynchronous face: the same words, several at once, against a real daemon on this machine and over the network."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from instruments.network import NetworkDaemon

from masterd.control import words
from masterd.control.async_client import AsyncClient
from masterd.control.client import Client
from masterd.control.errors import OutOfRange, SilentDaemon
from masterd.control.parameters import PARAMETERS
from masterd.control.protocol import Changed, Heartbeat, StateSnapshot

CEILING = "limiter.ceiling_dbtp"


@pytest.fixture(scope="module")
def site() -> Iterator[NetworkDaemon]:
    with NetworkDaemon() as running, running.found():
        yield running


@pytest.fixture(params=["ipc", "tcp"])
def run(site: NetworkDaemon, request: pytest.FixtureRequest) -> Callable[[Callable[[AsyncClient], Awaitable[None]]], None]:
    """Runs a test's coroutine with a client."""
    where = site.address() if request.param == "tcp" else site.name

    @asynccontextmanager
    async def flat() -> AsyncIterator[AsyncClient]:
        async with AsyncClient(where, timeout_s=5, origin="test") as client:
            await client.preset_load("flat", glide_ms=0)
            yield client

    def with_client(test: Callable[[AsyncClient], Awaitable[None]]) -> None:
        async def inside() -> None:
            async with flat() as client:
                await test(client)

        asyncio.run(inside())

    return with_client


def test_both_faces_know_every_word() -> None:
    every = {name for name, it in vars(words).items() if inspect.isfunction(it) and it.__module__ == words.__name__}
    assert {"describe", "get", "set", "status", "whoami"} <= every
    for name in every:
        for face in (Client, AsyncClient):
            method = getattr(face, name)
            assert inspect.signature(method) == inspect.signature(getattr(words, name))
            assert method.__doc__ == getattr(words, name).__doc__


def test_set_get_and_refusals(run) -> None:
    async def test(client: AsyncClient) -> None:
        assert list(await client.get()) == list(PARAMETERS)
        before = (await client.snapshot()).revision
        assert (await client.set({CEILING: -2})).revision == before + 1
        assert await client.get(CEILING) == {CEILING: -2.0}
        with pytest.raises(OutOfRange):
            await client.set({CEILING: 3})
        assert (await client.status()).revision == before + 1

    run(test)


def test_many_at_once_each_get_their_own_answer(run) -> None:
    async def test(client: AsyncClient) -> None:
        ids = list(PARAMETERS)[:120]
        answers = await asyncio.gather(*(client.get(id) for id in ids))
        assert [list(answer) for answer in answers] == [[id] for id in ids]

    run(test)


def test_who_gives_up_does_not_disturb_the_others(run, site: NetworkDaemon) -> None:
    async def test(client: AsyncClient) -> None:
        os.kill(site.pid, signal.SIGSTOP)
        try:
            patient = asyncio.create_task(client.get("eq.on"))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.get("bypass.on"), 0.1)
            client.timeout_s = 0.2
        finally:
            os.kill(site.pid, signal.SIGCONT)
        assert await patient == {"eq.on": True}

    run(test)


def test_a_silent_daemon_answers_again(run, site: NetworkDaemon) -> None:
    async def test(client: AsyncClient) -> None:
        quick = AsyncClient(client.address, timeout_s=0.2)
        await quick.get("eq.on")
        os.kill(site.pid, signal.SIGSTOP)
        try:
            with pytest.raises(SilentDaemon, match=r"did not answer within 0\.2 s"):
                await quick.get("eq.on")
        finally:
            os.kill(site.pid, signal.SIGCONT)
        quick.timeout_s = 5
        assert await quick.get("eq.on") == {"eq.on": True}
        quick.close()

    run(test)


def test_follow_and_meters(run) -> None:
    async def test(client: AsyncClient) -> None:
        gains = [float(gain) for gain in range(-24, 25)]
        seen: list[float] = []
        async with client.follower() as follower:
            assert follower.age_s == float("inf")
            assert isinstance(await follower.poll(), StateSnapshot)
            while not isinstance(await follower.poll(5), Heartbeat):
                pass  # now the subscription is known to have arrived
            for gain in gains:
                await client.set({"eq.1.gain_db": gain})
            while len(seen) < len(gains):
                item = await follower.poll(5)
                assert not isinstance(item, StateSnapshot), "an event was lost"
                if isinstance(item, Changed):
                    seen.append(float(item.changes["eq.1.gain_db"][1]))
            assert follower.age_s < 1.5
        assert seen == gains
        async with client.meter_reader() as reader:
            first, second = await reader.read(5), await reader.read(5)
            assert second.seq > first.seq
            assert reader.age_s < 0.5

    run(test)


def test_the_iterators(run) -> None:
    async def test(client: AsyncClient) -> None:
        items = client.follow()
        assert isinstance(await anext(items), StateSnapshot)
        while not isinstance(await anext(items), Heartbeat):
            pass
        await client.set({CEILING: -3})
        while not isinstance(item := await anext(items), Changed):
            pass
        assert item.changes == {CEILING: (-1.0, -3.0)}
        await items.aclose()
        frames = client.meters()
        assert (await anext(frames)).seq < (await anext(frames)).seq
        await frames.aclose()

    run(test)
