"""Does one thing at many daemons at the same time, and says of each what came of it. Nothing of one is lost in another's trouble.

With `all_or_nothing` a change is first thought through everywhere, then tried everywhere, to go back by itself unless it is
confirmed; and confirmed only when every daemon tries it. So a client that dies in between leaves no half behind either.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from masterd.control.async_client import AsyncClient
from masterd.control.calls import Question
from masterd.control.errors import Forbidden, Locked, MasterdError, NothingToConfirm, Refused, Unreachable
from masterd.control.hosts import Host
from masterd.control.protocol import Answer, Set, StateSnapshot

T = TypeVar("T")

CONFIRM_WITHIN_S = 15.0
"""How long a tried change stays without a word from us."""
CONFIRM_AGAIN_S = 0.5
ORIGIN = "fleet"


DONE, REFUSED, UNREACHABLE = "done", "refused", "unreachable"
NOT_ASKED = "not asked"
TAKEN_BACK = "taken back"
GOES_BACK = "goes back"
"""Not confirmed: it goes back by itself within CONFIRM_WITHIN_S."""


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


COULD = "could be done"

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


class Fleet:
    """Daemons that change together or not at all. One event loop."""

    def __init__(self, clients: Mapping[str, AsyncClient]) -> None:
        self.clients = clients

    async def change(self, plan: Plan) -> dict[str, Outcome[Answer]]:
        """Thinks `plan` through everywhere, tries it everywhere, confirms it everywhere; each daemon's outcome says how far it
        came."""
        planned = await self._all({name: self._planned(plan, client) for name, client in self.clients.items()})
        if not all(it.is_done for it in planned.values()):
            return {name: Outcome(NOT_ASKED) if it.is_done else failed_of(it) for name, it in planned.items()}
        tried = await self._all({name: self.clients[name].ask(it.result) for name, it in planned.items() if it.result})
        if not all(it.is_done for it in tried.values()):
            return await self._all_back(tried)
        return await self._all_confirmed(tried)

    async def _planned(self, plan: Plan, client: AsyncClient) -> Question[Answer]:
        now, who = await asyncio.gather(client.snapshot(), client.whoami())
        if who.role == "viewer":
            raise Forbidden(f"{who.who} is a viewer there, and may not turn anything")
        if now.lock and now.lock.who != who.who:
            raise Locked(f"locked by {now.lock.who}: {now.lock.note}")
        if now.trial:
            raise Refused(f"a change by {now.trial.who} waits there to be confirmed, which this one would decide as well")
        return (await plan(client, now))(now.revision, CONFIRM_WITHIN_S)

    async def _all_back(self, tried: Mapping[str, Outcome[Answer]]) -> dict[str, Outcome[Answer]]:
        back = await self._all({name: self._back(self.clients[name], it.result) for name, it in tried.items() if it.is_done})
        undone: dict[str, Outcome[Answer]] = {
            name: Outcome(TAKEN_BACK if it.is_done else GOES_BACK, error=it.error) for name, it in back.items()
        }
        return {name: undone.get(name) or failed_of(it) for name, it in tried.items()}

    async def _all_confirmed(self, tried: Mapping[str, Outcome[Answer]]) -> dict[str, Outcome[Answer]]:
        until_s = time.monotonic() + CONFIRM_WITHIN_S
        kept = await self._all({name: self._keep(self.clients[name], it.result, until_s) for name, it in tried.items()})
        return {name: tried[name] if it.is_done else Outcome(GOES_BACK, error=it.error) for name, it in kept.items()}

    @staticmethod
    async def _back(client: AsyncClient, answer: Answer | None) -> None:
        if token := token_of(answer):
            await client.revert(token)

    @staticmethod
    async def _keep(client: AsyncClient, answer: Answer | None, until_s: float) -> None:
        """Confirms, and tries again while the line is down and there is time."""
        if not answer or not (token := token_of(answer)):
            return
        while True:
            with suppress(Unreachable):
                try:
                    await client.confirm(token)
                except NothingToConfirm:  # unless an earlier word of ours did arrive, and its answer did not
                    if (await client.snapshot()).revision != answer.revision:
                        raise
                return
            if time.monotonic() > until_s:
                raise Unreachable(f"out of reach when it was to be confirmed: it goes back within {CONFIRM_WITHIN_S:g} s")
            await asyncio.sleep(CONFIRM_AGAIN_S)

    @staticmethod
    async def _all(work: Mapping[str, Awaitable[T]]) -> dict[str, Outcome[T]]:
        return dict(zip(work, await asyncio.gather(*map(one, work.values())), strict=True))


def foreseen(question: Question[Answer], now: StateSnapshot) -> Answer:
    """What a change of values would answer at a daemon in the state `now`; of a preset only that it could be loaded."""
    wanted = question.request.values if isinstance(question.request, Set) else {}
    changes = {id: (now.values[id], value) for id, value in wanted.items() if now.values[id] != value}
    return Answer(0, True, now.revision, {"changes": changes})


def called(word: str, outcomes: Mapping[str, Outcome[T]]) -> dict[str, Outcome[T]]:
    """The same, with another word for what was done."""
    return {name: replace(it, word=word) if it.is_done else it for name, it in outcomes.items()}


def token_of(answer: Answer | None) -> str:
    """What a tried change is confirmed by; empty when nothing changed."""
    result = answer.result if answer and isinstance(answer.result, dict) else {}
    return str(result.get("confirm", {}).get("token", ""))


def failed_of(outcome: Outcome[Any]) -> Outcome[Any]:
    """An outcome without its result."""
    return Outcome(outcome.word, error=outcome.error)


async def all_or_nothing(hosts: Mapping[str, Host], timeout_s: float, plan: Plan) -> dict[str, Outcome[Answer]]:
    """Changes every one of `hosts`, or none."""
    unusable: dict[str, Outcome[Answer]] = {}
    clients: dict[str, AsyncClient] = {}
    for name, host in hosts.items():
        try:
            clients[name] = AsyncClient(host.reach(name), timeout_s, ORIGIN)
        except MasterdError as error:  # one's own key
            unusable[name] = failed(error)
    try:
        if unusable:
            return {name: unusable.get(name) or Outcome(NOT_ASKED) for name in hosts}
        return await Fleet(clients).change(plan)
    finally:
        for client in clients.values():
            client.close()
