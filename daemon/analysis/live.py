"""Listening to what is on air, at the input or the output, for some seconds. The audio thread does nothing for it."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable

import numpy as np

from masterd.daemon.analysis.features import Features
from masterd.daemon.analysis.listener import Listener
from masterd.daemon.engine import Engine
from masterd.native import ffi, lib

EVERY_S = 0.2
"""The engine keeps 0.68 s at its highest rate."""

log = logging.getLogger(__name__)


class LiveListener:
    """One session of listening, in a thread of its own. `done` is called there, with None when it failed or was stopped."""

    def __init__(
        self, engine: Callable[[], Engine], point: int, name: str, seconds: float, done: Callable[[Features | None], object]
    ) -> None:
        self._engine, self._point, self._name, self._done = engine, point, name, done
        self.seconds, self.began_s = seconds, time.monotonic()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="analysis", daemon=True)
        self._thread.start()

    @property
    def left_s(self) -> float:
        """Until it will be done."""
        return max(0.0, self.began_s + self.seconds - time.monotonic())

    def stop(self) -> None:
        """Gives up, soon."""
        self._end.set()

    def _run(self) -> None:
        features = None
        try:
            features = self._listened()
        except Exception:
            log.exception("the analysis failed")
        with contextlib.suppress(RuntimeError):  # the daemon has ended: nobody is left to tell
            self._done(features)

    def _listened(self) -> Features | None:
        engine = self._engine()
        ring, listener = lib.engine_spectrum(engine.pointer, self._point), Listener(engine.sample_rate_hz)
        at, lost = ffi.new("uint64_t *", int(lib.spectrum_written(ring))), ffi.new("uint64_t *")
        pairs = np.empty((int(lib.SPECTRUM_FRAMES), 2), np.float32)
        into = ffi.from_buffer("float[]", pairs, require_writable=True)
        while self.left_s > 0:
            if self._end.wait(min(EVERY_S, self.left_s + 0.01)) or self._engine() is not engine:
                return None
            count = int(lib.spectrum_collect(ring, at, into, len(pairs), lost))
            listener.add(pairs[:count].astype(np.float64))
        if lost[0]:
            log.warning("the analysis missed %d frames", lost[0])
        return listener.features(self._name)
