"""Reading audio files: whatever libsndfile reads, at the engine's rates, always as stereo float64.

A mono file comes out on both sides. More than two channels, other rates, a missing, broken or empty file: an AudioFileError that
names the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import soundfile

from masterd.control.errors import MasterdError

Block: TypeAlias = npt.NDArray[np.float64]
"""(frames, 2), full scale is 1."""

SAMPLE_RATES_HZ = (44100, 48000, 88200, 96000, 176400, 192000)
LENGTH_IS_A_GUESS = ("MP3",)  # formats whose header does not say how long they are
BLOCK_FRAMES = 8192


class AudioFileError(MasterdError):
    """A file cannot be read or written; the text names it and says why."""

    code = "audio_file"

    def __init__(self, path: Path | str, why: str) -> None:
        super().__init__(f"{path}: {why}")


class AudioReader(AbstractContextManager["AudioReader"]):
    """An open file: `sample_rate_hz`, `channels` (1 or 2), `frames` as its header says, `subtype` as libsndfile calls it."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._file = _opened(self.path)
        self.sample_rate_hz = int(self._file.samplerate)
        self.channels = int(self._file.channels)
        self.frames = int(self._file.frames)
        self.subtype = str(self._file.subtype)
        self.done_frames = 0
        try:
            self._check()
        except AudioFileError:
            self.close()
            raise

    def _check(self) -> None:
        if self.channels > 2:
            raise AudioFileError(self.path, f"has {self.channels} channels; masterd takes one or two")
        if self.sample_rate_hz not in SAMPLE_RATES_HZ:
            rates = ", ".join(map(str, SAMPLE_RATES_HZ))
            raise AudioFileError(self.path, f"is at {self.sample_rate_hz} Hz; masterd takes {rates} and does not convert")
        if self.frames == 0:
            raise AudioFileError(self.path, "is empty: no audio in it")

    def read(self, frames: int) -> Block:
        """The next frames, fewer at the end, none when it is over. AudioFileError when the file breaks off."""
        try:
            block = self._file.read(frames, dtype="float64", always_2d=True)
        except soundfile.SoundFileError as reason:
            raise AudioFileError(self.path, f"is broken after {self.done_frames} frames: {reason}") from None
        self.done_frames += len(block)
        if len(block) < frames and self.done_frames < self.frames and self._file.format not in LENGTH_IS_A_GUESS:
            raise AudioFileError(self.path, f"breaks off after {self.done_frames} of {self.frames} frames")
        return np.repeat(block, 2, axis=1) if self.channels == 1 else block

    def blocks(self, frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """All that is left, in blocks."""
        while len(block := self.read(frames)):
            yield block

    def close(self) -> None:
        """Lets go of the file. Any number of times."""
        self._file.close()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _opened(path: Path) -> soundfile.SoundFile:
    if path.is_dir():
        raise AudioFileError(path, "is a folder")
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise AudioFileError(path, "is empty")
        return soundfile.SoundFile(path)
    except OSError as reason:
        raise AudioFileError(path, (reason.strerror or str(reason)).lower()) from None
    except soundfile.SoundFileError as reason:
        raise AudioFileError(path, f"is not an audio file that can be read: {reason}") from None
