"""Air: one engine, one host, and whatever it takes to keep them sounding.

    air = Air(AirSettings(host="jack"), on_event=print)
    air.start(values)
    air.publish(values | {"limiter.ceiling_dbtp": -2.0}, ramp_ms=50)
    air.stop()

Every method may be called from any thread, and none waits for a device.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from masterd.control.parameters import Value
from masterd.daemon.bridge import BridgeStatus
from masterd.daemon.engine import TAPS, Engine, EngineMeters, Pair, Tap
from masterd.daemon.engine_room import EngineRoom
from masterd.daemon.hosts.base import Host, HostError
from masterd.daemon.hosts.choice import AirSettings, OpenSink, OpenSource, make_host
from masterd.daemon.levels import LevelsReading
from masterd.daemon.loudness import LoudnessReading
from masterd.daemon.programme import Programme
from masterd.daemon.realtime import Granted, lock_memory, small_stacks
from masterd.daemon.session.recorder import SessionRecorder
from masterd.daemon.spectra import Analyser, Levels
from masterd.daemon.supervisor import AirEvent, State, Supervisor
from masterd.native import lib

FALLBACK_RATE_HZ = 48000.0
FADE_OUT_MS, FADE_OUT_WITHIN_S = 40.0, 0.15
SUPERVISOR_WITHIN_S, HOST_WITHIN_S = 0.2, 0.4

__all__ = ["Air", "AirEvent", "AirSettings", "AirStatus"]


@dataclass(frozen=True)
class AirStatus:
    """How it stands. Counters run since `start`, over every loss and change of rate."""

    host: str
    device: str
    state: State
    reason: str
    sample_rate_hz: float
    block_frames: int
    latency: str
    latency_frames: int
    blocks: int
    late_blocks: int
    xruns: int
    refused_blocks: int
    nonfinite_samples: int
    clamped_samples: int
    player_dry_frames: int
    tap_lost_frames: tuple[int, ...]
    load_percent: float
    longest_block_us: float
    block_histogram: tuple[int, ...]
    processing_s: float
    realtime: bool
    realtime_reason: str
    memory_locked: bool
    memory_reason: str
    host_losses: int
    bridge: BridgeStatus | None = None
    """From an input device with a clock of its own."""


class Air:
    """Owns the engine and the host. `on_event` is called on the supervisor's thread, and must not wait."""

    def __init__(
        self,
        settings: AirSettings,
        on_event: Callable[[AirEvent], None],
        open_source: OpenSource | None = None,
        open_sink: OpenSink | None = None,
        session_folder: Path | None = None,
        link: Callable[[Engine], None] | None = None,
    ) -> None:
        """`session_folder`: where sessions are kept, or None. `link` is called again and again, in a thread of its own, to
        let the engine of the moment hear something in place of the device's input."""
        self.settings, self._on_event = settings, on_event
        self._open_source, self._open_sink, self._session_folder = open_source, open_sink, session_folder
        self._link = link
        self._memory = Granted(False, "not asked for yet")
        self._analysers = {"input": Analyser(lib.POINT_INPUT), "output": Analyser(lib.POINT_OUTPUT)}

    def start(self, values: Mapping[str, Value], recall_agc_db: Pair | None = None) -> None:
        """Locks memory, builds the engine with complete, checked `values`, and begins to open the host. Returns at once:
        `on_event` tells when it sounds. `recall_agc_db`: gains that the leveller begins with."""
        small_stacks()
        self._memory = lock_memory()
        self._room = EngineRoom(self.settings.sample_rate_hz or FALLBACK_RATE_HZ, self.settings.latency, values, recall_agc_db)
        self._room.script.is_read = self._session_folder is not None
        self._programme = Programme(lambda: self._room.engine, self._open_source, self._open_sink, self._session(), self._link)
        self._supervisor = Supervisor(self.settings, self._room, self._programme, self._make_host, self._on_event)
        self._supervisor.start()

    def _session(self) -> SessionRecorder | None:
        if self._session_folder is None:
            return None
        return SessionRecorder(self._session_folder, lambda: self._room.script, lambda: self._lost_frames("input"))

    def _lost_frames(self, which: Tap) -> int:
        latest = self._room.gather().latest
        return latest.tap_lost_frames[TAPS[which]] if latest else 0

    def _make_host(self, name: str) -> Host:
        return make_host(name, self.settings, self._open_source, self._open_sink)

    def publish(self, values: Mapping[str, Value], ramp_ms: float = 20.0) -> int:
        """Ramps to complete, checked `values` from the next block on; returns the serial that `applied_serial` will reach."""
        return self._room.publish(values, ramp_ms)

    @property
    def engine(self) -> Engine:
        """The engine of the moment."""
        return self._room.engine

    @property
    def sample_rate_hz(self) -> float:
        """Of the engine of the moment."""
        return self._room.engine.sample_rate_hz

    def collect(self) -> EngineMeters | None:
        """Counters, and the readings since the last call; None when nothing has been processed since."""
        return self._room.collect()

    def loudness(self) -> tuple[LoudnessReading, LoudnessReading]:
        """At the input and at the output, since the last reset; goes on over a loss of the device."""
        return self._room.loudness()

    def levels(self, loudness: tuple[LoudnessReading, LoudnessReading]) -> tuple[LevelsReading, LevelsReading]:
        """Stereo image and dynamics at the input and at the output, with what `loudness` gave."""
        return self._room.levels((loudness[0].integrated_lufs, loudness[1].integrated_lufs))

    def spectrum(self, point: Literal["input", "output"], kind: Literal["third_octave", "fft"]) -> Levels:
        """Frequencies, left, right. Takes up to some 30 ms: for a thread of its own."""
        analyser, engine = self._analysers[point], self._room.engine
        return analyser.fft(engine) if kind == "fft" else analyser.third_octave(engine)

    def reset_loudness(self) -> None:
        """Both points start again from here."""
        self._room.reset_loudness()

    @property
    def programme_failure(self) -> str | None:
        """Why the file that plays, the recording or the session cannot go on; the device does."""
        return self._programme.failure

    def status(self) -> AirStatus:
        """Loses no reading for `collect`."""
        ledger, supervisor, engine = self._room.gather(), self._supervisor, self._room.engine
        m, host, format = ledger.latest, supervisor.host, supervisor.format
        bridge = host.bridge if host else None
        return AirStatus(
            host=supervisor.name,
            device=format.device if format else "",
            state=supervisor.state,
            reason=supervisor.reason or self.programme_failure or "",
            sample_rate_hz=engine.sample_rate_hz,
            block_frames=host.block_frames if host else 0,
            latency=engine.latency,
            latency_frames=engine.latency_frames,
            blocks=m.blocks if m else 0,
            late_blocks=m.late_blocks if m else 0,
            xruns=m.xruns if m else 0,
            refused_blocks=m.refused_blocks if m else 0,
            nonfinite_samples=(m.nonfinite_samples if m else 0) + (bridge.nonfinite_samples if bridge else 0),
            clamped_samples=m.clamped_samples if m else 0,
            player_dry_frames=m.player_dry_frames if m else 0,
            tap_lost_frames=m.tap_lost_frames if m else (0,) * len(TAPS),
            load_percent=ledger.load_percent,
            longest_block_us=m.longest_ns / 1000 if m else 0.0,
            block_histogram=m.histogram if m else (),
            processing_s=m.total_ns / 1e9 if m else 0.0,
            realtime=supervisor.realtime[0],
            realtime_reason=supervisor.realtime[1],
            memory_locked=self._memory.ok,
            memory_reason=self._memory.reason,
            host_losses=supervisor.losses,
            bridge=bridge,
        )

    def stop(self) -> None:
        """Fades out within 50 ms, then closes the host; within 1 s in all, whatever the device does. Any number of times."""
        self._supervisor.end(SUPERVISOR_WITHIN_S)
        host, self._supervisor.host = self._supervisor.host, None
        if host:
            self._fade_out()
            with contextlib.suppress(HostError):  # it is left alone, and goes with the process
                host.stop(HOST_WITHIN_S)
        self._programme.stop()

    def _fade_out(self) -> None:
        self._room.use(lambda engine: engine.gate(False, FADE_OUT_MS))
        until_s = time.monotonic() + FADE_OUT_WITHIN_S
        while not self._room.engine.gate_settled and time.monotonic() < until_s:
            time.sleep(0.002)
