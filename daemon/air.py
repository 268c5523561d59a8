"""The audio side: an engine and what calls it. This one is paced by the clock and plays silence."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from masterd.control.parameters import Value
from masterd.daemon.engine import Engine, EngineMeters


@dataclass
class Reading:
    momentary_lufs: float = -200.0
    short_term_lufs: float = -200.0
    integrated_lufs: float = -200.0
    loudness_range_lu: float = 0.0
    momentary_max_lufs: float = -200.0
    short_term_max_lufs: float = -200.0


@dataclass
class AirEvent:
    state: str
    host: str
    device: str
    reason: str


@dataclass
class AirStatus:
    host: str
    device: str
    state: str
    sample_rate_hz: float
    block_frames: int
    latency: str
    latency_frames: int
    blocks: int
    late_blocks: int
    xruns: int = 0
    nonfinite_samples: int = 0
    load_percent: float = 0.0
    longest_block_us: float = 0.0
    block_histogram: tuple[int, ...] = ()
    realtime: bool = False
    realtime_reason: str = ""
    memory_locked: bool = False
    host_losses: int = 0
    reason: str = ""


class Air:
    def __init__(self, settings: Any, on_event: Callable[..., None]) -> None:
        self.settings = settings
        self.on_event = on_event
        self.stopping = threading.Event()

    def start(self, values: Mapping[str, Value]) -> None:
        self.rate_hz = self.settings.sample_rate_hz or 48000
        self.engine = Engine(self.rate_hz, self.settings.latency, values)
        self.engine.attach()
        self.engine.gate(True)
        self.thread = threading.Thread(target=self.pace, daemon=True)
        self.thread.start()
        self.on_event(AirEvent("running", "simulated", "silence", ""))

    def pace(self) -> None:
        block = np.zeros((self.settings.block_frames, 2), np.float32)
        due = time.monotonic()
        while not self.stopping.is_set():
            self.engine.process(block)
            due += self.settings.block_frames / self.rate_hz
            time.sleep(max(0.0, due - time.monotonic()))

    def publish(self, values: Mapping[str, Value], ramp_ms: float) -> int:
        return self.engine.publish(values, ramp_ms)

    def collect(self) -> EngineMeters | None:
        return self.engine.collect()

    def loudness(self) -> tuple[Reading, Reading]:
        return Reading(), Reading()

    def reset_loudness(self) -> None:
        pass

    def status(self) -> AirStatus:
        s = self.settings
        return AirStatus(
            "simulated", "silence", "running", self.engine.sample_rate_hz, s.block_frames, s.latency, self.engine.latency_frames,
            self.engine.blocks, 0,
        )  # fmt: skip

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join()
