"""Records what leaves the engine into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy.typing as npt

from masterd.daemon.exporting.pcm import PcmWriter


class Recorder:
    """A sink: blocks of (frames, 2) float32 in, a finished file after `close`. Any one thread, never the audio thread.

    Until then the audio is in a hidden file beside the target, readable at any time when it is WAV. AudioFileError when the file
    exists and `force` is not given, cannot be written, or the disk is full; what was written so far then stays for `close`.
    """

    def __init__(self, path: Path | str, sample_rate_hz: int, bits: str = "32f", force: bool = False) -> None:
        self.path = Path(path)
        self.sample_rate_hz = sample_rate_hz
        self._writer = PcmWriter(self.path, sample_rate_hz, bits, force)

    @property
    def frames(self) -> int:
        """Recorded so far."""
        return self._writer.frames

    def write(self, block: npt.NDArray[Any]) -> None:
        """Appends a block."""
        self._writer.write(block)

    def close(self) -> None:
        """Finishes the file under its name. Any number of times."""
        self._writer.close()

    def abort(self) -> None:
        """Throws the recording away."""
        self._writer.abort()
