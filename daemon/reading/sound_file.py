"""Reading what libsndfile reads: WAV, RF64, W64, AIFF, CAF, FLAC, Ogg Vorbis, Opus, MP3 and more."""

from __future__ import annotations

from pathlib import Path

import soundfile

from masterd.daemon.reading.reader import AudioFileError, AudioReader, Block

LENGTH_IS_A_GUESS = ("MP3",)  # formats whose header does not say how long they are
BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "ALAC_16": 16, "ALAC_20": 20, "ALAC_24": 24}


class NotSoundFile(AudioFileError):
    """There is a file, but libsndfile does not know what it is."""


class SoundFileReader(AudioReader):
    """Decoded in this process."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(path)
        self._file = _opened(self.path)
        self.sample_rate_hz = int(self._file.samplerate)
        self.channels = int(self._file.channels)
        self.frames = int(self._file.frames)
        self.exact = self._file.format not in LENGTH_IS_A_GUESS
        self.codec = str(self._file.subtype).lower()
        self.bits = BITS.get(self._file.subtype)

    def decoded(self, frames: int) -> Block:
        """As AudioReader has it."""
        try:
            block: Block = self._file.read(frames, dtype="float64", always_2d=True)
        except soundfile.SoundFileError as reason:
            raise AudioFileError(self.path, f"is broken after {self.done_frames} frames: {reason}") from None
        return block

    def close(self) -> None:
        """As AudioReader has it."""
        self._file.close()


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
        raise NotSoundFile(path, f"is not an audio file that can be read: {reason}") from None
