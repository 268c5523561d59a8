"""masterd analyse: what was heard, what deviates, and what could be done about it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from masterd.control.errors import MasterdError
from masterd.control.files import write_atomically
from masterd.daemon.analysis import corridor as corridors, learning, proposing
from masterd.daemon.analysis.features import Features
from masterd.daemon.analysis.finding import Finding
from masterd.daemon.analysis.hearing import heard, tried
from masterd.daemon.analysis.matching import Aim, aim_of, matched, middle_of
from masterd.daemon.analysis.report import Report
from masterd.daemon.analysis.rules import Case, judged
from masterd.daemon.commands.progress import Progress
from masterd.daemon.reading.finding import found
from masterd.daemon.rendering.programme import Programme, facts_of
from masterd.daemon.rendering.wanted import wanted_values


class AnalysisRefused(MasterdError):
    """Something about the request is wrong; nothing was written."""

    code = "analysis_refused"


@click.command("analyse")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--corridor", "name", default="neutral", show_default=True, help="A kind of programme, or a TOML file.")
@click.option("--corridors", "list_corridors", is_flag=True, help="List the corridors; FILE is not read.")
@click.option(
    "--reference",
    "references",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Come near this; any number.",
)
@click.option("--match", "to_middle", is_flag=True, help="Come near the middle of the corridor.")
@click.option("--strength", type=click.IntRange(0, 100), default=100, show_default=True, help="How near, in percent.")
@click.option("--target", "target_lufs", type=click.FloatRange(-70, 0), metavar="LUFS", help="Loudness that is wanted.")
@click.option("--preset", metavar="NAME", help="The chain that the moves go on top of; without it, a flat one.")
@click.option("--learn", metavar="NAME", help="Make a corridor of this name out of the FILEs.")
@click.option(
    "-p", "--proposal", "to", type=click.Path(path_type=Path), metavar="FILE", help="Write the moves, to edit and apply."
)
@click.option("--html", "page", type=click.Path(path_type=Path), metavar="FILE", help="Write a page with pictures.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of reports.")
@click.option("--force", is_flag=True, help="Overwrite what exists.")
def analyse(files: tuple[Path, ...], list_corridors: bool, learn: str | None, force: bool, **options: object) -> None:
    """Listen to FILEs and explain: what was measured, what is unusual for its kind or against a reference, and which parameters
    would change that. Nothing is changed: the moves are written with --proposal, to be edited, and applied by
    `masterctl apply` or `masterd render --proposal`.
    """
    try:
        if list_corridors:
            click.echo(table())
        elif learn is not None:
            click.echo(learned(learn, files, force))
        else:
            told([reported(path, **options) for path in paths(files)], force, **options)  # type: ignore[arg-type]
    except MasterdError as reason:
        for line in str(reason).splitlines():
            click.echo(f"masterd analyse: {line}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo("masterd analyse: stopped", err=True)
        sys.exit(130)


def paths(files: Sequence[Path]) -> list[Path]:
    """Files, and what is in folders."""
    return [it.path for it in found(files)]


def listened(files: Sequence[Path]) -> list[Features]:
    """To each, with bars on a terminal."""
    with Progress([path.name for path in files], [1.0] * len(files)) as shown:
        return [heard(path, lambda *how_far, at=at: shown.tell(at, how_far)) for at, path in enumerate(files)]


def reported(
    path: Path,
    *,
    name: str,
    references: Sequence[Path],
    to_middle: bool,
    strength: int,
    target_lufs: float | None,
    preset: str | None,
    **_: object,
) -> Report:
    """One file's. MasterdError."""
    usual = corridors.corridor(name)
    base, wrong = wanted_values(preset, ())
    if wrong:
        raise AnalysisRefused("\n".join(wrong))
    here, *there = listened([path, *references])
    rate_hz = Programme([facts_of(path)]).sample_rate_hz
    aim = aim_of(there) if there else middle_of(usual) if to_middle else None
    findings: list[Finding] = judged(Case(here, usual, base, None if aim else target_lufs, rate_hz))
    if aim:
        aim = with_target(aim, target_lufs)
        faults = [it for it in findings if it.is_fault]
        findings = faults + matched(here, aim, base, rate_hz, strength / 100, lambda values: tried(path, values))
    return Report(here, usual, findings, base, rate_hz, aim)


def with_target(aim: Aim, target_lufs: float | None) -> Aim:
    """A loudness that is asked for wins over the references'."""
    return aim if target_lufs is None else Aim(aim.title, aim.shape_db, aim.width_db, aim.plr_db, target_lufs)


def told(reports: Sequence[Report], force: bool, *, to: Path | None, page: Path | None, as_json: bool, **_: object) -> None:
    """In every way that was asked for."""
    for wanted, made in ((to, lambda it: proposing.written(it.heard.name, it.against, it.findings)), (page, Report.html)):
        if wanted is None:
            continue
        if len(reports) > 1:
            raise AnalysisRefused(f"{wanted}: is one file, and there are {len(reports)} reports; analyse one FILE at a time")
        keep(wanted, made(reports[0]), force)
    if as_json:
        click.echo(json.dumps([it.plain() for it in reports], indent=1))
    else:
        click.echo("\n\n".join(it.text() for it in reports))


def keep(path: Path, text: str, force: bool) -> None:
    """Whole, or not at all. MasterdError."""
    if path.exists() and not force:
        raise AnalysisRefused(f"{path}: exists already; --force overwrites it")
    try:
        write_atomically(path, text.encode(), mode=0o644)
    except OSError as reason:
        raise AnalysisRefused(f"{path}: cannot be written: {reason.strerror}") from None


def learned(name: str, files: Sequence[Path], force: bool) -> str:
    """Keeps a corridor, and says where."""
    if not name.replace("-", "").replace("_", "").isalnum():
        raise AnalysisRefused(f"{name!r}: letters, digits, - and _ make the name of a corridor")
    path = corridors.folder() / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    keep(path, learning.learned(name, listened(paths(files))), force)
    return f"{path}: learned from {len(paths(files))} files"


def table() -> str:
    """Names, titles, and where they come from."""
    lines = []
    for name in corridors.names():
        it = corridors.corridor(name)
        lines.append(f"{name:12} {it.title}; {it.source} [{it.confidence}]")
    return "\n".join(lines)
