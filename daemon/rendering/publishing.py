"""The end of a job: complete files get their tags and their loudness, then all take their names; last the cue sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from masterd.control.files import write_atomically
from masterd.daemon.exporting.cue_sheet import CueTrack, cue_sheet
from masterd.daemon.exporting.tags import Tags
from masterd.daemon.exporting.writer import Writer
from masterd.daemon.measuring.measurement import Measurement, measurement
from masterd.daemon.rendering.finishing import Told, describe, heard
from masterd.daemon.rendering.job import RenderJob
from masterd.daemon.rendering.lanes import Lane


def publish(job: RenderJob, lanes: Sequence[Lane], tags: Sequence[Tags]) -> tuple[Measurement, ...]:
    """What every file holds, in the order of the job's outputs. AudioFileError."""
    measured: dict[str, Measurement] = {}
    writers: list[Writer] = []
    for lane in lanes:
        album = heard(measurement("", lane.whole)) if len(job.sources) > 1 else None
        for piece, of_track in zip(lane.pieces, tags, strict=False):
            readings = measurement("", piece.meter)
            for writer in piece.writers or ():
                measured[str(writer.path)] = replace(readings, file=str(writer.path))
                describe(writer, readings, Told(album_tags(job, tags) or of_track, job.replaygain, album))
                writers.append(writer)
    sheet = cue_sheet(cue_tracks(job, lanes[0], tags)) if job.cue else ""
    for writer in writers:
        writer.publish()
    if job.cue:
        write_atomically(job.cue, sheet.encode())
    return tuple(measured[str(output.path)] for outputs in job.outputs for output in outputs)


def album_tags(job: RenderJob, tags: Sequence[Tags]) -> Tags | None:
    """Of one file that holds several tracks: what they have in common; None for a track by itself."""
    if len(job.sources) == 1 or len(job.outputs) > 1:
        return None
    first, *others = tags
    common = {name: values for name, values in first.texts.items() if all(it.texts.get(name) == values for it in others)}
    return Tags(common, first.pictures, any(it.had_gain for it in tags))


def cue_tracks(job: RenderJob, lane: Lane, tags: Sequence[Tags]) -> list[CueTrack]:
    """One for each source: all in one file, or each in its own."""
    if len(job.outputs) == 1:
        return [CueTrack(job.outputs[0][0].path, start, it) for start, it in zip(lane.starts_frames, tags, strict=True)]
    return [CueTrack(outputs[0].path, 0, it) for outputs, it in zip(job.outputs, tags, strict=True)]
