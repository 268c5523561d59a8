"""masterd render: files through the engine that runs on air, as fast as it goes."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from masterd.control.errors import MasterdError
from masterd.daemon import crew
from masterd.daemon.commands.progress import EXPECTED_PASSES, Progress
from masterd.daemon.commands.render_request import request
from masterd.daemon.commands.rendered_summary import summary
from masterd.daemon.exporting.formats import FORMATS, WORDS
from masterd.daemon.exporting.quantiser import DITHERS
from masterd.daemon.reading.rates import SAMPLE_RATES_HZ
from masterd.daemon.rendering.job import Rendered
from masterd.daemon.rendering.planning import Plan, plan
from masterd.daemon.rendering.run import run


@click.command("render")
@click.argument("sources", nargs=-1, required=True, metavar="IN...", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", "outs", multiple=True, required=True, metavar="OUT",
    help="File to write (wav, flac, mp3, opus, m4a, ogg), or a folder, or a pattern with {name}, {number}, {title}, {artist}, "
    "{album}. Several times for several formats in one pass.",
)  # fmt: skip
@click.option("--format", "formats", multiple=True, type=click.Choice([it[1:] for it in FORMATS]), help="For folders; wav.")
@click.option("--preset", metavar="NAME", help="Start from this preset; without it the chain is flat.")
@click.option("--set", "settings", multiple=True, metavar="ID=VALUE", help="Set a parameter, over the preset; any number.")
@click.option(
    "--proposal", "sheet", metavar="FILE", type=click.Path(path_type=Path), help="Apply a proposal of `masterd analyse`."
)
@click.option(
    "--automation", "moves", metavar="FILE", type=click.Path(path_type=Path), help="Parameters over time: TOML, CSV, JSONL."
)
@click.option("--target", metavar="LUFS|PROFILE", help="Reach this loudness, or a delivery profile's and its ceiling.")
@click.option("--ceiling", metavar="DBTP", help="True peak that nothing exceeds: limiter.ceiling_dbtp.")
@click.option("--bits", type=click.Choice(list(WORDS)), help="Word length, 24; 16 and 24 are dithered.")
@click.option("--dither", type=click.Choice(DITHERS), default="flat", show_default=True, help="White, or where the ear is deaf.")
@click.option("--rate", "rate_hz", type=click.Choice([str(it) for it in SAMPLE_RATES_HZ]), help="Sample rate of the output.")
@click.option("--bitrate", "kbps", multiple=True, metavar="[FORMAT=]KBPS", help="mp3 320, m4a and ogg 256, opus 160.")
@click.option("--quality", multiple=True, metavar="[FORMAT=]Q", help="Variable rate by quality: mp3 0 (best) to 9, ogg -1 to 10.")
@click.option("--mono", is_flag=True, help="Write one channel: half the sum of both.")
@click.option("--bwf", "broadcast", is_flag=True, help="WAV as Broadcast Wave, with its loudness in it.")
@click.option("--rf64", is_flag=True, help="WAV as RF64, whatever its length; without, only beyond 4 GB.")
@click.option("--tags/--no-tags", default=True, help="Carry tags and cover art.")
@click.option("--replaygain", is_flag=True, help="Write gain tags, also when the input has none.")
@click.option("--album", is_flag=True, help="IN is an album: one engine through all of it, one loudness, seamless joins.")
@click.option("--cue", metavar="FILE", type=click.Path(path_type=Path), help="With --album: a CD's cue sheet; 44.1 kHz, 16 bits.")
@click.option("--linear-phase", is_flag=True, help="Equalise without turning the phase; static bands only.")
@click.option("-j", "--jobs", "processes", type=click.IntRange(1), default=crew.cores, help="Files at a time; all processors.")
@click.option("--dask", "cluster_at", metavar="ADDRESS", help="By the workers of a Dask cluster, which see the same files.")
@click.option("--force", is_flag=True, help="Overwrite what exists.")
def render(sources: tuple[Path, ...], outs: tuple[str, ...], processes: int, cluster_at: str | None, **options: object) -> None:
    """Master files: IN, or the audio files in a folder, through the chain into OUT.

    OUT is aligned with IN and exactly as long. Nothing is written before everything is known to be right, and a file appears when
    it is complete. The exit code is 1 when a file failed or did not reach its loudness; the others are done.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        plans, broken = plan(*request(sources, outs, **options))  # type: ignore[arg-type]
        began_s = time.monotonic()
        outcomes = rendered(plans, processes, cluster_at)
    except MasterdError as reason:
        complain(str(reason).splitlines())
        sys.exit(1)
    except KeyboardInterrupt:
        complain(["stopped; nothing unfinished is left"])
        sys.exit(130)
    complain(broken + [line for outcome in outcomes for line in outcome.error.splitlines()])
    done = [outcome.result for outcome in outcomes if outcome.result]
    if done:
        click.echo(summary(done, time.monotonic() - began_s))
    short = any(it.reached and it.reached.why_not for it in done)
    sys.exit(1 if broken or short or len(done) < len(outcomes) else 0)


def complain(lines: Sequence[str]) -> None:
    """On the standard error."""
    for line in lines:
        click.echo(f"masterd render: {line}", err=True)


def rendered(plans: Sequence[Plan], processes: int, cluster_at: str | None) -> list[crew.Outcome[Rendered]]:
    """All jobs, several at a time, here or elsewhere."""
    passes = EXPECTED_PASSES if any(it.job.target_lufs is not None for it in plans) else 1
    names = [it.job.sources[0].name for it in plans]
    with Progress(names, [it.seconds for it in plans], passes) as shown:
        if cluster_at is not None:
            from masterd.daemon import cluster  # a tenth of the start of Python, which seldom anybody needs

            return cluster.all_done(run, [it.job.anywhere() for it in plans], cluster_at, shown.finished)
        return crew.all_done(run, [it.job for it in plans], processes, shown.tell, shown.finished)
