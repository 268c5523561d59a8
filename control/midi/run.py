"""Runs boxes against one daemon until told to stop: all of them may come and go at any time.

One thread and one loop, a round each millisecond: messages in, what the daemon tells, requests, lights, reports.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import time
from collections.abc import Callable

import msgspec

from masterd.control.client import Client
from masterd.control.errors import BadRequest, MasterdError, Refused, Unreachable
from masterd.control.follow import Follower, MeterReader
from masterd.control.midi.backend import Backend, NoMidi
from masterd.control.midi.box import Box
from masterd.control.midi.boxes import Boxes
from masterd.control.midi.newest import Newest
from masterd.control.midi.reports import Reports
from masterd.control.midi.sieve import MOST_MESSAGES
from masterd.control.midi.teacher import Teacher
from masterd.control.protocol import Adjust, Changed, MidiChanged, MidiList, MidiMove, MidiState, Request, Set, StateSnapshot

ROUND_S = 0.001
RETRY_S = 1.0
NETWORK_PACE_S = 0.008
"""Between two requests over the network, where a client has 200 a second unless it is configured otherwise."""

log = logging.getLogger(__name__)


def process_name() -> str:
    """How this process is known to the daemon and its other clients."""
    return f"midi {socket.gethostname()[:40]} {os.getpid()}"


class Run:
    """Boxes, a daemon, and what is between them."""

    def __init__(self, boxes: Boxes, client: Client, origin: str) -> None:
        self.boxes = boxes
        self.client = client
        self._follower: Follower = client.follower()
        self._meters: MeterReader = client.meter_reader()
        self._reports = Reports(origin)
        self._teacher = Teacher(origin)
        self._newest = Newest()
        self._strangers: list[Box] = []
        self._backend: Backend | None = None
        self._next_daemon_s = self._next_backend_s = self._next_turn_s = 0.0
        self._complaint = self._boot_id = ""
        self._is_understood = True

    def until(self, is_over: Callable[[], bool]) -> None:
        """Turns round and round."""
        try:
            while not is_over():
                self.round(time.monotonic())
                time.sleep(ROUND_S)
        finally:
            self.close()

    def round(self, now_s: float) -> None:
        """One round; never waits for a box, and for the daemon only while it answers."""
        self._midi(now_s)
        self._daemon(now_s)
        for box in self.boxes:
            box.show(now_s)

    def close(self) -> None:
        """Lets go of all, and takes leave of the daemon if it is there."""
        self._drop_backend()
        if self._boot_id:
            with contextlib.suppress(MasterdError):
                self.client.request(self._reports.last_word())
        self._follower.close()
        self._meters.close()
        self.client.close()

    # the boxes

    def _midi(self, now_s: float) -> None:
        backend = self._backend or self._connect(now_s)
        if backend and not backend.is_alive(now_s):
            log.error("the MIDI system %s has died; trying to reach it again", backend.name)
            self._drop_backend()
            return
        self.boxes.reread(now_s, backend)
        if backend and backend.look(now_s):
            self.boxes.step(backend)
        for box in self.boxes:
            self._hear(box, now_s)
        self._teacher.advance(now_s)

    def _hear(self, box: Box, now_s: float) -> None:
        if self._teacher.listens_to(box.name):
            box.is_pupil = True
            for message in box.arrived()[:MOST_MESSAGES]:
                self._teacher.hear(box.name, message, now_s)
        else:
            box.hear(now_s)

    def _connect(self, now_s: float) -> Backend | None:
        if now_s < self._next_backend_s:
            return None
        self._next_backend_s = now_s + RETRY_S
        try:
            self._backend = Backend()
        except NoMidi as error:
            self._complain(error)
            return None
        wanted = ", ".join(repr(box.map.port) for box in self.boxes)
        log.info("MIDI through %s; waiting for a port like %s", self._backend.name, wanted or "that of a make that is known")
        self.boxes.attach(self._backend)
        return self._backend

    def _drop_backend(self) -> None:
        self.boxes.detach()
        if self._backend:
            self._backend.close()
        self._backend = None

    # the daemon

    def _daemon(self, now_s: float) -> None:
        if now_s < self._next_daemon_s:
            return
        try:
            self._listen(now_s)
            self._turn(now_s)
            self._report(now_s)
        except Unreachable as error:
            self._complain(error)
            self._lost()
            self._next_daemon_s = now_s + RETRY_S

    def _turn(self, now_s: float) -> None:
        """Asks for what hands want; over the network no more often than one client may."""
        if now_s < self._next_turn_s:
            return
        asked = 0
        for box in self.boxes:
            for request in box.surface.requests(now_s):
                self._ask(box, request)
                asked += 1
        if not self.client.address.is_local:
            self._next_turn_s = now_s + asked * NETWORK_PACE_S

    def _lost(self) -> None:
        self._boot_id = ""
        self._follower.close()
        self._reports.forget()
        self._teacher.forget()
        for box in self.boxes:
            box.surface.lost()

    def _listen(self, now_s: float) -> None:
        if any(box.is_blank for box in self.boxes):
            self._follower.close()  # it begins again, with the daemon's whole state
        while (item := self._follower.poll()) is not None:
            match item:
                case StateSnapshot():
                    self._follow(item, now_s)
                case Changed():
                    for box in self.boxes:
                        box.surface.changed(item)
                case MidiChanged():
                    self._heed(item.state, now_s)
        if any(box.surface.wants_meters for box in self.boxes) and (frame := self._meters.poll()):
            for box in self.boxes:
                box.surface.meters(frame)

    def _follow(self, snapshot: StateSnapshot, now_s: float) -> None:
        if snapshot.boot_id != self._boot_id:
            log.info("following the daemon %s at revision %d", self.client.name, snapshot.revision)
            self._teacher.forget()
            self._reports.forget()
            self._newest.forget()
        self._boot_id, self._complaint = snapshot.boot_id, ""
        for box in self.boxes:
            box.surface.follow(snapshot)
        self._is_understood = True
        with contextlib.suppress(BadRequest):  # a daemon that is older than MIDI reports
            self._heed(msgspec.convert(self.client.request(MidiList()).result, MidiState), now_s)

    def _ask(self, box: Box, request: Request) -> None:
        request.origin = request.origin or box.surface.origin
        try:
            self.client.request(request)
        except Refused as error:
            log.warning("refused: %s", error)
            self._reports.moved(MidiMove(box=box.name, bytes="", did=f"refused: {error}"))
            box.surface.refused()
            for part in parts(request):
                self._ask(box, part)

    def _complain(self, error: MasterdError) -> None:
        if str(error) != self._complaint:
            log.error("%s", error)
        self._complaint = str(error)

    # what is told of them, and wanted

    def _heed(self, state: MidiState, now_s: float) -> None:
        """What the daemon tells of all MIDI processes."""
        if not self._newest.accepts(state):
            return
        self._reports.monitored = state.monitored
        for box in self.boxes:
            box.watch(self._reports.moved if state.monitored else None)
        self._teacher.follow(state.learning)
        if self._backend and state.learning and self._teacher.wants(state.learning):
            self._strangers += self.boxes.strangers(self._backend)
            self._teacher.begin(state.learning, self.boxes.meant(state.learning.box), now_s)
        if self._strangers and not self._teacher.is_busy:
            self.boxes.forget(self._strangers)
            self._strangers = []

    def _report(self, now_s: float) -> None:
        if not self._is_understood:
            return
        system = self._backend.name if self._backend else ""
        report = self._reports.due(now_s, self._teacher.take_report(), lambda: (system, self.boxes.reports()))
        if report is None:
            return
        try:
            self._heed(msgspec.convert(self.client.request(report).result, MidiState), now_s)
        except Refused as error:
            log.warning("this daemon does not take reports of MIDI: %s", error)
            self._is_understood = False


def parts(request: Request) -> list[Set | Adjust]:
    """A request of several values that was refused, value by value: one wrong one must not stop the others."""
    if not isinstance(request, Set | Adjust) or len(request.values) < 2:
        return []
    return [msgspec.structs.replace(request, values={id: value}) for id, value in request.values.items()]
