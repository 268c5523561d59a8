"""How the daemon is, and what sounds."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np

from masterd.control import protocol as ask
from masterd.daemon import response
from masterd.daemon.desk import Desk
from masterd.daemon.handlers.checks import Handlers, checked_points
from masterd.daemon.status import status


def snapshot(desk: Desk, request: ask.Snapshot) -> Any:  # noqa: D103
    state = desk.state
    return ask.StateSnapshot(
        boot_id=desk.events.boot_id,
        seq=desk.events.seq,
        revision=state.revision,
        preset=state.preset,
        dirty=state.dirty,
        values=dict(state.values),
        lock=desk.hands_off.lock,
        trial=desk.trials.seen(),
    )


def status_(desk: Desk, request: ask.Status) -> Any:  # noqa: D103
    return status(desk)


def reset_loudness(desk: Desk, request: ask.ResetLoudness) -> Any:  # noqa: D103
    desk.reset_loudness()


async def spectrum(desk: Desk, request: ask.AskSpectrum) -> Any:  # noqa: D103
    frequencies_hz, left_dbfs, right_dbfs = await asyncio.to_thread(desk.air.spectrum, request.point, request.kind)
    return ask.Spectrum(
        point=request.point,
        kind=request.kind,
        sample_rate_hz=desk.air.status().sample_rate_hz,
        frequencies_hz=list(frequencies_hz),
        left_dbfs=list(left_dbfs),
        right_dbfs=list(right_dbfs),
    )


async def eq_response(desk: Desk, request: ask.AskEqResponse) -> Any:  # noqa: D103
    state, rate_hz = desk.state, desk.air.status().sample_rate_hz
    revision, at_hz = state.revision, response.frequencies_hz(checked_points(request.points))
    levels_db = await asyncio.to_thread(response.response_db, dict(state.values), rate_hz, at_hz)
    left_db, right_db, mid_db, side_db = np.round(levels_db, 3).tolist()
    return ask.EqResponse(
        revision=revision,
        sample_rate_hz=rate_hz,
        frequencies_hz=np.round(at_hz, 2).tolist(),
        left_db=left_db,
        right_db=right_db,
        mid_db=mid_db,
        side_db=side_db,
    )


HANDLERS: Handlers = {
    ask.Snapshot: snapshot,
    ask.Status: status_,
    ask.ResetLoudness: reset_loudness,
    ask.AskSpectrum: spectrum,
    ask.AskEqResponse: eq_response,
}
