"""The client library for asyncio: `client.Client` with the same words, each to be awaited, several at once if wanted.

>>> async with AsyncClient() as daemon:
...     await daemon.set({"limiter.ceiling_dbtp": -2})
...     async for item in daemon.follow():
...         print(item)

An AsyncClient belongs to one event loop. Errors are those of `client`.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Self, TypeVar

import zmq

from masterd.control import protocol, words
from masterd.control.address import Address
from masterd.control.async_line import AsyncLine
from masterd.control.calls import Calls, Question
from masterd.control.client import DEFAULT_TIMEOUT_S
from masterd.control.errors import Unreachable
from masterd.control.places import DEFAULT_NAME
from masterd.control.protocol import Answer, Request, StateSnapshot

if TYPE_CHECKING:
    from masterd.control.async_follow import AsyncFollower, AsyncMeterReader

P = ParamSpec("P")
T = TypeVar("T")


def _asked(word: Callable[P, Question[T]]) -> Callable[Concatenate[AsyncClient, P], Awaitable[T]]:
    @functools.wraps(word)
    async def method(client: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await client.ask(word(*args, **kwargs))

    return method


class AsyncClient:
    """A connection to a daemon, made at the first request. `where` is an Address, or a daemon's name on this machine."""

    def __init__(self, where: Address | str = DEFAULT_NAME, timeout_s: float = DEFAULT_TIMEOUT_S, origin: str = "client") -> None:
        self.address = where if isinstance(where, Address) else Address(where)
        self.timeout_s = timeout_s
        self._calls = Calls(origin)
        self._line: AsyncLine | None = None

    @property
    def name(self) -> str:
        """What people call the daemon."""
        return self.address.name

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the socket; requests under way fail. The next request connects again."""
        if self._line is not None:
            self._line.close()
            self._line = None

    async def ask(self, question: Question[T]) -> T:
        """Asks one of `words`: what every method below does."""
        return question.understood(await self.request(question.request))

    async def request(self, request: Request) -> Answer:
        """Sends `request` and waits for its answer."""
        frames = self._calls.encode(request)
        line = self._line = self._line or AsyncLine(self.address, self.timeout_s)
        try:
            answer = await line.answer(request, frames)
        except (Unreachable, zmq.ZMQError) as error:
            if self._line is line and not line.is_busy:
                self.close()
            raise error if isinstance(error, Unreachable) else Unreachable(f"{self.address}: {error}") from error
        return self._calls.granted(answer)

    describe = _asked(words.describe)
    get = _asked(words.get)
    set = _asked(words.set)
    adjust = _asked(words.adjust)
    preset_list = _asked(words.preset_list)
    preset_load = _asked(words.preset_load)
    preset_save = _asked(words.preset_save)
    preset_delete = _asked(words.preset_delete)
    undo = _asked(words.undo)
    redo = _asked(words.redo)
    confirm = _asked(words.confirm)
    revert = _asked(words.revert)
    lock = _asked(words.lock)
    unlock = _asked(words.unlock)
    whoami = _asked(words.whoami)
    audit = _asked(words.audit)
    snapshot = _asked(words.snapshot)
    status = _asked(words.status)
    reset_loudness = _asked(words.reset_loudness)
    spectrum = _asked(words.spectrum)
    eq_response = _asked(words.eq_response)
    monitor = _asked(words.monitor)
    monitor_hear = _asked(words.monitor_hear)
    midi_list = _asked(words.midi_list)
    midi_learn = _asked(words.midi_learn)
    midi_learn_confirm = _asked(words.midi_learn_confirm)
    midi_learn_cancel = _asked(words.midi_learn_cancel)
    midi_monitor = _asked(words.midi_monitor)
    analyse_begin = _asked(words.analyse_begin)
    analyse_result = _asked(words.analyse_result)

    async def follow(self) -> AsyncIterator[StateSnapshot | protocol.AnyEvent]:
        """A snapshot, then every event in order without a gap; another snapshot whenever events were lost or the daemon
        restarted. Raises Unreachable when it falls silent; following anew is right then."""
        async with self.follower() as follower:
            while True:
                if (item := await follower.poll(1.0)) is not None:
                    yield item

    def follower(self) -> AsyncFollower:
        """What `follow` runs on, for those who also want to know how old the picture is."""
        from masterd.control.async_follow import AsyncFollower

        return AsyncFollower(self)

    async def meters(self) -> AsyncIterator[protocol.Meters]:
        """Meter frames, always the newest; Unreachable when none comes for the time-out."""
        async with self.meter_reader() as reader:
            while True:
                yield await reader.read(self.timeout_s)

    def meter_reader(self) -> AsyncMeterReader:
        """What `meters` runs on."""
        from masterd.control.async_follow import AsyncMeterReader

        return AsyncMeterReader(self.address)
