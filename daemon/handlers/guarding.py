"""The lock, confirmation, and who did what."""

from __future__ import annotations

import asyncio
from typing import Any

from masterd.control import protocol as ask
from masterd.control.errors import BadRequest
from masterd.daemon.asker import asking
from masterd.daemon.audit import MOST_READ
from masterd.daemon.desk import Desk
from masterd.daemon.handlers.checks import Handlers, moved


def lock(desk: Desk, request: ask.TakeLock) -> Any:  # noqa: D103
    return desk.hands_off.take(asking.get(), request.note, request.seconds)


def unlock(desk: Desk, request: ask.Unlock) -> Any:  # noqa: D103
    desk.hands_off.give()


def confirm(desk: Desk, request: ask.Confirm) -> Any:  # noqa: D103
    desk.trials.confirm(request.token)


def revert(desk: Desk, request: ask.Revert) -> Any:  # noqa: D103
    return moved(desk.trials.revert(request.token))


def whoami(desk: Desk, request: ask.WhoAmI) -> Any:  # noqa: D103
    asker = asking.get()
    return ask.Identity(who=asker.who, address=asker.address, role=str(asker.role))


async def audit(desk: Desk, request: ask.AskAudit) -> Any:  # noqa: D103
    if not 1 <= request.count <= MOST_READ:
        raise BadRequest(f"count: {request.count} is outside 1 to {MOST_READ}")
    return await asyncio.to_thread(desk.audit.newest, request.count)


HANDLERS: Handlers = {
    ask.TakeLock: lock,
    ask.Unlock: unlock,
    ask.Confirm: confirm,
    ask.Revert: revert,
    ask.WhoAmI: whoami,
    ask.AskAudit: audit,
}
