"""SIGHUP: the whole new configuration or none of it. What can change while audio runs does, the rest waits for a restart."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Callable

from masterd.daemon.config import Config, ConfigRefused, differences
from masterd.daemon.desk import Desk
from masterd.daemon.network import NotSecured, server_pair
from masterd.daemon.notify import Notifier
from masterd.daemon.status import in_one_line

log = logging.getLogger(__name__)


async def reload_on(asked: asyncio.Event, desk: Desk, reread: Callable[[], Config], notifier: Notifier) -> None:
    """Reloads each time `asked` is set, until cancelled."""
    while True:
        await asked.wait()
        asked.clear()
        notifier.reloading()
        try:
            await reload(desk, reread)
        except Exception:
            log.exception("the reload failed")
        notifier(READY=1, STATUS=in_one_line(desk))


async def reload(desk: Desk, reread: Callable[[], Config]) -> None:
    """One reload: presets anew, and the configuration if all of it is right."""
    before = desk.presets.names()
    await asyncio.to_thread(desk.presets.rescan)
    desk.presets_broken()
    if desk.presets.names() != before:
        desk.presets_changed("reload")
    try:
        new = await asyncio.to_thread(reread)
        if new.network.on:
            await asyncio.to_thread(server_pair)  # what would not start again is refused now
    except (ConfigRefused, NotSecured) as reason:
        desk.health.set("config_refused", str(reason))
        return
    desk.health.set("config_refused", None)
    waiting = [name for name, live in differences(desk.config, new) if not live]
    desk.health.set("restart_needed", f"{', '.join(waiting)}: changed, and used after a restart" if waiting else None)
    desk.config = with_live(desk.config, new)
    log.info("reloaded")


def with_live(running: Config, new: Config) -> Config:
    """The running configuration with those keys of the new one that can change while audio runs."""
    tables = {}
    for table in dataclasses.fields(Config):
        fresh = getattr(new, table.name)
        live = {it.name: getattr(fresh, it.name) for it in dataclasses.fields(fresh) if it.metadata["key"].live}
        tables[table.name] = dataclasses.replace(getattr(running, table.name), **live)
    return Config(**tables)
