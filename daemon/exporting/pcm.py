"""Writing the very samples: WAV and FLAC, 16 and 24 bit with dither, and 32-bit float; Broadcast Wave and RF64 too.

A WAV that may pass 4 GB is opened as RF64, and is a plain (extensible) WAV after all when it ends before, unless RF64 was
asked for.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from masterd.daemon.exporting import broadcast_wave
from masterd.daemon.exporting.formats import FORMATS, WORDS
from masterd.daemon.exporting.quantiser import DITHERS, Quantiser
from masterd.daemon.exporting.writer import Writer
from masterd.daemon.reading.reader import AudioFileError

WAV_BYTES = 2**32 - 2**16
INFO = {
    "title": "title", "artist": "artist", "album": "album", "comment": "comment", "copyright": "copyright", "date": "date",
    "tracknumber": "tracknumber", "genre": "genre",
}  # fmt: skip
"""Tags that a WAV holds in its LIST INFO chunk, as python-soundfile names them."""

# libsndfile's sf_command numbers (sndfile.h), which python-soundfile does not name.
SET_ADD_PEAK_CHUNK, SET_UPDATE_HEADER_AUTO, SET_BROADCAST_INFO, RF64_AUTO_DOWNGRADE = 0x1050, 0x1061, 0x10F1, 0x1210


def check_word(path: Path, bits: str, dither: str = "flat") -> list[str]:
    """What is wrong with writing `path` in that word length; empty when nothing is."""
    wrong = []
    suffix = path.suffix.lower()
    if bits not in WORDS:
        wrong.append(f"{path}: {bits!r} is not one of {', '.join(WORDS)}")
    elif suffix == ".flac" and bits == "32f":
        wrong.append(f"{path}: FLAC holds no float; use 16 or 24 bits, or WAV")
    if dither not in DITHERS:
        wrong.append(f"{path}: dither {dither!r} is not one of {', '.join(DITHERS)}")
    return wrong


class PcmWriter(Writer):
    """A WAV or FLAC file in the making."""

    _file: soundfile.SoundFile | None = None

    def __init__(
        self,
        path: Path | str,
        sample_rate_hz: int,
        bits: str = "24",
        force: bool = False,
        expected_frames: int | None = None,
        dither: str = "flat",
        broadcast: bytes | None = None,
        rf64: bool = False,
        info: Mapping[str, str] | None = None,
        guard: ExitStack | None = None,
        channels: int = 2,
    ) -> None:
        """AudioFileError when it cannot be written. Without `expected_frames` it is a recording: any length, and a WAV's header
        is kept current, so that what is there can be read at any time. `broadcast` is the bext chunk, `info` has INFO's tags.
        With one channel the left one is written."""
        path = Path(path)
        if path.suffix.lower() not in (".wav", ".flac"):
            raise AudioFileError(path, "its name must end in .wav or .flac")
        if wrong := check_word(path, bits, dither):
            raise AudioFileError(path, wrong[0].removeprefix(f"{path}: "))
        super().__init__(path, force, guard)
        self.channels, self.bits, self.rf64, self.has_broadcast = channels, bits, rf64, broadcast is not None
        self._quantise = Quantiser(int(bits), sample_rate_hz, dither) if bits != "32f" else None
        self._file = self._create(sample_rate_hz, expected_frames)
        self._describe(self._file, expected_frames, broadcast, info or {})

    def _create(self, sample_rate_hz: int, expected_frames: int | None) -> soundfile.SoundFile:
        container = FORMATS[self.path.suffix.lower()].container
        if container == "WAV" and (self.rf64 or expected_frames is None or expected_frames * 8 > WAV_BYTES):
            container = "RF64"
        try:
            return soundfile.SoundFile(self.unfinished, "w", sample_rate_hz, self.channels, WORDS[self.bits], format=container)
        except (OSError, soundfile.SoundFileError) as reason:
            self.unfinished.unlink(missing_ok=True)
            raise AudioFileError(self.path, f"cannot be written: {reason}") from None

    def _describe(
        self, file: soundfile.SoundFile, expected_frames: int | None, broadcast: bytes | None, info: Mapping[str, str]
    ) -> None:
        if file.format == "FLAC":
            return
        _command(file, SET_ADD_PEAK_CHUNK, False)  # it holds the time of day: the same audio would not be the same file
        _command(file, RF64_AUTO_DOWNGRADE, not self.rf64)
        _command(file, SET_UPDATE_HEADER_AUTO, expected_frames is None)
        if broadcast is not None:
            soundfile._snd.sf_command(file._file, SET_BROADCAST_INFO, broadcast, len(broadcast))
        for tag, attribute in INFO.items():
            if tag in info:
                setattr(file, attribute, info[tag])

    def _append(self, block: npt.NDArray[Any]) -> npt.NDArray[Any]:
        assert self._file is not None
        held = self._quantise(block) if self._quantise else block.astype(np.float32, copy=False)
        try:
            self._file.write(_stored(held[:, : self.channels], self.bits))
        except (OSError, soundfile.SoundFileError) as reason:
            raise AudioFileError(self.path, f"cannot be written: {reason}") from None
        return held

    def _finish(self) -> None:
        assert self._file is not None
        try:
            self._file.close()
        except (OSError, soundfile.SoundFileError) as reason:
            raise AudioFileError(self.path, f"cannot be written: {reason}") from None

    def _give_up(self) -> None:
        with contextlib.suppress(soundfile.SoundFileError):
            if self._file is not None:
                self._file.close()

    def is_rf64(self) -> bool:
        """Whether the finished file is RF64, which holds no tags but those of its LIST INFO chunk."""
        with self.unfinished.open("rb") as file:
            return file.read(4) == b"RF64"

    def note_loudness(self, loudness: broadcast_wave.Loudness) -> None:
        """Puts measured values into the bext chunk of a finished Broadcast Wave."""
        broadcast_wave.write_loudness(self.unfinished, loudness)


def _stored(held: npt.NDArray[Any], bits: str) -> npt.NDArray[Any]:
    if bits == "32f":
        return np.ascontiguousarray(held)
    if bits == "16":
        return (held * 2.0**15).astype(np.int16, order="C")
    return (held * 2.0**31).astype(np.int32, order="C")  # libsndfile takes 24 bits from the top of 32


def _command(file: soundfile.SoundFile, command: int, on: bool) -> None:
    soundfile._snd.sf_command(file._file, command, soundfile._ffi.NULL, int(on))
