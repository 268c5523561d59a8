"""Does one thing at many daemons at the same time, and says of each what came of it: one's trouble hides nothing of another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from masterd.control.async_client import AsyncClient
from masterd.control.calls import Question
from masterd.control.errors import MasterdError, Unreachable
from masterd.control.hosts import Host
from masterd.control.protocol import Answer, Set, StateSnapshot

T = TypeVar("T")

ORIGIN = "fleet"

DONE, COULD, REFUSED, UNREACHABLE = "done", "could be done", "refused", "unreachable"
NOT_ASKED = "not asked"
"""Another one could not, so nobody was to."""
TAKEN_BACK = "taken back"
GOES_BACK = "goes back"
"""Not confirmed: it goes back by itself within seconds."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What came of it at one daemon: `result` when it was done, else `error`; `word` says which in a word."""

    word: str
    result: T | None = None
    error: MasterdError | None = None

    @property
    def is_done(self) -> bool:
        """Whether it was."""
        return self.error is None and self.word not in (NOT_ASKED, TAKEN_BACK)


Work = Callable[[AsyncClient], Awaitable[T]]
Change = Callable[[int | None, float | None], Question[Answer]]
"""The question that changes a daemon, given the revision it must be at and the time within which it is confirmed."""
Plan = Callable[[AsyncClient, StateSnapshot], Awaitable[Change]]
"""Thinks a change through against a daemon's state; raises what the daemon would."""


def failed(error: MasterdError) -> Outcome[Any]:
    """The outcome that an error is."""
    return Outcome(UNREACHABLE if isinstance(error, Unreachable) else REFUSED, error=error)


async def one(work: Awaitable[T]) -> Outcome[T]:
    """The outcome of work at one daemon."""
    try:
        return Outcome(DONE, await work)
    except MasterdError as error:
        return failed(error)


async def everywhere(hosts: Mapping[str, Host], timeout_s: float, work: Work[T]) -> dict[str, Outcome[T]]:
    """The outcome of `work` at each of `hosts`, all at once."""

    async def at(name: str, host: Host) -> T:
        async with AsyncClient(host.reach(name), timeout_s, ORIGIN) as client:
            return await work(client)

    outcomes = await asyncio.gather(*(one(at(name, host)) for name, host in hosts.items()))
    return dict(zip(hosts, outcomes, strict=True))


def foreseen(question: Question[Answer], now: StateSnapshot) -> Answer:
    """What a change of values would answer at a daemon in the state `now`; of a preset only that it could be loaded."""
    wanted = question.request.values if isinstance(question.request, Set) else {}
    changes = {id: (now.values[id], value) for id, value in wanted.items() if now.values[id] != value}
    return Answer(0, True, now.revision, {"changes": changes})


def called(word: str, outcomes: Mapping[str, Outcome[T]]) -> dict[str, Outcome[T]]:
    """The same, with another word for what was done."""
    return {name: replace(it, word=word) if it.is_done else it for name, it in outcomes.items()}
