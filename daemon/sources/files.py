"""Audio files in a row as one programme."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from masterd.daemon.reading.opening import open_programme
from masterd.daemon.reading.reader import AudioFileError, AudioReader

Float32: TypeAlias = npt.NDArray[np.float32]


class FileProgramme:
    """A source: the files one after another without a gap, for ever with `loop`. The first one's sample rate is the programme's.

    AudioFileError at once when any of them cannot be played: missing, broken, more than two channels, or at another rate than the
    first, as nothing is resampled. One thread; reading waits for the disk.
    """

    def __init__(self, paths: Sequence[Path | str], loop: bool = False) -> None:
        if not paths:
            raise ValueError("a programme needs at least one file")
        self.paths = [Path(path) for path in paths]
        self.loop = loop
        self.sample_rate_hz: float = self._check()
        self._next = 0
        self._reader: AudioReader | None = None

    def _check(self) -> int:
        rates = []
        for path in self.paths:
            with open_programme(path) as reader:
                rates.append(reader.sample_rate_hz)
            if rates[-1] != rates[0]:
                raise AudioFileError(
                    path, f"is at {rates[-1]} Hz, but {self.paths[0]} at {rates[0]} Hz; masterd does not convert"
                )
        return rates[0]

    @property
    def playing(self) -> Path | None:
        """The file that is being read."""
        return self._reader.path if self._reader else None

    def read(self, frames: int) -> Float32:
        """The next frames, (frames, 2); fewer at the end, none when it is over. AudioFileError when a file breaks off: the next
        call goes on with the file after it."""
        parts = []
        while frames and (reader := self._reader or self._open_next()):
            try:
                block = reader.read(frames).astype(np.float32)
            except AudioFileError:
                self._leave()
                raise
            if not len(block):
                self._leave()
            parts.append(block)
            frames -= len(block)
        return np.concatenate(parts) if parts else np.empty((0, 2), np.float32)

    def _open_next(self) -> AudioReader | None:
        if self._next == len(self.paths):
            if not self.loop:
                return None
            self._next = 0
        self._next += 1
        reader = open_programme(self.paths[self._next - 1])
        if reader.sample_rate_hz != self.sample_rate_hz:
            reader.close()
            raise AudioFileError(reader.path, f"is now at {reader.sample_rate_hz} Hz, not {self.sample_rate_hz} Hz")
        self._reader = reader
        return reader

    def _leave(self) -> None:
        if self._reader:
            self._reader.close()
        self._reader = None

    def close(self) -> None:
        """Lets go of the file."""
        self._leave()
