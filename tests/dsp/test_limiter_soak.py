"""The ceiling over real music, 12 dB too loud: 20 seconds at every rate, ten minutes with scripts/soak."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain

import numpy as np
import pytest
from instruments.kernel import Kernel
from instruments.music import FOLDER, music, needs_music
from instruments.true_peak_meter import RunningTruePeak

CEILING_DBTP, PART_S = -1.0, 10.0
MINUTES = float(os.environ.get("MASTERD_SOAK_MINUTES", "0.34"))


def parts(rate: int, minutes: float) -> Iterator[np.ndarray]:
    """Ten seconds of one piece after ten of another, each to full scale, from the beginnings on."""
    pieces = sorted(FOLDER.glob("*.mp3"))
    for n in range(round(minutes * 60 / PART_S)):
        yield music(PART_S, rate, PART_S * (n // len(pieces)), 1.0, pieces[n % len(pieces)]).astype(np.float64)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@needs_music
@pytest.mark.parametrize("rate", [44100, 48000, 96000, 192000])
def test_minutes_of_music_12_db_too_loud(rate):
    limiter = Kernel("limiter", rate, {"limiter.drive_db": 12, "limiter.ceiling_dbtp": CEILING_DBTP})
    meters, sample, frames, most_db = (RunningTruePeak(), RunningTruePeak()), 0.0, 0, 0.0
    for part in chain(parts(rate, MINUTES), [np.zeros((3000, 2))]):
        out, frames = limiter(part), frames + len(part)
        most_db = max(most_db, limiter.state.reduction_db)
        sample = max(sample, np.abs(out).max())
        for meter, channel in zip(meters, out.T, strict=True):
            meter.feed(channel)
    over_db = 20 * np.log10(max(meter.peak for meter in meters)) - CEILING_DBTP
    print(f"{frames / rate:.0f} s at {rate}: true peak {over_db:+.4f} dB from the ceiling")
    assert most_db > 6
    assert sample <= 10 ** (CEILING_DBTP / 20)
    assert over_db <= 0
