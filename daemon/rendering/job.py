"""What is to be rendered, as plain data: it can be pickled, so any process of any machine that sees the files can do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from masterd.control.errors import MasterdError
from masterd.control.parameters import Value
from masterd.daemon.measuring.measurement import Measurement
from masterd.daemon.rendering.automation import Automation

STILL = Automation()


class RenderRefused(MasterdError):
    """Everything that is wrong with a request to render, a line each; nothing was written."""

    code = "render_refused"

    def __init__(self, wrong: list[str]) -> None:
        self.wrong = wrong
        super().__init__("\n".join(wrong))


@dataclass(frozen=True, slots=True)
class Output:
    """One file to write. `rate_hz` None: the programme's, or the nearest that the format has; `kbps` and `quality` are for lossy
    formats, `bits` and `dither` for the others, `broadcast` and `rf64` for WAV."""

    path: Path
    bits: str = "24"
    dither: str = "flat"
    rate_hz: int | None = None
    kbps: int | None = None
    quality: float | None = None
    broadcast: bool = False
    rf64: bool = False
    make_folder: bool = False
    """Whether its folder is made when there is none."""


@dataclass(frozen=True, slots=True)
class RenderJob:
    """One engine's work: a file into one or several outputs, or an album of files into outputs for each, or into one for all.

    `outputs` has an entry for each source, or a single one, all with files of the same kinds. `target_lufs` is reached by
    turning limiter.drive_db and output.trim_db. `cue` is written beside the outputs, which are then cut where a CD can be cut.
    `mono`: the outputs hold one channel, half the sum of both.
    """

    sources: tuple[Path, ...]
    outputs: tuple[tuple[Output, ...], ...]
    values: Mapping[str, Value]
    automation: Automation = STILL
    linear_phase: bool = False
    target_lufs: float | None = None
    tags: bool = True
    replaygain: bool = False
    cue: Path | None = None
    mono: bool = False
    force: bool = False

    def anywhere(self) -> RenderJob:
        """The same with absolute paths: a process that stands in another folder finds the same files."""
        outputs = tuple(tuple(replace(it, path=it.path.resolve()) for it in outputs) for outputs in self.outputs)
        sources = tuple(path.resolve() for path in self.sources)
        return replace(self, sources=sources, outputs=outputs, cue=self.cue.resolve() if self.cue else None)

    @property
    def targets(self) -> tuple[Path, ...]:
        """Every file it writes."""
        paths = [output.path for outputs in self.outputs for output in outputs]
        return (*paths, self.cue) if self.cue else tuple(paths)


@dataclass(frozen=True, slots=True)
class Reached:
    """What became of a loudness target: `drive_db` is the gain into the limiter, below 0 a trim behind it."""

    wanted_lufs: float
    reached_lufs: float
    drive_db: float
    passes: int
    why_not: str = ""
    """Empty when it was reached."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came of a job: sources, and every file that was written, in order."""

    before: tuple[Measurement, ...]
    after: tuple[Measurement, ...]
    seconds: float
    nonfinite_samples: int
    mono: bool
    """An input had one channel; it was measured as one and rendered on both sides."""
    channels: int = 2
    """Of the outputs."""
    reached: Reached | None = None
    notes: tuple[str, ...] = ()
    """What a person should know, and what is no reason to fail."""
