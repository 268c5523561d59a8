"""The report: what was heard, what deviates and why, as a page for people and as JSON for programs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from masterd.control.errors import MasterdError
from masterd.control.parameters import Value
from masterd.daemon.analysis.corridor import Corridor
from masterd.daemon.analysis.features import BANDS_HZ, Features
from masterd.daemon.analysis.finding import Finding
from masterd.daemon.analysis.matching import Aim

MEASURES = (
    ("integrated_lufs", "Integrated loudness", "LUFS"),
    ("loudness_range_lu", "Loudness range", "LU"),
    ("true_peak_dbtp", "True peak", "dBTP"),
    ("plr_db", "Peak to loudness (PLR)", "dB"),
    ("psr_min_db", "Least PSR", "dB"),
    ("dr_db", "DR", ""),
    ("correlation", "Correlation", ""),
    ("mono_loss_lu", "Lost in mono", "LU"),
    ("balance_db", "Balance", "dB"),
    ("width_db", "Side over mid", "dB"),
    ("bass_width_db", "the same below 150 Hz", "dB"),
    ("clipped_runs", "Clipped runs", ""),
)


class NoReport(MasterdError):
    """What draws a report is not installed."""

    code = "no_report"


def finite(value: float) -> float | None:
    """None for an open end: JSON has no infinity."""
    return None if math.isinf(value) else value


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is told. `aim` is what to come near, None for a comparison with the corridor alone."""

    heard: Features
    corridor: Corridor
    findings: Sequence[Finding]
    base: Mapping[str, Value]
    sample_rate_hz: float
    aim: Aim | None = None

    @property
    def against(self) -> str:
        """In words."""
        return self.aim.title if self.aim else f"the corridor {self.corridor.title}"

    def moves(self) -> dict[str, Value]:
        """All of them together."""
        return {id: value for finding in self.findings for id, value in finding.moves.items()}

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        corridor = {
            "name": self.corridor.name, "title": self.corridor.title, "source": self.corridor.source,
            "confidence": self.corridor.confidence, "shape_db": [round(float(it), 2) for it in self.corridor.shape_db],
            "spread_db": [round(float(it), 2) for it in self.corridor.spread_db],
            "ranges": {name: [finite(end) for end in ends] for name, ends in self.corridor.ranges.items()},
        }  # fmt: skip
        heard = asdict(self.heard) | {"width_db": self.heard.width_db, "bass_width_db": self.heard.bass_width_db}
        findings = [asdict(it) | {"moves": dict(it.moves)} for it in self.findings]
        bands = [round(float(hz), 1) for hz in BANDS_HZ]
        return {"heard": heard, "bands_hz": bands, "against": self.against, "corridor": corridor, "findings": findings}

    def rows(self) -> list[tuple[str, str, str]]:
        """Label, value, and what is usual."""
        return [(label, f"{getattr(self.heard, name):.1f} {unit}".rstrip(), self._usual(name)) for name, label, unit in MEASURES]

    def _usual(self, name: str) -> str:
        if self.aim:
            there = getattr(self.aim, name, None)
            return "" if there is None else f"{there:.1f} there"
        low, high = self.corridor.ranges.get(name, (-math.inf, math.inf))
        if math.isinf(low):
            return "" if math.isinf(high) else f"at most {high:g}"
        return f"at least {low:g}" if math.isinf(high) else f"{low:g} to {high:g}"

    def html(self) -> str:
        """One file with everything in it. NoReport without the extra `report`."""
        try:
            import jinja2
            import markupsafe

            from masterd.daemon.analysis import plots
        except ImportError as reason:
            raise NoReport(f"a page needs {reason.name}: pip install 'masterd[report]'") from None
        moves = self.moves()
        page = jinja2.Environment(autoescape=True).from_string((Path(__file__).parent / "report.html.j2").read_text())
        drawn = {"spectrum": plots.spectrum(self.heard, self.corridor, self.aim), "image": plots.image(self.heard)}
        if any(id.startswith("eq.") for id in moves):
            drawn["equaliser"] = plots.equaliser(dict(self.base) | moves, self.sample_rate_hz)
        text: str = page.render(
            heard=self.heard,
            against=self.against,
            source="" if self.aim else self.corridor.source,
            confidence=self.corridor.confidence,
            rows=self.rows(),
            findings=self.findings,
            version=version("masterd"),
            **{name: markupsafe.Markup(svg) for name, svg in drawn.items()},
        )
        return text

    def text(self) -> str:
        """For a terminal."""
        width = max(len(label) for label, _, _ in self.rows())
        lines = [f"{self.heard.name}, against {self.against}", ""]
        lines += [f"  {label:<{width}}  {value:>12}   {usual}".rstrip() for label, value, usual in self.rows()]
        for it in self.findings:
            lines += ["", f"{it.title} ({it.confidence}): {it.measure} is {it.value:.1f}, usual: {it.limit}", f"  {it.why}."]
            lines += [f"  {id} = {value}" for id, value in it.moves.items()]
        return "\n".join(lines if self.findings else [*lines, "", "Nothing deviates."])
