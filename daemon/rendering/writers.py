"""From an output of a job to the writer of its file."""

from __future__ import annotations

import datetime
from contextlib import ExitStack

from masterd.daemon.exporting.broadcast_wave import Description
from masterd.daemon.exporting.encoded import EncodedWriter, check_encoding
from masterd.daemon.exporting.formats import FORMATS, endings, format_of
from masterd.daemon.exporting.pcm import INFO, PcmWriter, check_word
from masterd.daemon.exporting.tags import Tags
from masterd.daemon.exporting.writer import Writer, check_place
from masterd.daemon.rendering.job import Output, RenderJob


def check_output(output: Output, job: RenderJob) -> list[str]:
    """What is wrong with writing it; empty when nothing is."""
    form, place = format_of(output.path), check_place(output.path, job.force, output.make_folder)
    if form is None:
        return [f"{output.path}: its name must end in {endings()}", *place]
    wrong = check_word(output.path, output.bits, output.dither) if form.lossless else []
    if not form.lossless:
        wrong += check_encoding(output.path, output.kbps, output.quality)
    if output.rate_hz and output.rate_hz not in form.rates_hz:
        rates = ", ".join(map(str, form.rates_hz))
        wrong.append(f"{output.path}: {output.rate_hz} Hz is not one of {rates}")
    return wrong + place


def rate_of(output: Output, engine_hz: int) -> int:
    """The sample rate of the file."""
    return output.rate_hz or FORMATS[output.path.suffix.lower()].rate_for(engine_hz)


def writer_of(output: Output, sample_rate_hz: int, expected_frames: int, tags: Tags, job: RenderJob, guard: ExitStack) -> Writer:
    """A file in the making, which `guard` aborts unless it is published. AudioFileError."""
    if output.make_folder:
        output.path.parent.mkdir(parents=True, exist_ok=True)
    channels = 1 if job.mono else 2
    if not FORMATS[output.path.suffix.lower()].lossless:
        return EncodedWriter(output.path, sample_rate_hz, output.kbps, output.quality, job.force, guard, channels)
    wave = output.path.suffix.lower() == ".wav"
    info = {name: "; ".join(tags.texts[name]) for name in INFO if tags.texts.get(name)}
    return PcmWriter(
        output.path,
        sample_rate_hz,
        output.bits,
        job.force,
        expected_frames,
        output.dither,
        description(tags).info() if wave and output.broadcast else None,
        wave and output.rf64,
        info,
        guard,
        channels,
    )


def description(tags: Tags) -> Description:
    """What a Broadcast Wave says: artist and title, and when it was made."""
    text = " - ".join(filter(None, (tags.first("artist"), tags.first("title"))))
    return Description(text, reference=tags.first("isrc"), when=datetime.datetime.now())
