"""Holds the engine of the moment: replaced when a device comes back at another sample rate, with the same values in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TypeVar

from masterd.control.parameters import Value
from masterd.daemon.engine import Engine, EngineMeters, Latency, Pair
from masterd.daemon.ledger import Ledger
from masterd.daemon.levels import LevelsReading, LiveLevels
from masterd.daemon.loudness import LiveLoudness, LoudnessReading
from masterd.daemon.session.script import Beginning, Script, Told
from masterd.native import lib

T = TypeVar("T")


class EngineRoom:
    """Any thread. The lock is held for microseconds, except while an engine is built for another sample rate (some ms), and when
    a host that is to be cut off is inside a block (the rest of the block, at most 100 ms)."""

    def __init__(
        self, sample_rate_hz: float, latency: Latency, values: Mapping[str, Value], recall_agc_db: Pair | None = None
    ) -> None:
        self._lock = threading.Lock()
        self._values = dict(values)
        self._serials_before = 0
        self._serial = 1  # an engine begins with the values it is given
        self.ledger = Ledger()
        self._loudness = LiveLoudness(lib.POINT_INPUT), LiveLoudness(lib.POINT_OUTPUT)
        self._levels = LiveLevels(lib.POINT_INPUT), LiveLevels(lib.POINT_OUTPUT)
        self._recall_agc_db = recall_agc_db
        self.engine = Engine(sample_rate_hz, latency, values, recall_agc_db)
        self.script = Script(Beginning(self.engine, self._values, recall_agc_db))

    def admit(self, sample_rate_hz: float) -> tuple[Engine, int]:
        """An engine for a host at this sample rate, and the token that makes it the only host. EngineBusy: try again."""
        with self._lock:
            if sample_rate_hz != self.engine.sample_rate_hz:
                self._replace(sample_rate_hz, self._agc_gain_db())
            return self.engine, self.engine.attach()

    def _agc_gain_db(self) -> Pair | None:
        """Where the leveller stands."""
        self.ledger.gather(self.engine)
        return self.ledger.latest.agc_gain_db if self.ledger.latest else self._recall_agc_db

    def _replace(self, sample_rate_hz: float, agc_gain_db: Pair | None) -> None:
        engine = Engine(sample_rate_hz, self.engine.latency, self._values, agc_gain_db)
        for book in (self.ledger, *self._loudness, *self._levels):
            book.change_engine(self.engine)
        self._serials_before += self._serial
        self._serial = 1
        self.engine = engine
        self.script.begin(Beginning(engine, self._values, agc_gain_db))

    def cut_off(self) -> None:
        """Whoever calls the engine gets silence from now on, and the next host begins with the gate closed."""
        with self._lock:
            self.engine.gate(False, 0)
            self.engine.attach()

    def publish(self, values: Mapping[str, Value], ramp_ms: float) -> int:
        """As Engine.publish; the serials go on rising across a change of engine."""
        with self._lock:
            self._values = dict(values)
            ramp_frames = self.engine.frames_of(ramp_ms)
            self.script.tell(Told(self._serial + 1, self._values, ramp_frames))  # before the audio thread can have taken it
            self._serial = self.engine.publish_frames(values, ramp_frames)
            return self._serials_before + self._serial

    def gather(self) -> Ledger:
        """The ledger, up to date."""
        with self._lock:
            self.ledger.gather(self.engine)
            return self.ledger

    def collect(self) -> EngineMeters | None:
        """Counters, and the readings since the last call; None when nothing has been processed since."""
        with self._lock:
            self.ledger.gather(self.engine)
            return self.ledger.take()

    def loudness(self) -> tuple[LoudnessReading, LoudnessReading]:
        """At the input and at the output, as of now."""
        with self._lock:
            for point in self._loudness:
                point.gather(self.engine)
            return self._loudness[0].read(), self._loudness[1].read()

    def levels(self, integrated_lufs: tuple[float, float]) -> tuple[LevelsReading, LevelsReading]:
        """At the input and at the output, as of now, with the integrated loudness there."""
        with self._lock:
            for point in self._levels:
                point.gather(self.engine)
            return self._levels[0].read(integrated_lufs[0]), self._levels[1].read(integrated_lufs[1])

    def reset_loudness(self) -> None:
        """Both points start again from here."""
        with self._lock:
            for point in (*self._loudness, *self._levels):
                point.gather(self.engine)
                point.reset()

    def use(self, work: Callable[[Engine], T]) -> T:
        """Does a short piece of work on the engine while nobody replaces it."""
        with self._lock:
            return work(self.engine)
