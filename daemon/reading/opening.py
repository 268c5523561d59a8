"""Opening an audio file by whoever can read it: libsndfile, and for what it does not know the ffmpeg command."""

from __future__ import annotations

from pathlib import Path

from masterd.daemon.reading import ffmpeg
from masterd.daemon.reading.rates import SAMPLE_RATES_HZ
from masterd.daemon.reading.reader import AudioFileError, AudioReader
from masterd.daemon.reading.sound_file import NotSoundFile, SoundFileReader

TALKS = "mpeg"
"""Codecs that libsndfile decodes by a library which prints on the terminal what it finds wrong; ffmpeg tells us."""


def open_audio(path: Path | str) -> AudioReader:
    """An open file of any rate with one or two channels, or AudioFileError with its name and what is wrong."""
    reader = _opened(path)
    try:
        reader.check()
    except AudioFileError:
        reader.close()
        raise
    return reader


def open_programme(path: Path | str) -> AudioReader:
    """The same at one of the engine's rates, which it must have: nothing is converted."""
    reader = open_audio(path)
    if reader.sample_rate_hz not in SAMPLE_RATES_HZ:
        reader.close()
        rates = ", ".join(map(str, SAMPLE_RATES_HZ))
        raise AudioFileError(path, f"is at {reader.sample_rate_hz} Hz; masterd takes {rates} and does not convert")
    return reader


def _opened(path: Path | str) -> AudioReader:
    try:
        reader = SoundFileReader(path)
    except NotSoundFile as reason:
        if not ffmpeg.available():
            raise AudioFileError(path, f"{str(reason).removeprefix(f'{path}: ')} (with ffmpeg installed more could be)") from None
    else:
        if not reader.codec.startswith(TALKS) or not ffmpeg.available():
            return reader
        reader.close()
    return ffmpeg.FfmpegReader(path)
