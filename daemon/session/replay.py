"""Renders a take again: the recorded input through a fresh engine that is told the same at the same frames, to the same bits."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from masterd.daemon.engine import Engine, Float32, Latency
from masterd.daemon.exporting.pcm import PcmWriter
from masterd.daemon.exporting.writer import in_the_making
from masterd.daemon.reading.opening import open_programme
from masterd.daemon.reading.reader import AudioReader
from masterd.daemon.session.log import INPUT, LOG, Begun, Ended, Gated, SessionRefused, Turned, read
from masterd.daemon.state import checked, complete

BLOCK_FRAMES = 4096


class Session:
    """A take on the disk. SessionRefused when it is none, or something of it was lost: then the bits cannot be made again."""

    def __init__(self, folder: Path) -> None:
        if not (folder / LOG).is_file():
            raise SessionRefused(f"{folder}: there is no {LOG} in it; name the folder of one take")
        first, *rest = read(folder / LOG)
        if not isinstance(first, Begun):
            raise SessionRefused(f"{folder / LOG}: line 1 does not say how the session began")
        self.began, self.lines = first, rest
        self.input = recorded(folder)
        self._check(folder)

    def _check(self, folder: Path) -> None:
        end = self.lines[-1] if self.lines else None
        if isinstance(end, Ended) and (end.lost_frames or end.lost_orders):
            lost = f"{end.lost_frames} frames of input and {end.lost_orders} orders"
            raise SessionRefused(f"{folder}: {lost} were lost when it was recorded, so it cannot be made again to the bit")

    def engine(self) -> Engine:
        """As it was before its first block."""
        began = self.began
        latency: Latency = "low" if began.latency == "low" else "normal"
        engine = Engine(began.sample_rate_hz, latency, complete(checked(began.values)), began.agc_gain_db)
        engine.attach()
        engine.metering(False)
        return engine

    def blocks(self) -> Iterator[Float32]:
        """What left the engine, (frames, 2) float32, from its first frame on: the latency is in it."""
        engine, values, done = self.engine(), dict(self.began.values), 0
        with open_programme(self.input) as reader:
            for frame, orders in itertools.groupby(self.orders(), key=lambda it: it.frame):
                for block in pieces(reader, frame - done):
                    yield engine.process(block)
                done = frame
                for order in orders:
                    if isinstance(order, Turned):
                        values |= order.values
                        engine.publish_frames(complete(checked(values)), order.ramp_frames)
                    else:
                        engine.gate_frames(order.gate, order.fade_frames)
            for block in pieces(reader, None):
                yield engine.process(block)

    def orders(self) -> Iterator[Turned | Gated]:
        """In the order of their frames."""
        return (line for line in self.lines if isinstance(line, Turned | Gated))


def recorded(folder: Path) -> Path:
    """The input's file: complete, or as a crash left it."""
    found = [folder / INPUT, *in_the_making(folder / INPUT)]
    if path := next((path for path in found if path.is_file()), None):
        return path
    raise SessionRefused(f"{folder}: there is no {INPUT} in it")


def pieces(reader: AudioReader, frames: int | None) -> Iterator[Float32]:
    """The next `frames` of the file in blocks, or all that is left."""
    while frames is None or frames > 0:
        block = reader.read(BLOCK_FRAMES if frames is None else min(BLOCK_FRAMES, frames))
        if not len(block):
            return
        frames = None if frames is None else frames - len(block)
        yield np.ascontiguousarray(block, np.float32)


def replay(folder: Path, target: Path, force: bool = False, tell: Callable[[int], None] = lambda frames: None) -> int:
    """The take in `folder` into a WAV of 32-bit float; how many frames. `tell` is called with the frames done.
    SessionRefused, AudioFileError; nothing is left of the target then."""
    session = Session(folder)
    with PcmWriter(target, int(session.began.sample_rate_hz), "32f", force) as writer:
        for block in session.blocks():
            writer.write(block)
            tell(writer.frames)
    return writer.frames
