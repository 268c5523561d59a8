"""A bridge between two clocks (native/engine/bridge.h) as an object: owns its memory, and says how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from masterd.native import ffi, lib

ALIGNMENT = 64
READINGS = ("drift_ppm", "ratio_ppm", "delay_ms", "slips", "unfed_frames", "nonfinite_samples")


@dataclass(frozen=True, slots=True)
class BridgeStatus:
    """How a bridge stands. Counters run since it was made."""

    plays: bool
    """False before the first frame, and during a slip."""
    drift_ppm: float
    """The clock it comes from against the one it goes to: positive, it is faster."""
    ratio_ppm: float
    """What is read now, less 1: the drift, and what it takes to stay in the middle."""
    delay_ms: float
    """From the one's callback to the other's, while it plays."""
    slips: int
    """How often it had to centre anew, since a side had lost time."""
    unfed_frames: int
    """Asked for since anything came."""
    nonfinite_samples: int
    """NaN and Inf, replaced by 0."""


class Lent:
    """The bridge that an engine's next block will use, and those that a block of now may still be using. One thread at a time."""

    def __init__(self) -> None:
        self._now: Bridge | None = None
        self._before: list[tuple[Bridge, int]] = []
        """And the engine's blocks when it was replaced."""

    def replace(self, bridge: Bridge | None, blocks: int) -> None:
        """`bridge` is given to the engine next, after so many blocks."""
        self._before = [(it, at) for it, at in self._before if blocks < at + 2]
        if self._now:
            self._before.append((self._now, blocks))
        self._now = bridge


class Bridge:
    """Keep it alive for as long as a callback may use its `pointer`. `sample_rate_hz`: what both sides say they run at."""

    def __init__(self, sample_rate_hz: float, margin_ms: float) -> None:
        """`margin_ms`, 1 to 100: for how long either side may be late and nothing is heard of it."""
        self.sample_rate_hz = sample_rate_hz
        self._memory = ffi.new("char[]", lib.bridge_size() + ALIGNMENT)
        base = int(ffi.cast("uintptr_t", self._memory))
        self.pointer: Any = lib.bridge_init(self._memory + -base % ALIGNMENT, sample_rate_hz, margin_ms)

    def status(self) -> BridgeStatus:
        """Any thread."""
        report = ffi.new("bridge_report *")
        lib.bridge_look(self.pointer, report)
        return BridgeStatus(plays=bool(report.plays), **{name: getattr(report, name) for name in READINGS})

    @property
    def writing_thread(self) -> int:
        """The pthread_t of the last callback that wrote, 0 before the first. Any thread."""
        return int(lib.bridge_writing_thread(self.pointer))
