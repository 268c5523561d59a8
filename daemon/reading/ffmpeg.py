"""Reading what the ffmpeg command reads, decoded to float64 through a pipe: AAC, ALAC, WMA, APE, DSD, the sound of films.

ffmpeg leaves out the encoder's delay and padding where the file tells them; the end of an MP4 it leaves in, so that is cut here.
Only files are opened: a playlist cannot make it call anybody.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from masterd.daemon.reading.reader import AudioFileError, AudioReader, Block

COMMAND, PROBE = COMMANDS = ("ffmpeg", "ffprobe")
SAFE = ["-v", "error", "-protocol_whitelist", "file"]
ENTRIES = (
    "stream=codec_name,sample_rate,channels,bits_per_raw_sample,duration,duration_ts,time_base:stream_tags:format=format_name,"
    "duration:format_tags"
)
LOSSLESS = ("alac", "ape", "flac", "tak", "tta", "wavpack", "pcm_", "mlp", "truehd")
SHORT_BY_S, SHORT_BY = 0.5, 0.01
"""A file that decodes to less than its header says by more than both is broken; headers of lossy files are not exact."""
TELL_LENGTH = {"mp4", "matroska", "ogg", "flac", "asf", "wav", "aiff", "caf", "ape", "tta", "wv", "dsf"}
"""Containers whose length is no estimate from the bit rate."""
SAMPLE_BYTES = 8


def available() -> bool:
    """Whether the commands are installed."""
    return all(shutil.which(command) for command in COMMANDS)


class FfmpegReader(AudioReader):
    """The first audio stream of a file, decoded in a process of its own."""

    exact = False

    def __init__(self, path: Path | str) -> None:
        super().__init__(path)
        stream, container = _probed(self.path)
        self.codec = str(stream.get("codec_name", "unknown"))
        self.sample_rate_hz, self.channels = int(stream["sample_rate"]), int(stream["channels"])
        self.bits = _bits(stream, self.codec)
        self.frames = round(float(stream.get("duration") or container.get("duration") or 0) * self.sample_rate_hz)
        self._tells_length = bool(TELL_LENGTH & set(container.get("format_name", "").split(",")))
        self._end_frames = _mp4_frames(stream, container)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        self._process: subprocess.Popen[bytes] | None = None

    def _start(self) -> subprocess.Popen[bytes]:
        command = [COMMAND, "-nostdin", *SAFE, "-i", f"file:{self.path}", "-map", "0:a:0", "-f", "f64le", "-"]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._errors, start_new_session=True)

    def decoded(self, frames: int) -> Block:
        """As AudioReader has it."""
        if self._process is None:
            self._process = self._start()
        if self._end_frames:
            frames = min(frames, self._end_frames - self.done_frames)
        assert self._process.stdout is not None
        raw = self._process.stdout.read(frames * self.channels * SAMPLE_BYTES)
        raw = raw[: len(raw) - len(raw) % (self.channels * SAMPLE_BYTES)]
        if not raw and frames:
            self._ended(self._process.wait())
        return np.frombuffer(raw, "<f8").reshape(-1, self.channels)

    def _ended(self, code: int) -> None:
        self._errors.seek(0)
        self.complaints = self._errors.read().decode(errors="replace").strip().splitlines()
        said = f": {self.complaints[-1]}" if self.complaints else ""
        if code or not self.done_frames:
            raise AudioFileError(self.path, f"cannot be decoded after {self.done_frames} frames{said}")
        missing = self.frames - self.done_frames if self._tells_length else 0
        if missing > max(SHORT_BY_S * self.sample_rate_hz, SHORT_BY * self.frames):
            raise AudioFileError(self.path, f"breaks off after {self.done_frames} of about {self.frames} frames{said}")

    def close(self) -> None:
        """As AudioReader has it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            assert process.stdout is not None
            process.stdout.close()
            process.wait()
        self._errors.close()


def _probed(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The first audio stream and the container, as ffprobe describes them."""
    command = [PROBE, *SAFE, "-select_streams", "a:0", "-show_entries", ENTRIES, "-of", "json", f"file:{path}"]
    run = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, start_new_session=True)
    if run.returncode:
        why = run.stderr.decode(errors="replace").strip().splitlines() or ["ffmpeg does not know why"]
        raise AudioFileError(path, f"is not an audio file that can be read: {why[-1].removeprefix(f'file:{path}: ')}")
    found = json.loads(run.stdout)
    streams = [stream for stream in found.get("streams", []) if int(stream.get("sample_rate", 0)) > 0]
    if not streams:
        raise AudioFileError(path, "has no sound in it")
    return streams[0], found.get("format", {})


def _bits(stream: dict[str, Any], codec: str) -> int | None:
    bits = int(stream.get("bits_per_raw_sample") or 0)
    return bits if bits and codec.startswith(LOSSLESS) else None


def _mp4_frames(stream: dict[str, Any], container: dict[str, Any]) -> int | None:
    """How long an MP4 is without the padding of its last packet: by iTunes' note, or by its edit list; None for others."""
    if "mp4" not in container.get("format_name", "").split(","):
        return None
    words = str({**container.get("tags", {}), **stream.get("tags", {})}.get("iTunSMPB", "")).split()
    if len(words) > 3:
        return int(words[3], 16)
    same_clock = stream.get("time_base") == f"1/{stream['sample_rate']}"
    return int(stream.get("duration_ts") or 0) or None if same_clock else None
