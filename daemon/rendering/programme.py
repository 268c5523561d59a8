"""One or several files as one programme at the engine's rate, measured in passing, with the frames where each ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from masterd.daemon.measuring.meter import ProgrammeMeter
from masterd.daemon.reading.opening import open_audio
from masterd.daemon.reading.rates import engine_rate_hz, resampled, resampled_frames
from masterd.daemon.reading.reader import AudioReader, Block

BLOCK_FRAMES = 32768
HELD_BLOCKS = 2
"""So many are held back: that a source is over is known before its last frames are given, and before a CD's cut in them."""


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What a header says; `frames` is a guess unless `exact`."""

    path: Path
    sample_rate_hz: int
    channels: int
    frames: int
    exact: bool

    @property
    def seconds(self) -> float:
        """Of play."""
        return self.frames / self.sample_rate_hz


def facts_of(path: Path) -> SourceFacts:
    """Opens it. AudioFileError."""
    with open_audio(path) as reader:
        return SourceFacts(path, reader.sample_rate_hz, reader.channels, reader.frames, reader.exact)


class Programme:
    """Sources without a gap between them. `ends` grows while the blocks are read: where each source is over, in frames."""

    def __init__(self, sources: Sequence[SourceFacts]) -> None:
        self.sources = sources
        self.sample_rate_hz = max(engine_rate_hz(source.sample_rate_hz) for source in sources)
        self.ends: list[int] = []
        self.meters: list[ProgrammeMeter] = []
        """One for each source that was begun."""
        self.complaints: list[str] = []

    @property
    def expected_frames(self) -> list[int]:
        """Of each source, at the engine's rate."""
        return [resampled_frames(it.frames, it.sample_rate_hz, self.sample_rate_hz) for it in self.sources]

    def blocks(self, meter: bool = True) -> Iterator[Block]:
        """All of it, once. AudioFileError."""
        at = 0
        self.ends, self.meters = [], []
        for source in self.sources:
            with open_audio(source.path) as reader:
                held: deque[Block] = deque()
                for block in self._of(reader, meter):
                    held.append(block)
                    if len(held) > HELD_BLOCKS:
                        at += len(held[0])
                        yield held.popleft()
                self.complaints += [f"{source.path}: {complaint}" for complaint in reader.complaints]
            self.ends.append(at + sum(map(len, held)))
            at = self.ends[-1]
            yield from held

    def _of(self, reader: AudioReader, meter: bool) -> Iterator[Block]:
        blocks = resampled(reader.blocks(BLOCK_FRAMES), reader.sample_rate_hz, self.sample_rate_hz)
        if not meter:
            yield from blocks
            return
        self.meters.append(ProgrammeMeter(self.sample_rate_hz, reader.channels))
        for block in blocks:
            self.meters[-1].add(block)
            yield block
