"""What came of renderings, for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from masterd.daemon.commands.measured_table import table
from masterd.daemon.exporting.formats import FORMATS
from masterd.daemon.rendering.job import Rendered


def summary(done: Sequence[Rendered], took_s: float) -> str:
    """Loudness and peaks before and after, what a person should know, and how long it took."""
    lines = [table([row for it in done for row in (*it.before, *it.after)])]
    for it in done:
        lines += [f"{prefix(it, len(done) > 1)}{line}" for line in remarks(it)]
    whole = sum(it.seconds for it in done)
    minutes, seconds = divmod(whole, 60)
    files = f"{len(done)} files, " if len(done) > 1 else ""
    lines.append(f"{files}{int(minutes)}:{seconds:04.1f} min in {took_s:.1f} s, {whole / max(took_s, 1e-9):.0f} times real time")
    return "\n".join(lines)


def prefix(it: Rendered, several: bool) -> str:
    """Which file is meant."""
    return f"{it.before[0].file}: " if several else ""


def remarks(it: Rendered) -> list[str]:
    """What is worth a line."""
    lines = []
    if reached := it.reached:
        where = "into" if reached.drive_db >= 0 else "behind"
        how = f"{reached.drive_db:+.2f} dB {where} the limiter, {reached.passes} passes to find it"
        if reached.why_not:
            lines.append(f"NOT at {reached.wanted_lufs:g} LUFS but at {reached.reached_lufs:.2f}: {reached.why_not} ({how})")
        else:
            lines.append(f"at {reached.reached_lufs:.2f} LUFS, {how}")
    if it.mono and it.channels == 2:
        lines.append("the input is mono, measured as one channel; the output has it on both sides, which reads 3 LU more")
    if it.nonfinite_samples:
        lines.append(f"{it.nonfinite_samples} samples of the input were not finite and are silence in the output")
    lossy = [Path(row.file).suffix for row in it.after if not FORMATS[Path(row.file).suffix.lower()].lossless]
    if lossy:
        lines.append(
            f"{', '.join(lossy)}: measured as the encoder was given it; masterd measure shows what a decoder makes of it"
        )
    return [*lines, *it.notes]
