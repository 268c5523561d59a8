"""How the daemon is, and what sounds."""

from __future__ import annotations

import asyncio
from typing import Any

from masterd.control import protocol as ask
from masterd.daemon.desk import Desk
from masterd.daemon.handlers.checks import Handlers
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


HANDLERS: Handlers = {
    ask.Snapshot: snapshot,
    ask.Status: status_,
    ask.ResetLoudness: reset_loudness,
    ask.AskSpectrum: spectrum,
}
