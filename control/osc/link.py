"""The daemon as a surface sees it: a picture of its state that follows the events, and requests. It may come and go."""

from __future__ import annotations

import logging
import time
from typing import Protocol, TypeVar

from masterd.control.calls import Question
from masterd.control.client import Client
from masterd.control.errors import BadAnswer, MasterdError, Unreachable
from masterd.control.levels import merged
from masterd.control.parameters import Parameter, Value
from masterd.control.protocol import Changed, Meters, StateSnapshot

RETRY_S = 1.0
CATCH_UP_S = 0.2

T = TypeVar("T")

log = logging.getLogger(__name__)


class Listener(Protocol):
    """Who is told."""

    def came(self) -> None:
        """The picture is whole and new."""

    def moved(self, ids: list[str]) -> None:
        """These values are others now, or the preset is."""

    def lost(self, why: MasterdError) -> None:
        """The daemon is gone, and the picture with it."""


class Link:
    """One thread."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.listener: Listener | None = None
        self.parameters: dict[str, Parameter] = {}
        self.values: dict[str, Value] = {}
        """Empty while no daemon is followed."""
        self.preset, self.dirty, self.revision = "", False, 0
        self._follower, self._reader = client.follower(), client.meter_reader()
        self._frame: Meters | None = None
        self._needed_revision = 0
        self._next_s = float("-inf")
        self._why: MasterdError = Unreachable(f"the daemon {client.name!r} has not been reached yet")

    def step(self, now_s: float) -> None:
        """Takes over what happened since; looks for the daemon once a second while it is away."""
        if now_s < self._next_s:
            return
        try:
            while self._listen(0.0):
                pass
        except MasterdError as why:
            self._lose(why)

    def ask(self, question: Question[T], origin: str = "") -> T:
        """The answer of the daemon. Refused; at once while the daemon is known to be away, what kept it from answering before."""
        self.require()
        try:
            question.request.origin = origin
            answer = self.client.request(question.request)
            self._needed_revision = answer.revision
            return question.understood(answer)
        except (Unreachable, BadAnswer) as why:
            self._lose(why)
            raise

    def require(self) -> None:
        """While no daemon is followed: Unreachable, or BadAnswer."""
        if not self.values:
            raise self._why

    def catch_up(self) -> None:
        """Waits until the picture holds what was asked for here. Unreachable."""
        until_s = time.monotonic() + CATCH_UP_S
        while self.values and self.revision < self._needed_revision and time.monotonic() < until_s:
            self._listen(0.01)
        self.require()

    def meters(self, timeout_s: float = 0.0) -> Meters | None:
        """What was metered since the call before, as one frame; None when nothing was."""
        frame = self._reader.poll(timeout_s)
        while frame and (newer := self._reader.poll()):
            frame = merged(frame, newer)
        return frame

    def rest_meters(self) -> None:
        """Nobody wants meters now."""
        self._reader.close()

    def close(self) -> None:
        """Lets go of the daemon."""
        self._reader.close()
        self._follower.close()
        self.client.close()

    def _listen(self, timeout_s: float) -> bool:
        """Takes over one thing that happened; False when nothing did."""
        match self._follower.poll(timeout_s):
            case None:
                return False
            case StateSnapshot() as it:
                log.info("following the daemon %s at revision %d", self.client.name, it.revision)
                self.parameters = {parameter.id: parameter for parameter in self.client.describe()}
                self.values, self.preset, self.dirty, self.revision = dict(it.values), it.preset, it.dirty, it.revision
                self._needed_revision = it.revision
                if self.listener:
                    self.listener.came()
            case Changed() as it:
                self.values |= {id: new for id, (_, new) in it.changes.items()}
                self.preset, self.dirty, self.revision = it.preset, it.dirty, it.revision
                if self.listener:
                    self.listener.moved(list(it.changes))
        return True

    def _lose(self, why: MasterdError) -> None:
        if str(why) != str(self._why):
            log.error("%s", why)
        self._why, self._next_s = why, time.monotonic() + RETRY_S
        self._follower.close()
        was_there, self.values = bool(self.values), {}
        if was_there and self.listener:
            self.listener.lost(why)
