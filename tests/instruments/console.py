"""The console as an operator has it, without a terminal: keys in, lines out, against real daemons."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from masterd.control.address import Address
from masterd.control.cli.tui import console
from masterd.control.tui.console import Console
from masterd.control.tui.pane import Pane

WITHIN_S = 20.0


class Operator:
    """Presses keys and reads panes."""

    def __init__(self, app: Console, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def deck(self):
        return self.app.deck

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def write(self, text: str) -> None:
        """Answers what the console asks, and enters."""
        assert self.app.prompt.is_open, self.screen()
        self.app.prompt.query_one(Input).value = text
        await self.pilot.press("enter")

    async def until(self, what: Callable[[], object], within_s: float = WITHIN_S) -> None:
        """Waits until it is so; shows the screen when it does not become so."""
        end_s = time.monotonic() + within_s
        while not what():
            assert time.monotonic() < end_s, self.screen()
            await self.pilot.pause(0.02)

    def screen(self) -> str:
        return "\n".join(text for pane in self.panes() for text in [f"[{pane.TITLE}]", *lines(pane)])

    def panes(self) -> list[Pane]:
        """Those that are to be seen."""
        return [pane for pane in self.app.query(Pane) if pane.region and all(it.display for it in pane.ancestors_with_self)]

    def shows(self, words: str) -> bool:
        return words in self.screen()


def lines(pane: Pane) -> list[str]:
    return [line.text for line in pane._lines]


@contextlib.asynccontextmanager
async def operated(*names: str, size: tuple[int, int] = (120, 40), target: str = "") -> AsyncIterator[Operator]:
    from masterd.control.tui.target import parse_target

    app = console([Address(name) for name in names], 2.0, parse_target(target), "masterd")
    async with app.run_test(size=size) as pilot:
        yield Operator(app, pilot)


def run(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """A scene with an event loop of its own."""
    asyncio.run(scene())
