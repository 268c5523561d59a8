"""What a file says about itself once its audio is complete and measured: tags, cover art, gains, the loudness in a bext chunk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from masterd.daemon.exporting import tags as tagging
from masterd.daemon.exporting.broadcast_wave import Loudness
from masterd.daemon.exporting.gain_tags import Heard, gain_tags
from masterd.daemon.exporting.pcm import PcmWriter
from masterd.daemon.exporting.tags import Tags
from masterd.daemon.exporting.tags_mp4 import GAPLESS
from masterd.daemon.exporting.writer import Writer
from masterd.daemon.measuring.measurement import Measurement
from masterd.daemon.measuring.meter import NONE

AAC_DELAY_FRAMES, AAC_PACKET_FRAMES = 1024, 1024


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be said: tags of the source, whether gains are wanted, and the loudness of the album when there is one."""

    tags: Tags | None
    """None: none are carried."""
    replaygain: bool
    album: Heard | None = None


def describe(writer: Writer, measured: Measurement, told: Told) -> None:
    """Into the finished, unpublished file. AudioFileError."""
    if isinstance(writer, PcmWriter) and writer.has_broadcast:
        writer.note_loudness(loudness_of(measured))
    suffix = writer.path.suffix.lower()
    tags = told.tags or Tags()
    if told.replaygain or tags.had_gain:
        tags = tags.with_texts(gain_tags(suffix, heard(measured), told.album))
    if suffix == ".m4a" and tagging.installed():
        tags = tags.with_texts({GAPLESS: [itunes_gapless(writer.frames)]})
    if (tags.texts or tags.pictures) and not (isinstance(writer, PcmWriter) and writer.is_rf64()):
        tagging.write_tags(writer.unfinished, tags, suffix)


def heard(measured: Measurement) -> Heard:
    """What gains are made of."""
    return Heard(measured.integrated_lufs, measured.true_peak_dbtp)


def loudness_of(measured: Measurement) -> Loudness:
    """For the bext chunk; what is nothing is unknown."""
    values = (
        measured.integrated_lufs,
        measured.loudness_range_lu,
        measured.true_peak_dbtp,
        measured.momentary_max_lufs,
        measured.short_term_max_lufs,
    )
    return Loudness(*(None if value <= NONE else value for value in values))


def itunes_gapless(frames: int) -> str:
    """iTunes' note of the encoder's delay, the padding, and the frames between."""
    padding = -(frames + AAC_DELAY_FRAMES) % AAC_PACKET_FRAMES
    words: Sequence[int] = (0, AAC_DELAY_FRAMES, padding)
    return "".join(f" {word:08X}" for word in words) + f" {frames:016X}" + " 00000000" * 8
