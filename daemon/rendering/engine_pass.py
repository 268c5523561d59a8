"""Blocks of a programme through an engine: aligned with the input and exactly as long, whatever moves meanwhile.

For 32-bit float the samples go through the engine's float32 door, as on a sound card, so a live run of the same input gives
the same bits; for 16 and 24 bits they stay float64 until the dither. A move of parameters happens at its own frame: blocks are
cut there, so their size changes nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from masterd.control.parameters import Value
from masterd.daemon.engine import Engine
from masterd.daemon.reading.reader import Block
from masterd.daemon.rendering.linear_phase import LinearPhase

Door: TypeAlias = Callable[[Engine, Block], Block]


@dataclass(frozen=True, slots=True)
class Move:
    """At a frame of the engine's input, ramp to complete values."""

    frame: int
    values: Mapping[str, Value]
    ramp_frames: int = 0


def engine_for(sample_rate_hz: float, values: Mapping[str, Value]) -> Engine:
    """A fresh one that is open and does not meter: what is read and written is measured itself."""
    engine = Engine(sample_rate_hz, "normal", values)
    engine.attach()
    engine.gate(True, 0)
    engine.metering(False)
    return engine


class Aligned:
    """Takes a programme block by block and gives it as the engine makes it, without the latency. One thread."""

    def __init__(self, engine: Engine, door: Door, moves: Sequence[Move] = ()) -> None:
        self.engine, self._door = engine, door
        self._moves = deque(sorted(moves, key=lambda move: move.frame))
        self._at = 0
        self._early = engine.latency_frames

    def add(self, block: Block) -> Block:
        """What is ready of it."""
        parts = [self._door(self.engine, part) for part in self._cut(block)]
        out = parts[0] if len(parts) == 1 else np.concatenate([np.empty((0, 2)), *parts])
        ready = out[self._early :]
        self._early -= min(self._early, len(out))
        return ready

    def _cut(self, block: Block) -> Iterator[Block]:
        while len(block):
            while self._moves and self._moves[0].frame <= self._at:
                move = self._moves.popleft()
                self.engine.publish_frames(move.values, move.ramp_frames)
            until = min(len(block), self._moves[0].frame - self._at) if self._moves else len(block)
            yield block[:until]
            self._at += until
            block = block[until:]

    def end(self) -> Block:
        """The programme is over: the rest."""
        late = self.engine.latency_frames - self._early
        self._moves.clear()
        return self._door(self.engine, np.zeros((self.engine.latency_frames, 2)))[self._early :] if late else np.empty((0, 2))

    def through(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The whole programme."""
        for block in blocks:
            if len(ready := self.add(block)):
                yield ready
        if len(ready := self.end()):
            yield ready


def mastered(
    blocks: Iterator[Block], engine: Engine, as_float32: bool, twin: LinearPhase | None, moves: Sequence[Move] = ()
) -> Iterator[Block]:
    """The blocks through the engine, aligned and as long as they were; with the equaliser's twin, which knows no moves."""
    if twin is None:
        return Aligned(engine, through_float32 if as_float32 else through_float64, moves).through(blocks)
    return Aligned(engine, after_eq).through(twin.filtered(before_eq(engine, block) for block in blocks))


def before_eq(engine: Engine, block: Block) -> Block:
    """One block up to the equaliser."""
    sides = channels(block)
    engine.process_before_eq(sides[0], sides[1])
    return sides.T


def after_eq(engine: Engine, block: Block) -> Block:
    """One block from behind the equaliser on."""
    sides = channels(block)
    engine.process_after_eq(sides[0], sides[1])
    return sides.T


def through_float64(engine: Engine, block: Block) -> Block:
    """One block through the door for files."""
    sides = channels(block)
    engine.process_double(sides[0], sides[1])
    return sides.T


def through_float32(engine: Engine, block: Block) -> Block:
    """One block through the door for sound cards."""
    left, right = block.T.astype(np.float32, order="C")
    return np.array(engine.process_planar(left, right), np.float64).T


def channels(block: Block) -> Block:
    """A copy with the channels apart, (2, frames)."""
    return np.array(block.T, np.float64, order="C")
