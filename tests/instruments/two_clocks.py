"""Two sound cards that run by their own clocks, in simulated time, with a bridge between them.

Callbacks come when their frames have passed by the card's clock, or later: by a scheduler's jitter, and now and then by a stall
of the machine, after which those that were held up follow at once. They are never early.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from masterd.daemon.bridge import Bridge, BridgeStatus
from masterd.native import ffi, lib

RATE_HZ = 48000
STALL_S = (0.005, 0.025)
MARGIN_MS = 30.0

Signal = Callable[[np.ndarray], np.ndarray]
"""(frames, 2) of the frames with these numbers."""


@dataclass
class Card:
    """A card whose clock is off by `ppm`. `burst`: so many callbacks come together, as of a device with longer periods.
    `lost`: (start, seconds) of frames that never come. `wander`: (ppm, seconds) of a sine by which the clock goes now faster, now
    slower, as with temperature."""

    ppm: float = 0.0
    block_frames: int = 512
    jitter_s: float = 150e-6
    stall_every_s: float = 10.0
    burst: int = 1
    rate_hz: float = RATE_HZ
    start_s: float = 1000.0
    lost: Sequence[tuple[float, float]] = field(default_factory=tuple)
    wander: tuple[float, float] = (0.0, 1.0)

    def drift_ppm(self, seconds: np.ndarray) -> np.ndarray:
        """How far off its clock is at these times."""
        ppm, every_s = self.wander
        return self.ppm + ppm * np.sin(2 * np.pi * seconds / every_s)

    def callbacks_ns(self, seconds: float, random: np.random.Generator) -> np.ndarray:
        """When it calls. Jitter is exponential; a stall holds up what falls into it."""
        period_s = self.block_frames / (self.rate_hz * (1 + 1e-6 * self.ppm))
        count = int(seconds / period_s) // self.burst * self.burst
        numbers = np.arange(count) // self.burst * self.burst + self.burst
        times = numbers * period_s + self._wandered_s(numbers * period_s) + random.exponential(self.jitter_s, count)
        for at_s, seconds_lost in self.lost:
            times[times > at_s] += seconds_lost
        for at_s in np.cumsum(random.uniform(0.2, 1.8, int(seconds / self.stall_every_s) + 9) * self.stall_every_s):
            over_s = at_s + random.uniform(*STALL_S)
            times[(times > at_s) & (times < over_s)] = over_s
        times = np.maximum.accumulate(times) + self.start_s
        return (times * 1e9).astype(np.int64) + np.arange(count)

    def _wandered_s(self, seconds: np.ndarray) -> np.ndarray:
        """What the wander sums up to: a fast clock calls early."""
        ppm, every_s = self.wander
        return -1e-6 * ppm * every_s / (2 * np.pi) * (1 - np.cos(2 * np.pi * seconds / every_s))


def in_order(*callbacks: np.ndarray) -> Iterator[tuple[int, int]]:
    """(time, which) of all of them, until the first has no more."""
    end = min(it[-1] for it in callbacks)
    callbacks = tuple(it[it <= end] for it in callbacks)
    which = np.concatenate([np.full(len(it), at) for at, it in enumerate(callbacks)])
    times = np.concatenate(callbacks)
    order = np.argsort(times, kind="stable")
    return zip(times[order].tolist(), which[order].tolist(), strict=True)


@dataclass
class Run:
    """What came of it: the status after each `every`-th block of the reader, and what was heard."""

    seconds: np.ndarray
    statuses: list[BridgeStatus]
    heard: np.ndarray
    """(frames, 2) float32, from `listen_from_s` on."""

    def reading(self, name: str, from_s: float = 0.0, to_s: float = np.inf) -> np.ndarray:
        """One field of the statuses in a stretch of time."""
        among = (self.seconds >= from_s) & (self.seconds < to_s)
        return np.array([getattr(it, name) for it, is_in in zip(self.statuses, among, strict=True) if is_in])


def silence(numbers: np.ndarray) -> np.ndarray:
    return np.zeros((len(numbers), 2))


def run(
    writer: Card, reader: Card, seconds: float, seed: int,
    signal: Signal = silence, listen_from_s: float = np.inf, margin_ms: float = MARGIN_MS, every: int = 16, parts: int = 1,
) -> Run:  # fmt: skip
    """Lets both run for so long. The signal is written a second before it is heard; before that, silence that nobody reads.
    `parts`: in how many pieces a block is read."""
    print("seed", seed)
    random, bridge = np.random.default_rng(seed), Bridge(reader.rate_hz, margin_ms)
    start_ns, listen_ns = reader.start_s * 1e9, (reader.start_s + listen_from_s) * 1e9
    block = np.zeros((writer.block_frames, 2), np.float32)
    into, out = ffi.from_buffer("float[]", block), np.zeros((reader.block_frames, 2), np.float32)
    at, blocks, times, statuses, heard = 0, 0, [], [], []
    for now_ns, reads in in_order(writer.callbacks_ns(seconds, random), reader.callbacks_ns(seconds, random)):
        if not reads:
            if now_ns > listen_ns - 1e9:
                block[:] = signal(np.arange(at, at + writer.block_frames))
            lib.bridge_write(bridge.pointer, into, writer.block_frames)
            lib.bridge_stamp(bridge.pointer, writer.block_frames, now_ns)
            at += writer.block_frames
            continue
        lib.bridge_begin(bridge.pointer, reader.block_frames, now_ns)
        if now_ns > listen_ns:
            for piece in np.array_split(out, parts):
                lib.bridge_read(bridge.pointer, ffi.from_buffer("float[]", piece), len(piece))
            heard.append(out.copy())
        if (blocks := blocks + 1) % every == 0:
            times.append((now_ns - start_ns) * 1e-9)
            statuses.append(bridge.status())
    return Run(np.array(times), statuses, np.concatenate(heard) if heard else np.zeros((0, 2), np.float32))


def tone(frequency_hz: float, amplitude: float = 0.9, rate_hz: float = RATE_HZ) -> Signal:
    """The same on both sides, by the writer's clock."""
    return lambda numbers: amplitude * np.sin(2 * np.pi * frequency_hz / rate_hz * numbers)[:, None].repeat(2, axis=1)
