"""Writing lossy files through the ffmpeg command: MP3, Opus, AAC, Ogg Vorbis, with the delay and padding told so that players
give back exactly the frames that went in."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from masterd.daemon.exporting.formats import Format, format_of
from masterd.daemon.exporting.writer import Writer
from masterd.daemon.reading import ffmpeg
from masterd.daemon.reading.reader import AudioFileError

REPRODUCIBLE = ["-fflags", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1"]
MUXER = {".m4a": ["-movflags", "+faststart"], ".mp3": ["-id3v2_version", "0", "-write_xing", "1"]}


def check_encoding(path: Path, kbps: int | None, quality: float | None) -> list[str]:
    """What is wrong with encoding `path` so; empty when nothing is."""
    form = format_of(path)
    assert form is not None
    wrong = []
    if not ffmpeg.available():
        wrong.append(f"{path}: ffmpeg is not installed, which encodes {form.suffix[1:]}")
    if kbps is not None and quality is not None:
        wrong.append(f"{path}: either a bit rate or a quality")
    if kbps is not None and not form.kbps[0] <= kbps <= form.kbps[2]:
        wrong.append(f"{path}: {kbps} kbit/s is outside {form.kbps[0]} to {form.kbps[2]}")
    if quality is not None and form.quality is None:
        wrong.append(f"{path}: {form.suffix[1:]} has no quality scale; give a bit rate")
    elif quality is not None and form.quality and not form.quality[0] <= quality <= form.quality[1]:
        wrong.append(f"{path}: quality {quality:g} is outside {form.quality[0]:g} to {form.quality[1]:g}")
    return wrong


class EncodedWriter(Writer):
    """A lossy file in the making, in a process that a terminal's Ctrl-C does not reach: it is ended from here."""

    _process: subprocess.Popen[bytes] | None = None

    def __init__(
        self,
        path: Path | str,
        sample_rate_hz: int,
        kbps: int | None = None,
        quality: float | None = None,
        force: bool = False,
        guard: ExitStack | None = None,
        channels: int = 2,
    ) -> None:
        """With one channel the left one is written. AudioFileError when it cannot be encoded so."""
        path = Path(path)
        form = format_of(path)
        assert form is not None
        if wrong := check_encoding(path, kbps, quality):
            raise AudioFileError(path, wrong[0].removeprefix(f"{path}: "))
        super().__init__(path, force, guard)
        self.channels = channels
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        command = [ffmpeg.COMMAND, "-v", "error", "-f", "f32le", "-ar", str(sample_rate_hz), "-ac", str(channels), "-i", "pipe:0"]
        command += [*_encoder(form, kbps, quality), *REPRODUCIBLE, *MUXER.get(form.suffix, [])]
        if form.suffix == ".m4a":
            command += ["-movie_timescale", str(sample_rate_hz)]  # or its edit list would end on a millisecond
        command += ["-f", form.container, "-y", f"file:{self.unfinished}"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=self._errors, start_new_session=True)

    def _append(self, block: npt.NDArray[Any]) -> npt.NDArray[Any]:
        given = np.ascontiguousarray(block, np.float32)
        try:
            self._pipe().write(given[:, : self.channels].tobytes())
        except BrokenPipeError:
            raise self._failure() from None
        return given

    def _pipe(self) -> IO[bytes]:
        assert self._process is not None
        assert self._process.stdin is not None
        return self._process.stdin

    def _finish(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._pipe().close()
        assert self._process is not None
        if self._process.wait():
            raise self._failure()

    def _failure(self) -> AudioFileError:
        assert self._process is not None
        self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines() or ["the encoder ended early"]
        return AudioFileError(self.path, f"cannot be encoded: {said[-1]}")

    def _give_up(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            with contextlib.suppress(OSError):
                self._pipe().close()
            self._errors.close()


def _encoder(form: Format, kbps: int | None, quality: float | None) -> list[str]:
    if quality is not None:
        return ["-c:a", form.encoder, "-q:a", f"{quality:g}"]
    return ["-c:a", form.encoder, "-b:a", f"{kbps or form.kbps[1]}k"]
