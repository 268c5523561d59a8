"""From what a person asks for to jobs: which file becomes which, everything checked, and everything wrong told at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Formatter

from masterd.daemon.exporting import tags as tagging
from masterd.daemon.exporting.cue_sheet import CD_RATE_HZ
from masterd.daemon.exporting.tags import Tags
from masterd.daemon.exporting.writer import check_place
from masterd.daemon.reading.finding import Found, found
from masterd.daemon.reading.reader import AudioFileError
from masterd.daemon.rendering.job import Output, RenderJob, RenderRefused
from masterd.daemon.rendering.linear_phase import refusals
from masterd.daemon.rendering.loudness_target import DRIVE, TRIM
from masterd.daemon.rendering.programme import SourceFacts, facts_of
from masterd.daemon.rendering.writers import check_output

FIELDS = ("name", "number", "title", "artist", "album")
Encoding = dict[str, float]
"""A bit rate or quality by ending; under "" for every lossy format."""


@dataclass(frozen=True, slots=True)
class Request:
    """`outs` are files, folders (with an ending of `formats` for each file) or patterns with {name}, {number}, {title}, {artist},
    {album}. `like` is what the outputs have in common, `job` what the jobs have."""

    sources: Sequence[Path]
    outs: Sequence[str]
    job: RenderJob
    like: Output
    formats: Sequence[str] = (".wav",)
    kbps: Encoding = field(default_factory=dict)
    quality: Encoding = field(default_factory=dict)
    album: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A job and how long its sources are, about."""

    job: RenderJob
    seconds: float


def plan(request: Request, wrong: Sequence[str] = ()) -> tuple[list[Plan], list[str]]:
    """Jobs, and the sources that cannot be read, a line each. RenderRefused with `wrong` and everything else that is."""
    files = found(request.sources)
    refused = [*wrong, *_contradictions(request, files)]
    facts, broken = _facts(files)
    if broken and (request.album or len(files) == 1):
        refused, broken = [*broken, *refused], []
    jobs = _jobs(request, files, refused)
    refused += _collisions(jobs)
    if refused:
        raise RenderRefused(refused)
    sound = [job for job in jobs if all(source in facts for source in job.sources)]
    return [Plan(job, sum(facts[source].seconds for source in job.sources)) for job in sound], broken


def _facts(files: Sequence[Found]) -> tuple[dict[Path, SourceFacts], list[str]]:
    facts, broken = {}, []
    for file in files:
        try:
            facts[file.path] = facts_of(file.path)
        except AudioFileError as reason:
            broken.append(str(reason))
    return facts, broken


def _contradictions(request: Request, files: Sequence[Found]) -> Iterator[str]:
    job = request.job
    if not files:
        yield f"no audio files in {', '.join(map(str, request.sources))}"
    if not request.outs:
        yield "no output: give -o OUT"
    if job.linear_phase:
        yield from refusals(job.values)
        if job.automation.turns:
            yield "--linear-phase: the equaliser stands still, so there can be no --automation"
    if job.target_lufs is not None:
        moving = [id for id in (DRIVE, TRIM) if job.automation.moves_by_name(id)]
        yield from (f"--target turns {id}, so the automation cannot" for id in moving)
    if job.cue and job.mono:
        yield "--cue: a CD has two channels, so there can be no --mono"
    if job.cue and not request.album:
        yield "--cue is for an album: give --album"
    if job.cue and request.like.rate_hz != CD_RATE_HZ:
        yield f"--cue: a CD is at {CD_RATE_HZ} Hz, not {request.like.rate_hz}"
    if job.cue and request.like.bits != "16":
        yield f"--cue: a CD has 16 bits, not {request.like.bits}"


def _jobs(request: Request, files: Sequence[Found], wrong: list[str]) -> list[RenderJob]:
    if not files:
        return []
    many = len(files) > 1 and not request.album
    whole = request.album and all(_is_file(out) for out in request.outs)
    names = [files[0]] if whole else files
    outputs: list[tuple[Output, ...]] = []
    for number, file in enumerate(names, 1):
        outputs.append(tuple(_outputs(request, file, number, wrong, one_for_several=many or (request.album and not whole))))
    wrong += [problem for each in outputs for output in each for problem in check_output(output, request.job)]
    if request.job.cue:
        wrong += check_place(request.job.cue, request.job.force)
    if request.album:
        return [replace(request.job, sources=tuple(file.path for file in files), outputs=tuple(outputs))]
    return [replace(request.job, sources=(file.path,), outputs=(each,)) for file, each in zip(files, outputs, strict=True)]


def _is_file(out: str) -> bool:
    return "{" not in out and not out.endswith("/") and not Path(out).is_dir()


def _outputs(request: Request, file: Found, number: int, wrong: list[str], one_for_several: bool) -> Iterator[Output]:
    for out in request.outs:
        if not _is_file(out) and "{" not in out:
            for suffix in request.formats:
                yield _output(request, Path(out) / file.name.with_name(file.name.name + suffix), made=True)
        elif "{" in out:
            if path := _filled(out, file, number, wrong):
                yield _output(request, path, made=True)
        elif one_for_several:
            problem = f"{out}: several files cannot become one; give a folder, or a pattern such as '{{name}}{Path(out).suffix}'"
            if problem not in wrong:
                wrong.append(problem)
        else:
            yield _output(request, Path(out), made=False)


def _output(request: Request, path: Path, made: bool) -> Output:
    suffix = path.suffix.lower()
    kbps, quality = (by.get(suffix, by.get("")) for by in (request.kbps, request.quality))
    return replace(request.like, path=path, kbps=None if kbps is None else round(kbps), quality=quality, make_folder=made)


def _filled(pattern: str, file: Found, number: int, wrong: list[str]) -> Path | None:
    try:
        unknown = {name for _, name, _, _ in Formatter().parse(pattern) if name is not None} - set(FIELDS)
        if unknown:
            raise ValueError(f"there are {', '.join('{' + name + '}' for name in FIELDS)}")
        tags = tagging.read_tags(file.path) if tagging.installed() else Tags()
        texts = {name: tags.first(name).replace("/", "-").lstrip(".") or "unknown" for name in ("title", "artist", "album")}
        return Path(pattern.format(name=file.name, number=number, **texts))
    except (ValueError, IndexError) as reason:
        problem = f"{pattern}: {reason}"
        if problem not in wrong:
            wrong.append(problem)
        return None


def _collisions(jobs: Sequence[RenderJob]) -> list[str]:
    counts = Counter(target for job in jobs for target in job.targets)
    return [f"{target}: {count} files would have this name" for target, count in counts.items() if count > 1]
