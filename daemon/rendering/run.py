"""Doing a job: as many passes as a loudness target needs, then the one that writes, then what the files say about themselves.

Files are published together when all of them are complete; on any error, and when interrupted, nothing of them is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from masterd.daemon.exporting import tags as tagging
from masterd.daemon.exporting.cue_sheet import CD_RATE_HZ, refusals
from masterd.daemon.exporting.tags import Tags
from masterd.daemon.measuring.measurement import measurement
from masterd.daemon.reading.rates import resampled_frames
from masterd.daemon.rendering.job import Reached, Rendered, RenderJob, RenderRefused
from masterd.daemon.rendering.loudness_target import gain_of, sought
from masterd.daemon.rendering.one_pass import FramesTold, Pass
from masterd.daemon.rendering.programme import Programme, facts_of
from masterd.daemon.rendering.publishing import publish

PassTold = Callable[[int, int, int], None]
"""Called with frames done, frames in all, and the number of the pass, from 1."""


def run(job: RenderJob, tell: PassTold | None = None) -> Rendered:
    """Any one thread. AudioFileError, RenderRefused, MissingExtra; then, and when interrupted, nothing of the targets is left."""
    programme = Programme([facts_of(source) for source in job.sources])
    if job.cue and (wrong := not_a_cd(programme)):
        raise RenderRefused(wrong)
    tags, notes = tags_of(job)
    reached = reach(job, programme, tags, tell) if job.target_lufs is not None else None
    last = Pass(job, programme, tags, reached.drive_db if reached else None)
    with ExitStack() as unpublished:
        lanes = last.write(unpublished, told(tell, reached.passes + 1 if reached else 1))
        after = publish(job, lanes, tags)
    behind = sum(turn.at_s * programme.sample_rate_hz >= programme.ends[-1] for turn in job.automation.turns)
    return Rendered(
        before=tuple(measurement(str(it.path), meter) for it, meter in zip(programme.sources, programme.meters, strict=True)),
        after=after,
        seconds=programme.ends[-1] / programme.sample_rate_hz,
        nonfinite_samples=sum(meter.nonfinite_samples for meter in programme.meters),
        mono=any(source.channels == 1 for source in programme.sources),
        channels=1 if job.mono else 2,
        reached=reached,
        notes=(*notes, *programme.complaints, *([f"{behind} turns of the automation lie behind the end"] if behind else [])),
    )


def reach(job: RenderJob, programme: Programme, tags: Sequence[Tags], tell: PassTold | None) -> Reached:
    """The gain that brings all of it to its loudness."""
    passes = 0

    def measured(gain_db: float) -> float:
        nonlocal passes
        passes += 1
        return Pass(job, programme, tags, gain_db).loudness_lufs(told(tell, passes))

    assert job.target_lufs is not None
    return sought(job.target_lufs, gain_of(job.values), measured)


def told(tell: PassTold | None, number: int) -> FramesTold | None:
    """For one pass."""
    return None if tell is None else lambda done, whole: tell(done, whole, number)


def tags_of(job: RenderJob) -> tuple[list[Tags], list[str]]:
    """Of each source, and what a person should know about them."""
    if not job.tags:
        return [Tags() for _ in job.sources], []
    if not tagging.installed():
        return [Tags() for _ in job.sources], ["tags are not carried: that needs pip install 'masterd[files]'"]
    return [tagging.read_tags(source) for source in job.sources], []


def not_a_cd(programme: Programme) -> list[str]:
    """Why its tracks are no CD."""
    rate_hz = programme.sample_rate_hz
    return refusals([resampled_frames(frames, rate_hz, CD_RATE_HZ) for frames in programme.expected_frames])
