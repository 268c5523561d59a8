"""One take: the input of one engine from its first frame, and its log, written by a thread of their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from masterd.daemon.engine import Engine
from masterd.daemon.hosts.carriers import CHUNK_FRAMES, Carrier
from masterd.daemon.orders import CoefsTaken, Order, OrderReader
from masterd.daemon.session.log import INPUT, LOG, Begun, Ended, LogWriter
from masterd.daemon.session.script import Script
from masterd.daemon.sinks.recorder import Recorder


class Take:
    """Begins before the engine's first block, or the bits cannot be made again. OSError, AudioFileError when the disk refuses."""

    def __init__(self, folder: Path, engine: Engine, script: Script, lost_frames: Callable[[], int]) -> None:
        """`lost_frames`: what the input's tap has lost so far, over all engines."""
        folder.mkdir(parents=True)
        self.folder, self.engine, self._script = folder, engine, script
        self._lost_frames, self._lost_before = lost_frames, lost_frames()
        self._orders = OrderReader(engine)
        self._input = Recorder(folder / INPUT, int(engine.sample_rate_hz))
        self._log = LogWriter(folder / LOG)
        began = script.beginning
        self._log.begin(
            Begun(version("masterd"), time.time(), engine.sample_rate_hz, engine.latency, dict(began.values), began.recall_agc_db)
        )
        self._lost_told = 0
        engine.tap("input", True)
        self.carrier = Carrier("session", self._carry, self._finish)

    def _carry(self) -> bool:
        for order in self._orders.read():
            self._write(order)
        while len(block := self.engine.tap_read("input", CHUNK_FRAMES)):
            self._input.write(block)
        return True

    def _write(self, order: Order) -> None:
        if not isinstance(order, CoefsTaken):
            self._log.gated(order.frame, order.open, order.fade_frames)
        elif told := self._script.taken(order.serial):
            self._log.turned(order.frame, told.values, told.ramp_frames)
        elif order.serial > 1:
            self._lost_told += 1

    def _finish(self) -> None:
        self.engine.tap("input", False)
        try:
            self._carry()
        finally:
            lost = self._lost_frames() - self._lost_before
            self._input.close()
        self._log.end(Ended(self._input.frames, lost, self._orders.lost + self._lost_told))
