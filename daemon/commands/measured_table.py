"""Measurements for people: a table, and what a delivery profile says; for spreadsheets: CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from masterd.daemon.delivery.judging import Judgement
from masterd.daemon.measuring.measurement import Measurement
from masterd.daemon.measuring.meter import NONE
from masterd.daemon.spectra import mid_bands_hz

COLUMNS = {
    "integrated_lufs": "I LUFS",
    "momentary_max_lufs": "M max",
    "short_term_max_lufs": "S max",
    "loudness_range_lu": "LRA LU",
    "true_peak_dbtp": "dBTP",
    "sample_peak_dbfs": "dBFS",
    "plr_db": "PLR",
    "psr_min_db": "PSR min",
    "dr_db": "DR",
    "correlation": "corr",
    "mono_loss_lu": "mono",
    "balance_db": "bal dB",
    "dc_percent": "DC %",
}
OF_FILES = {"clipped_runs": "clips", "bass_db": "bass", "middle_db": "mid", "treble_db": "treble"}
COMPATIBLE = {"true_peak_bs1770_dbtp": "BS.1770"}
WHOLE_NUMBERS = ("dr_db", "clipped_runs")


def table(rows: Sequence[Measurement]) -> str:
    """Aligned columns, one decimal as the standards advise, - for nothing."""
    known = [row.known() for row in rows]
    columns = COLUMNS | {name: head for name, head in (OF_FILES | COMPATIBLE).items() if name in known[0]}
    lines = [[*columns.values(), "file"], *([*(cell(name, row[name]) for name in columns), row["file"]] for row in known)]
    return "\n".join("".join(cell.rjust(8) for cell in line[:-1]) + "  " + line[-1] for line in lines)


def cell(name: str, value: float | tuple[float, float]) -> str:
    """A value as it stands in the table: of DC the side that has more, DR as it is published."""
    if isinstance(value, tuple):
        return f"{max(value, key=abs):.3f}"
    if value <= NONE:
        return "-"
    return f"{value:.0f}" if name in WHOLE_NUMBERS else f"{value:.2f}" if name == "correlation" else f"{value:.1f}"


def clipping(rows: Sequence[Measurement]) -> list[str]:
    """A line for each file with clipped runs: how many, the longest, and where the first are."""
    lines = []
    for row in rows:
        if row.facts and row.facts.clipped_runs:
            where = ", ".join(f"{_clock(run.at_s)} {run.channel}" for run in row.facts.clipped[:5])
            more = ", ..." if row.facts.clipped_runs > 5 else ""
            longest = f"the longest {row.facts.clipped_longest_frames} samples at {_clock(row.facts.clipped_longest_at_s)}"
            lines.append(f"{row.file}: {row.facts.clipped_runs} clipped runs, {longest}: {where}{more}")
    return lines


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}:{rest:06.3f}"


def verdicts(row: Measurement, judgements: Sequence[Judgement]) -> list[str]:
    """A line for each rule, and what came of each profile."""
    lines = []
    for judgement in judgements:
        lines.append(f"{row.file}: {judgement.profile}: {'pass' if judgement.passed else 'FAIL'}")
        for it in judgement.verdicts:
            value = "unknown" if it.value is None else f"{it.value:g}"
            off = f", off by {it.off_by:+g}" if it.off_by else ""
            why = f" ({it.why})" if it.why and it.result != "pass" else ""
            sure = "" if it.confidence == "standard" else f" [{it.confidence}]"
            lines.append(f"  {it.result:6}  {it.measure} {value}, wanted {it.wanted}{off}{why}{sure}")
    return lines


def spreadsheet(rows: Sequence[tuple[Measurement, Sequence[Judgement]]]) -> str:
    """CSV with a line for each file: every number in a column of its own, nothing left empty that is known."""
    flat = [flattened(row, judgements) for row, judgements in rows]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue()


def flattened(row: Measurement, judgements: Sequence[Judgement]) -> dict[str, Any]:
    """One level of names: DC and the spectrum spread over columns, the list of clipped runs left to JSON."""
    values = row.known()
    del values["clipped"]
    values["dc_left_percent"], values["dc_right_percent"] = values.pop("dc_percent")
    values["complaints"] = "; ".join(values["complaints"])
    for hz, level in zip(mid_bands_hz(), values.pop("spectrum_dbfs", ()), strict=False):
        values[f"band_{hz:g}_hz_dbfs"] = level
    return values | {f"{it.profile}": "pass" if it.passed else "fail" for it in judgements}
