"""Keeps a host under the engine: opens it, believes only the block counter, leaves it when it is dead, opens it again.

opening --opened--> starting --blocks come--> running --no block, or good-bye--> lost, which is opening again
   ^ refused: again after 0.1 s, 0.2 s ... at most 5 s                             running --the end--> finished
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from masterd.daemon.engine import Engine, EngineBusy
from masterd.daemon.engine_room import EngineRoom
from masterd.daemon.hosts.base import Host, HostError, HostFormat, aside
from masterd.daemon.hosts.choice import AirSettings, open_host
from masterd.daemon.programme import Programme

STEP_S = 0.02
SILENCE_S, SILENCE_PERIODS = 0.25, 3  # no block for this long, and for so many periods: the device is dead
FIRST_BLOCK_WITHIN_S = 2.0  # some devices take a while to start
OPEN_WITHIN_S = 10.0  # after that an attempt is left alone and another one made
RETRY_FIRST_S = 0.1

log = logging.getLogger(__name__)

State = Literal["opening", "running", "lost", "finished"]


@dataclass(frozen=True)
class AirEvent:
    """What happened to the air. `reason` is for people, and empty where nothing is wrong."""

    state: State
    host: str
    device: str
    reason: str


class Heartbeat:
    """How long the block counter has stood still, not counting the time in which nobody looked: when the whole machine, or this
    process, was stopped, that was not the device."""

    def __init__(self, now_s: float) -> None:
        self._blocks = -1
        self._moved_s = self._looked_s = now_s

    def look(self, blocks: int, now_s: float) -> float:
        """Seconds without a new block."""
        blind_s = now_s - self._looked_s - 2 * STEP_S
        self._looked_s = now_s
        if blocks != self._blocks:
            self._blocks, self._moved_s = blocks, now_s
        elif blind_s > 0:
            self._moved_s += blind_s
        return now_s - self._moved_s


class Attempt:
    """Opens and starts a host in a thread nobody waits for: each step may hang with the device's driver or server."""

    def __init__(
        self,
        open: Callable[[], tuple[Host, HostFormat]],
        admit: Callable[[HostFormat], tuple[Engine, int]],
        prepare: Callable[[Host, Engine], None],
    ) -> None:
        self._open, self._admit, self._prepare = open, admit, prepare
        self._lock = threading.Lock()
        self._given_up = False
        self.began_s = time.monotonic()
        self.host: Host | None = None
        self.format: HostFormat | None = None
        self.error = "it ended without a word"
        self.done = aside("open-host", self._run)

    def _run(self) -> None:
        try:
            host, self.format = self._open()
        except Exception as reason:  # whatever a library or a source raises, the daemon goes on and says so
            self.error = str(reason) or type(reason).__name__
            return
        try:
            with self._lock:
                if self._given_up:
                    raise HostError("given up")
                engine, token = self._admit(self.format)
            self._prepare(host, engine)
            host.start(engine, token)
        except Exception as reason:
            self.error = str(reason) or type(reason).__name__
            host.abandon()
            return
        with self._lock:
            self.host = host
            if self._given_up:
                host.abandon()

    def give_up(self) -> None:
        """What it has opened, or ever will, is left at once; its token is too old by then."""
        with self._lock:
            self._given_up = True
            if self.host:
                self.host.abandon()


class Supervisor:
    """A thread that looks every STEP_S and never waits for a host. `on_event` is called on it."""

    def __init__(
        self,
        settings: AirSettings,
        room: EngineRoom,
        programme: Programme,
        make_host: Callable[[str], Host],
        on_event: Callable[[AirEvent], None],
    ) -> None:
        self.settings, self.room, self.programme = settings, room, programme
        self._make_host, self._on_event = make_host, on_event
        self.host: Host | None = None
        self.format: HostFormat | None = None
        self.state: State = "opening"
        self.reason = ""
        self.losses = 0
        self.realtime: tuple[bool, str] = (False, "no block has been processed yet")
        self.name: str = settings.host
        self._attempt: Attempt | None = None
        self._heartbeat = Heartbeat(0)
        self._sounding = False
        self._blocks_before = 0
        self._retry_at_s = self._retry_after_s = 0.0
        self._most_s = 5.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def start(self) -> None:
        """Begins at once."""
        self._retry_at_s = time.monotonic()
        self._retry_after_s = RETRY_FIRST_S
        self._thread.start()

    def end(self, within_s: float) -> None:
        """No more steps; the host is left running, for the caller to fade out and stop."""
        self._stop.set()
        self._thread.join(within_s)
        if self._attempt:
            self._attempt.give_up()

    def _run(self) -> None:
        while not self._stop.wait(STEP_S):
            try:
                self._step(time.monotonic())
            except Exception:  # a listener that fails, a thread that is gone: supervision must outlive them all
                log.exception("a step of the supervision failed")

    def _step(self, now_s: float) -> None:
        if self.host:
            self._watch(self.host, now_s)
        elif self._attempt:
            self._await(self._attempt, now_s)
        elif self.state != "finished" and now_s >= self._retry_at_s:
            self._attempt = Attempt(lambda: open_host(self.name, self._make_host), self._admit, self._prepare)

    def _admit(self, format: HostFormat) -> tuple[Engine, int]:
        return self.room.admit(format.sample_rate_hz)

    def _prepare(self, host: Host, engine: Engine) -> None:
        self.programme.remember(engine)
        if host.fades_in:
            self.programme.follow(engine)
        else:
            engine.gate(True, 0)

    # ---- opening ----

    def _await(self, attempt: Attempt, now_s: float) -> None:
        if attempt.done.is_set():
            self._attempt = None
            if attempt.host and attempt.format:
                self._begin(attempt.host, attempt.format, now_s)
            else:
                self._refused(attempt.error, now_s)
        elif now_s - attempt.began_s > OPEN_WITHIN_S:
            attempt.give_up()
            self._attempt = None
            self._refused("it hangs while it is opened", now_s)

    def _begin(self, host: Host, format: HostFormat, now_s: float) -> None:
        self.host, self.format, self.name = host, format, host.name
        self._most_s = host.retry_at_most_s
        self._heartbeat = Heartbeat(now_s)
        self._blocks_before = self.room.engine.blocks
        self._sounding = False

    def _refused(self, reason: str, now_s: float) -> None:
        self._retry_at_s = now_s + self._retry_after_s
        self._retry_after_s = min(2 * self._retry_after_s, self._most_s)
        if reason != self.reason:
            self._say("opening", reason)

    # ---- on air ----

    def _watch(self, host: Host, now_s: float) -> None:
        engine = self.room.engine
        silent_s = self._heartbeat.look(engine.blocks, now_s)
        if not self._sounding and engine.blocks != self._blocks_before:
            self._sound(host, engine)
        if host.finished:
            return self._finish(host)
        if reason := host.gone or self._too_silent(host, silent_s):
            return self._lose(host, reason, now_s)
        if self._sounding and self.state == "running" and self.programme.has_ended(self.room):
            self._say("finished", "")
        elif (failure := self.programme.failure) and failure != self.reason:
            self._say(self.state, failure)

    def _too_silent(self, host: Host, silent_s: float) -> str | None:
        period_s = host.block_frames / self.format.sample_rate_hz if self.format else 0
        allowed_s = SILENCE_S + SILENCE_PERIODS * period_s if self._sounding else FIRST_BLOCK_WITHIN_S
        return f"no block for {1000 * silent_s:.0f} ms" if silent_s > allowed_s else None

    def _sound(self, host: Host, engine: Engine) -> None:
        """The first blocks of a live host pass with the gate closed, and push out what delay lines held of the time before."""
        if host.fades_in:
            if not (engine.gate_settled and host.connected):
                return
            engine.gate(True, self.settings.fade_ms)
        host.promote()
        self.realtime = host.realtime
        self._sounding = True
        self._retry_after_s = RETRY_FIRST_S
        self._say("running", "")

    def _lose(self, host: Host, reason: str, now_s: float) -> None:
        with contextlib.suppress(EngineBusy):  # the next host asks again
            self.room.cut_off()
        self.host = None
        host.abandon()
        if not self._sounding:
            return self._refused(reason, now_s)
        self.losses += 1
        self.realtime = False, "no host"
        self._retry_at_s = now_s
        self._say("lost", reason)

    def _finish(self, host: Host) -> None:
        self.host = None
        with contextlib.suppress(HostError):
            host.stop()
        self._say("finished", host.gone or "")

    def _say(self, state: State, reason: str) -> None:
        self.state, self.reason = state, reason
        self._on_event(AirEvent(state, self.name, self.format.device if self.format else "", reason))
