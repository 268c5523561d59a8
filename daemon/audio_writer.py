"""Writing audio files: WAV and FLAC, 16 and 24 bit with dither, and 32-bit float.

The audio goes to a hidden file beside the target, which takes the target's name when it is complete: there is never half a
file under that name. A file that exists is kept unless the caller forces. A WAV that may pass 4 GB is opened as RF64, and is
a plain (extensible) WAV after all when it ends before.
"""

from __future__ import annotations

import contextlib
import os
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from masterd.daemon.audio_files import AudioFileError
from masterd.native import ffi, lib

FORMATS = {".wav": "WAV", ".flac": "FLAC"}
SUBTYPES = {"16": "PCM_16", "24": "PCM_24", "32f": "FLOAT"}
DITHER_SEED = 1
WAV_BYTES = 2**32 - 2**16

# libsndfile's sf_command numbers (sndfile.h), which python-soundfile does not name.
SET_ADD_PEAK_CHUNK, SET_UPDATE_HEADER_AUTO, RF64_AUTO_DOWNGRADE = 0x1050, 0x1061, 0x1210


def check_target(path: Path, bits: str, force: bool = False) -> list[str]:
    """What is wrong with writing `path` in that word length; empty when nothing is."""
    wrong = []
    if path.suffix.lower() not in FORMATS:
        wrong.append(f"{path}: its name must end in {' or '.join(FORMATS)}")
    if bits not in SUBTYPES:
        wrong.append(f"{path}: {bits!r} is not one of {', '.join(SUBTYPES)}")
    if path.suffix.lower() == ".flac" and bits == "32f":
        wrong.append(f"{path}: FLAC holds no float; use 16 or 24 bits, or WAV")
    if not path.parent.is_dir():
        wrong.append(f"{path}: there is no folder {path.parent}")
    if path.is_dir():
        wrong.append(f"{path}: is a folder")
    elif path.exists() and not force:
        wrong.append(f"{path}: exists already; --force overwrites it")
    return wrong


class Quantiser:
    """Float to whole steps of a word, with triangular dither; the same bits in every run."""

    def __init__(self, bits: int, sample_rate_hz: float) -> None:
        self._coefs, self._state = ffi.new("dither_coefs *"), ffi.new("dither *")
        format = ffi.new("stream_format *", {"sample_rate_hz": sample_rate_hz})
        lib.dither_design(self._coefs, ffi.new("dither_params *", {"bits": bits}), format)
        lib.dither_reset(self._state, DITHER_SEED)

    def __call__(self, block: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """(frames, 2) as multiples of one step, within -1 and 1 less a step."""
        left, right = (np.array(block[:, channel], np.float64) for channel in (0, 1))
        pointers = [ffi.from_buffer("double[]", channel, require_writable=True) for channel in (left, right)]
        lib.dither_process(self._state, self._coefs, *pointers, len(left))
        return np.stack([left, right], axis=1)


class AudioWriter(AbstractContextManager["AudioWriter"]):
    """A file in the making. `close` finishes it, `abort` leaves nothing; leaving a `with` by an exception aborts."""

    def __init__(
        self, path: Path | str, sample_rate_hz: int, bits: str = "24", force: bool = False, expected_frames: int | None = None
    ) -> None:
        """AudioFileError when it cannot be written. Without `expected_frames` it is a recording: any length, and a WAV's
        header is kept current, so that what is there can be read at any time."""
        self.path, self.force, self.frames = Path(path), force, 0
        if wrong := check_target(self.path, bits, force):
            raise AudioFileError(self.path, wrong[0].removeprefix(f"{self.path}: "))
        self.unfinished = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        self.bits = bits
        self._quantise = Quantiser(int(bits), sample_rate_hz) if bits != "32f" else None
        self._file = self._create(sample_rate_hz, expected_frames)

    def _create(self, sample_rate_hz: int, expected_frames: int | None) -> soundfile.SoundFile | None:
        container = FORMATS[self.path.suffix.lower()]
        if container == "WAV" and (expected_frames is None or expected_frames * 8 > WAV_BYTES):
            container = "RF64"
        try:
            file = soundfile.SoundFile(self.unfinished, "w", sample_rate_hz, 2, SUBTYPES[self.bits], format=container)
        except (OSError, soundfile.SoundFileError) as reason:
            self.unfinished.unlink(missing_ok=True)
            raise AudioFileError(self.path, f"cannot be written: {reason}") from None
        if container != "FLAC":
            _command(file, SET_ADD_PEAK_CHUNK, False)  # it holds the time of day: the same audio would not be the same file
            _command(file, RF64_AUTO_DOWNGRADE, True)
            _command(file, SET_UPDATE_HEADER_AUTO, expected_frames is None)
        return file

    def write(self, block: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Appends (frames, 2), full scale 1; returns what the file now holds of it. AudioFileError when the disk is full."""
        if self._file is None:
            raise AudioFileError(self.path, "is closed")
        held = self._quantise(block) if self._quantise else block.astype(np.float32, copy=False)
        stored = _integers(held, self.bits) if self._quantise else held
        try:
            self._file.write(stored)
        except (OSError, soundfile.SoundFileError) as reason:
            raise AudioFileError(self.path, f"cannot be written: {reason}") from None
        self.frames += len(block)
        return held

    def close(self) -> None:
        """Puts the file under its name. AudioFileError, and nothing left, when that fails. Any number of times."""
        if self._file is None:
            return
        try:
            self._finish()
        except (OSError, soundfile.SoundFileError) as reason:
            raise AudioFileError(self.path, f"cannot be written: {reason}") from None
        finally:
            self.abort()

    def _finish(self) -> None:
        assert self._file is not None
        self._file.close()
        with self.unfinished.open("rb") as file:
            os.fsync(file.fileno())
        if self.force:
            self.unfinished.replace(self.path)
        else:
            _rename_without_overwriting(self.unfinished, self.path)

    def abort(self) -> None:
        """Gives up: nothing is left of an unfinished file. Any number of times."""
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError, soundfile.SoundFileError):
                file.close()
            self.unfinished.unlink(missing_ok=True)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()


def _rename_without_overwriting(source: Path, target: Path) -> None:
    """A hard link refuses an existing name in one step; file systems without links are asked first."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        if target.exists():
            raise FileExistsError(f"{target} exists already") from None
        source.rename(target)


def _integers(steps: npt.NDArray[Any], bits: str) -> npt.NDArray[Any]:
    if bits == "16":
        return (steps * 2**15).astype(np.int16)
    return (steps * 2**23).astype(np.int32) << 8  # libsndfile takes 24 bits from the top of 32


def _command(file: soundfile.SoundFile, command: int, on: bool) -> None:
    soundfile._snd.sf_command(file._file, command, soundfile._ffi.NULL, int(on))
