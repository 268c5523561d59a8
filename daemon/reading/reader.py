"""What an audio file is while it is read: an iterator of blocks, always stereo float64, whoever decodes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from masterd.control.errors import MasterdError

Block: TypeAlias = npt.NDArray[np.float64]
"""(frames, 2), full scale is 1; each channel in a piece where that is possible (Fortran order), as the kernels want them."""

BLOCK_FRAMES = 8192


class AudioFileError(MasterdError):
    """A file cannot be read or written; the text names it and says why."""

    code = "audio_file"

    def __init__(self, path: Path | str, why: str) -> None:
        super().__init__(f"{path}: {why}")


class AudioReader(AbstractContextManager["AudioReader"], ABC):
    """An open file. A mono file comes out on both sides; more than two channels are refused: a fold-down is a decision.

    `frames` is what the header says, exact where `exact`; `bits` is the word length of a lossless integer file, else None;
    `complaints` is what the decoder had to say about a file that it decoded all the same.
    """

    sample_rate_hz: int
    channels: int
    frames: int
    exact: bool
    bits: int | None
    codec: str

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.done_frames = 0
        self.complaints: list[str] = []

    def check(self) -> None:
        """AudioFileError when masterd cannot take it."""
        if self.channels > 2:
            raise AudioFileError(self.path, f"has {self.channels} channels; masterd takes one or two")
        if self.frames == 0 and self.exact:
            raise AudioFileError(self.path, "is empty: no audio in it")

    @abstractmethod
    def decoded(self, frames: int) -> Block:
        """The next frames with the channels of the file, fewer at the end, none behind it. AudioFileError."""

    def read(self, frames: int) -> Block:
        """The next frames, fewer at the end, none when it is over. AudioFileError when the file breaks off."""
        block = self.decoded(frames)
        self.done_frames += len(block)
        if len(block) < frames and self.done_frames < self.frames and self.exact:
            raise AudioFileError(self.path, f"breaks off after {self.done_frames} of {self.frames} frames")
        return np.repeat(block.T, 2, axis=0).T if self.channels == 1 else np.asfortranarray(block)

    def blocks(self, frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """All that is left, in blocks."""
        while len(block := self.read(frames)):
            yield block

    @abstractmethod
    def close(self) -> None:
        """Lets go of the file. Any number of times."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
