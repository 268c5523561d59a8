"""Turns parameters as fast as an operator does and no faster than the daemon answers: what comes meanwhile goes out as one."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable

from masterd.control.errors import MasterdError
from masterd.control.protocol import Adjust, Answer


class Turner:
    """`ask` sends a request, `tell` takes what went wrong. When something does, turns that wait are dropped: nothing is to move
    later, when nobody expects it."""

    def __init__(self, ask: Callable[[Adjust], Awaitable[Answer]], tell: Callable[[MasterdError], object]) -> None:
        self._ask, self._tell = ask, tell
        self._waiting: defaultdict[bool, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
        self._task: asyncio.Task[None] | None = None

    def turn(self, id: str, amount: float, travel: bool) -> None:
        """Moves `id` by `amount` of its unit, or of its knob's travel."""
        self._waiting[travel][id] += amount
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        while self._waiting:
            travel, values = self._waiting.popitem()
            try:
                await self._ask(Adjust(values=dict(values), travel=travel))
            except MasterdError as error:
                self._waiting.clear()
                self._tell(error)
