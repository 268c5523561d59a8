"""What a running daemon analyses: one at a time, the last one kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from masterd.control.errors import AnalysisRunning, NoAnalysis
from masterd.control.parameters import Value
from masterd.daemon.air import Air
from masterd.daemon.analysis.corridor import named
from masterd.daemon.analysis.features import Features
from masterd.daemon.analysis.live import LiveListener
from masterd.daemon.analysis.matching import Aim, matched, middle_of
from masterd.daemon.analysis.report import Report
from masterd.daemon.analysis.rules import Case, judged
from masterd.native import lib

POINTS = {"input": lib.POINT_INPUT, "output": lib.POINT_OUTPUT}


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for."""

    point: str
    seconds: float
    corridor: str
    target_lufs: float | None
    match: bool


class AnalysisBench:
    """Control thread. `soon` calls a function there from another one; `tell` is told of every report, or that there is none."""

    def __init__(self, air: Air, soon: Callable[..., object], tell: Callable[[Wish, Report | None, str], object]) -> None:
        self._air, self._soon, self._tell = air, soon, tell
        self._listener: LiveListener | None = None
        self._report: Report | None = None

    def begin(self, wish: Wish, values: Callable[[], Mapping[str, Value]], origin: str) -> None:
        """Starts to listen; `values` are asked for at the end. AnalysisRunning, BrokenCorridor."""
        if self._listener:
            raise AnalysisRunning(f"an analysis is under way, for another {self._listener.left_s:.0f} s")
        named(wish.corridor)
        name = f"{wish.point}, {wish.seconds:g} s"

        def done(features: Features | None) -> None:
            self._soon(self._finish, wish, features, values, origin)

        self._listener = LiveListener(lambda: self._air.engine, POINTS[wish.point], name, wish.seconds, done)

    def _finish(self, wish: Wish, features: Features | None, values: Callable[[], Mapping[str, Value]], origin: str) -> None:
        self._listener = None
        self._report = reported(wish, features, values(), self._air.engine.sample_rate_hz) if features else self._report
        self._tell(wish, self._report if features else None, origin)

    def report(self) -> Report:
        """The last one. AnalysisRunning, NoAnalysis."""
        if self._listener:
            raise AnalysisRunning(f"the analysis is under way, for another {self._listener.left_s:.0f} s")
        if self._report is None:
            raise NoAnalysis("nothing has been analysed yet; analyse.begin does")
        return self._report

    def stop(self) -> None:
        """Gives up what is under way."""
        if self._listener:
            self._listener.stop()


def reported(wish: Wish, heard: Features, base: Mapping[str, Value], sample_rate_hz: float) -> Report:
    """What was heard, judged on top of the values of the chain that plays it."""
    usual = named(wish.corridor)
    findings = judged(Case(heard, usual, base, None if wish.match else wish.target_lufs, sample_rate_hz))
    aim = middle_of(usual) if wish.match else None
    if aim:
        aim = Aim(aim.title, aim.shape_db, aim.width_db, aim.plr_db, wish.target_lufs or aim.integrated_lufs)
        faults = [it for it in findings if it.is_fault]
        findings = faults + matched(heard, aim, base, sample_rate_hz)
    return Report(heard, usual, findings, base, sample_rate_hz, aim)
