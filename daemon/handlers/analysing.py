"""Analysis of what is on air."""

from __future__ import annotations

import asyncio
import math
from typing import Any

from masterd.control import protocol as ask
from masterd.control.errors import BadRequest
from masterd.daemon.analysis import proposing
from masterd.daemon.analysis.bench import Wish
from masterd.daemon.desk import Desk
from masterd.daemon.handlers.checks import Handlers

SECONDS = (4.0, 3600.0)
LUFS = (-70.0, 0.0)


def analyse_begin(desk: Desk, request: ask.AnalyseBegin) -> Any:  # noqa: D103
    inside("seconds", request.seconds, SECONDS, "s")
    if request.target_lufs is not None:
        inside("target_lufs", request.target_lufs, LUFS, "LUFS")
    wish = Wish(request.point, request.seconds, request.corridor, request.target_lufs, request.match)
    desk.analysis.begin(wish, lambda: dict(desk.state.values), request.origin)
    return {"seconds": request.seconds}


async def analyse_result(desk: Desk, request: ask.AnalyseResult) -> Any:  # noqa: D103
    report = desk.analysis.report()
    if request.form == "html":
        return await asyncio.to_thread(report.html)
    if request.form == "proposal":
        return proposing.written(report.heard.name, report.against, report.findings)
    return report.text() if request.form == "text" else report.plain()


def inside(name: str, value: float, ends: tuple[float, float], unit: str) -> None:
    """BadRequest unless it is."""
    if not (math.isfinite(value) and ends[0] <= value <= ends[1]):
        raise BadRequest(f"{name}: {value:g} is outside {ends[0]:g} to {ends[1]:g} {unit}")


HANDLERS: Handlers = {
    ask.AnalyseBegin: analyse_begin,
    ask.AnalyseResult: analyse_result,
}
