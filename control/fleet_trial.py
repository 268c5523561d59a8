"""Changes a fleet together or not at all: thought through everywhere, then tried everywhere, to go back by itself unless it is
confirmed, and confirmed only when every daemon tries it. So a client that dies in between leaves no half behind either."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from typing import TypeVar

from masterd.control.async_client import AsyncClient
from masterd.control.calls import Question
from masterd.control.errors import Forbidden, Locked, MasterdError, NothingToConfirm, Refused, Unreachable
from masterd.control.fleet import GOES_BACK, NOT_ASKED, ORIGIN, TAKEN_BACK, Outcome, Plan, failed, one
from masterd.control.hosts import Host
from masterd.control.protocol import Answer, Role

T = TypeVar("T")
Clients = Mapping[str, AsyncClient]
Outcomes = dict[str, Outcome[Answer]]

CONFIRM_WITHIN_S = 15.0
"""How long a tried change stays without a word from us."""
CONFIRM_AGAIN_S = 0.5


async def all_or_nothing(hosts: Mapping[str, Host], timeout_s: float, plan: Plan) -> Outcomes:
    """Changes every one of `hosts`, or none; each one's outcome says how far it came."""
    unusable: Outcomes = {}
    clients: dict[str, AsyncClient] = {}
    for name, host in hosts.items():
        try:
            clients[name] = AsyncClient(host.reach(name), timeout_s, ORIGIN)
        except MasterdError as error:  # one's own key
            unusable[name] = failed(error)
    try:
        if unusable:
            return {name: unusable.get(name) or Outcome(NOT_ASKED) for name in hosts}
        return await changed(clients, plan)
    finally:
        for client in clients.values():
            client.close()


async def changed(clients: Clients, plan: Plan) -> Outcomes:
    """The three steps."""
    planned = await each({name: planned_at(client, plan) for name, client in clients.items()})
    if not all(it.is_done for it in planned.values()):
        return {name: Outcome(NOT_ASKED if it.is_done else it.word, error=it.error) for name, it in planned.items()}
    tried = await each({name: clients[name].ask(it.result) for name, it in planned.items() if it.result})
    if not all(it.is_done for it in tried.values()):
        return await taken_back(clients, tried)
    return await confirmed(clients, tried)


async def planned_at(client: AsyncClient, plan: Plan) -> Question[Answer]:
    """The question that tries the change there; raises what would keep it from being done."""
    now, who = await asyncio.gather(client.snapshot(), client.whoami())
    if who.role == str(Role.VIEWER):
        raise Forbidden(f"{who.who} is a viewer there, and may not turn anything")
    if now.lock and now.lock.who != who.who:
        raise Locked(f"locked by {now.lock.who}: {now.lock.note}")
    if now.trial:
        raise Refused(f"a change by {now.trial.who} waits there to be confirmed, which this one would decide as well")
    return (await plan(client, now))(now.revision, CONFIRM_WITHIN_S)


async def taken_back(clients: Clients, tried: Outcomes) -> Outcomes:
    """Takes back what was tried, where it was."""
    back = await each({name: take_back(clients[name], it.result) for name, it in tried.items() if it.is_done})
    outcomes: Outcomes = {name: Outcome(TAKEN_BACK if it.is_done else GOES_BACK, error=it.error) for name, it in back.items()}
    return {name: outcomes.get(name, it) for name, it in tried.items()}


async def confirmed(clients: Clients, tried: Outcomes) -> Outcomes:
    """Keeps what was tried, everywhere."""
    until_s = time.monotonic() + CONFIRM_WITHIN_S
    kept = await each({name: keep(clients[name], it.result, until_s) for name, it in tried.items()})
    return {name: tried[name] if it.is_done else Outcome(GOES_BACK, error=it.error) for name, it in kept.items()}


async def take_back(client: AsyncClient, answer: Answer | None) -> None:
    """Reverts a tried change."""
    if token := token_of(answer):
        await client.revert(token)


async def keep(client: AsyncClient, answer: Answer | None, until_s: float) -> None:
    """Confirms a tried change, and tries again while the line is down and there is time."""
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


def token_of(answer: Answer | None) -> str:
    """What a tried change is confirmed by; empty when nothing changed."""
    result = answer.result if answer and isinstance(answer.result, dict) else {}
    return str(result.get("confirm", {}).get("token", ""))


async def each(work: Mapping[str, Awaitable[T]]) -> dict[str, Outcome[T]]:
    """The outcomes of work under way at several daemons, all at once."""
    return dict(zip(work, await asyncio.gather(*map(one, work.values())), strict=True))
