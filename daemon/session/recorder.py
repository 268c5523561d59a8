"""Keeps sessions: a take for each engine that plays, in folders numbered on."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from masterd.daemon.engine import Engine
from masterd.daemon.session.script import Script
from masterd.daemon.session.take import Take

STOP_WITHIN_S = 1.0


class SessionRecorder:
    """The supervisor's thread and the one that opens hosts, never both at once."""

    def __init__(self, folder: Path, script: Callable[[], Script], lost_frames: Callable[[], int]) -> None:
        self._folder, self._script, self._lost_frames = folder, script, lost_frames
        self._take: Take | None = None

    def follow(self, engine: Engine) -> None:
        """Before the first block of a newly admitted engine: an engine that has a take goes on with it. OSError, MasterdError."""
        if self._take and self._take.engine is engine:
            return
        self.stop()
        self._take = Take(self._next(), engine, self._script(), self._lost_frames)

    def _next(self) -> Path:
        stem, number = time.strftime("%Y-%m-%dT%H-%M-%S"), 1
        while (folder := self._folder / (stem if number == 1 else f"{stem}-{number}")).exists():
            number += 1
        return folder

    @property
    def failure(self) -> str | None:
        """Why the take could not go on; the air does."""
        return self._take.carrier.failure if self._take else None

    def stop(self) -> None:
        """Completes the take. Any number of times."""
        if self._take:
            self._take.carrier.stop(STOP_WITHIN_S)
        self._take = None
