"""The life of a daemon: every part started in order, and stopped in exact reverse, whatever happens in between.

lock - sockets - saver - audio - requests - READY        asked to stop: refuse requests, fade out, save, unbind, unlock
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from masterd.control import places
from masterd.control.keys import Pair
from masterd.daemon.assemble import assemble
from masterd.daemon.companions import companions, keep
from masterd.daemon.config import Config
from masterd.daemon.desk import Desk
from masterd.daemon.guard import Guard, peers_of
from masterd.daemon.lock import Lock
from masterd.daemon.network import Network, server_pair
from masterd.daemon.notify import Notifier
from masterd.daemon.peers import Peers
from masterd.daemon.realtime import bound_runaways
from masterd.daemon.reload import reload_on
from masterd.daemon.rhythm import every
from masterd.daemon.server import Server
from masterd.daemon.sockets import Sockets
from masterd.daemon.status import in_one_line
from masterd.daemon.store import Saver
from masterd.daemon.ticks import Ticks

SWITCH_INTERVAL_S = 0.001
"""How long another Python thread may keep the control loop waiting for the interpreter."""
FORCED = 1
OPENING_SAID_S = 5.0
LEVELLER_KEPT_EVERY_S = 10.0
GUARD_EVERY_S = 0.1

log = logging.getLogger(__name__)


def has_terminal() -> bool:
    """Whether this process has a controlling terminal that is still there."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def silence(streams: list[int]) -> None:
    """What is still said there goes nowhere, instead of failing."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in streams:
        os.dup2(nowhere, stream)
    os.close(nowhere)


class Signals:
    """SIGTERM and SIGINT ask to stop, a second one leaves at once. SIGHUP asks to reload; but when the terminal is gone in
    which the daemon was started, without nohup, it asks to stop. Made inside the loop."""

    def __init__(self) -> None:
        self.stop, self.reload = asyncio.Event(), asyncio.Event()
        self._terminals = [stream for stream in range(3) if os.isatty(stream)]
        self._in_terminal = has_terminal() and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_stop)
        loop.add_signal_handler(signal.SIGHUP, self._on_hangup)

    def _on_hangup(self) -> None:
        if self._in_terminal and not has_terminal():
            silence(self._terminals)
            self._on_stop()
        else:
            self.reload.set()

    def _on_stop(self) -> None:
        if self.stop.is_set():
            os._exit(FORCED)
        self.stop.set()


async def live(config: Config, reread: Callable[[], Config], ready: Callable[[Desk], None]) -> None:
    """Runs a daemon until it is asked to stop. NotSecured, AlreadyRunning, OSError, and what a host raises that cannot be opened
    at all."""
    signals, notifier = Signals(), Notifier()
    pair = server_pair() if config.network.on else None
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(Lock(places.runtime_directory(config.daemon.name)))
        peers = peers_of(config)
        sockets = Sockets(config.daemon.name, peers)
        stack.callback(sockets.close)
        desk = begin(config, sockets, stack)
        watch_for_runaways(desk)
        desk.air.start(desk.state.values, desk.agc_gain_db)
        stack.callback(desk.air.stop)
        if desk.monitor:
            desk.monitor.start()
            stack.callback(desk.monitor.stop)
        stack.callback(desk.analysis.stop)
        going = work(desk, sockets, signals, notifier, reread) + control(desk, sockets, peers, pair)
        await stack.enter_async_context(tasks(*going))
        await sound(desk, signals, notifier)
        if not signals.stop.is_set():
            notifier(READY=1, STATUS=in_one_line(desk))
            ready(desk)
        gc.collect()
        gc.freeze()  # what is there by now stays: looking through it again would hold requests up for tens of milliseconds
        await signals.stop.wait()
        log.info("stopping")
        notifier(STOPPING=1, STATUS="fading out")


def begin(config: Config, sockets: Sockets, stack: contextlib.AsyncExitStack) -> Desk:
    """The desk, with a thread that saves its state."""
    soon = asyncio.get_running_loop().call_soon_threadsafe
    desk, store = assemble(config, places.state_directory(config.daemon.name), sockets.events.send, soon)

    def report(why: str | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            soon(desk.health.set, "state_not_saved", why)

    stack.enter_context(desk.audit)
    stack.callback(desk.write_down, "stop")
    saver = stack.enter_context(Saver(store, report))
    desk.keep = saver.keep
    desk.state.listeners.append(lambda _: desk.save())
    stack.callback(desk.save)
    desk.save()
    return desk


def watch_for_runaways(desk: Desk) -> None:
    """A real-time thread that never sleeps raises an alarm, and is ended with the process before it locks the machine up."""
    soon = asyncio.get_running_loop().call_soon_threadsafe

    def tell() -> None:
        soon(desk.health.set, "audio_runaway", "a real-time thread ran for 200 ms without a pause")

    granted = bound_runaways(tell)
    (log.debug if granted.ok else log.warning)("%s", granted.reason)


async def sound(desk: Desk, signals: Signals, notifier: Notifier) -> None:
    """Waits for the first block, or to be stopped. Meanwhile requests are answered, and systemd is told to be patient."""
    asked = [asyncio.create_task(it.wait()) for it in (desk.sounding, signals.stop)]
    done: set[asyncio.Task[bool]] = set()
    try:
        while not done:
            notifier(EXTEND_TIMEOUT_USEC=int(4e6 * OPENING_SAID_S), STATUS=in_one_line(desk))
            done, _ = await asyncio.wait(asked, timeout=OPENING_SAID_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in asked:
            task.cancel()


def work(
    desk: Desk, sockets: Sockets, signals: Signals, notifier: Notifier, reread: Callable[[], Config]
) -> list[Coroutine[Any, Any, None]]:
    """Everything that goes on in the loop while the daemon lives."""
    ticks = Ticks(desk, sockets, notifier)
    going = [
        every(lambda: 1 / desk.config.meters.rate_hz, ticks.meters),
        every(lambda: 1.0, ticks.second),
        every(lambda: LEVELLER_KEPT_EVERY_S, ticks.leveller),
        reload_on(signals.reload, desk, reread, notifier),
    ]
    if (watchdog_s := notifier.watchdog_s) is not None:
        going.append(every(lambda: watchdog_s / 3, ticks.watchdog))
    return going + [keep(companion, desk) for companion in companions(desk.config)]


def control(desk: Desk, sockets: Sockets, peers: Peers, pair: Pair | None) -> list[Coroutine[Any, Any, None]]:
    """What lets people in and answers them; on the network with the daemon's pair."""
    guard = Guard(desk, sockets, peers)
    sockets.listen()
    going = [
        sockets.zap.serve(),
        Server(desk, sockets, peers).serve(),
        guard.watch(),
        every(lambda: GUARD_EVERY_S, guard.tick),
        every(lambda: 1.0, guard.second),
    ]
    if pair:
        going.append(Network(sockets, desk.config.network, pair, lambda why: desk.health.set("network_down", why)).keep())
    return going


@contextlib.asynccontextmanager
async def tasks(*work: Coroutine[Any, Any, None]) -> Any:
    """Runs all of `work` meanwhile; cancelled, and waited for, at the end."""
    running = [asyncio.create_task(it) for it in work]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        for outcome in await asyncio.gather(*running, return_exceptions=True):
            if isinstance(outcome, Exception):
                log.error("a part of the control loop had ended", exc_info=outcome)
