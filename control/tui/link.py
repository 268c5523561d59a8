"""Ties a station to its daemon: follows state and meters, asks what the operator wants, and comes back by itself.

Everything runs in the console's event loop and nothing in it waits for a daemon: a slow one delays its own panes only.
"""

from __future__ import annotations

import asyncio
import time

import msgspec

from masterd.control import protocol
from masterd.control.async_client import AsyncClient
from masterd.control.errors import MasterdError
from masterd.control.protocol import AnyEvent, Changed, HostChanged, StateSnapshot
from masterd.control.tui.station import Station

RETRY_S = 0.5
METERS_WAIT_S = 1.0
EQ_GATHER_S = 0.1
"""Turns of one knob that are drawn as one."""
EQ_POINTS = 160


class Link:
    """One daemon: `run` until cancelled."""

    def __init__(self, client: AsyncClient, station: Station) -> None:
        self.client, self.station = client, station
        self.points = EQ_POINTS
        self._boot_id = ""
        self._is_eq_old = asyncio.Event()

    async def run(self) -> None:
        """Follows the daemon, whether it is there or not."""
        try:
            async with asyncio.TaskGroup() as group:
                for loop in (self._follow, self._meters, self._responses):
                    group.create_task(loop())
        finally:
            self.client.close()

    async def ask(self, request: protocol.Request) -> protocol.Answer:
        """The answer, or a MasterdError."""
        return await self.client.request(request)

    def redraw_eq(self, points: int) -> None:
        """The equaliser is to be drawn with so many points."""
        if points != self.points or self.station.response is None:
            self.points = points
            self._is_eq_old.set()

    async def _follow(self) -> None:
        while True:
            try:
                async for item in self.client.follow():
                    await self._take(item)
            except MasterdError as error:
                self.station.lost(str(error))
            except msgspec.ValidationError as error:
                self.station.lost(f"it answers what this console does not understand: {error}")
            await asyncio.sleep(RETRY_S)

    async def _take(self, item: StateSnapshot | AnyEvent) -> None:
        if isinstance(item, StateSnapshot):
            await self._learn(item.boot_id)
            self.station.take_snapshot(item, time.monotonic())
            self._is_eq_old.set()
            return
        self.station.take_event(item, time.monotonic())
        if isinstance(item, HostChanged):
            self.station.take_status(await self.client.status())
        if isinstance(item, HostChanged) or (isinstance(item, Changed) and any(id.startswith("eq.") for id in item.changes)):
            self._is_eq_old.set()

    async def _learn(self, boot_id: str) -> None:
        """What does not come with a snapshot."""
        if boot_id != self._boot_id:
            self.station.described(await self.client.describe())
            self._boot_id = boot_id
        self.station.take_presets(await self.client.preset_list())
        self.station.take_status(await self.client.status())

    async def _meters(self) -> None:
        async with self.client.meter_reader() as reader:
            while True:
                try:
                    if (frame := await reader.poll(METERS_WAIT_S)) is not None:
                        self.station.take_meters(frame, time.monotonic(), reader.age_s)
                except MasterdError:  # the other loop says why
                    await asyncio.sleep(RETRY_S)

    async def _responses(self) -> None:
        while True:
            await self._is_eq_old.wait()
            await asyncio.sleep(EQ_GATHER_S)
            self._is_eq_old.clear()
            try:
                self.station.take_response(await self.client.eq_response(self.points))
            except (MasterdError, msgspec.ValidationError):  # out of reach: a snapshot follows. An older daemon: it has no curve
                await asyncio.sleep(RETRY_S)
