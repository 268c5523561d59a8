"""Multiband: its bands one by one, and how flat they are together."""

from __future__ import annotations

import numpy as np
from dsp.test_multiband_crossover import COUNTS, FRAMES, at_unity, response_db

from plots.sheet import THRESHOLD, Row, audible, save, sheet

RATES = (44100, 48000, 96000, 192000)
HZ = np.arange(FRAMES // 2 + 1) * 48000 / FRAMES
DRAWN = np.unique(np.searchsorted(HZ, np.geomspace(20, 20000, 1500)))


def flatness() -> list[Row]:
    rows = []
    for slope in (24, 48):
        for rate in RATES:
            worst = max(np.ptp(response_db(at_unity(count, slope, rate))) for count in COUNTS)
            what = f"2 to 6 bands, {slope} dB/oct, {rate / 1000:g} kHz: ripple of the sum"
            rows.append(Row(what, "0.001 dB", f"{worst:.1e} dB"))
    return rows


def measure() -> list[Row]:
    top, bottom = sheet(rows=2, height=2.9, sharex=True)
    for band in range(1, 6):
        top.plot(HZ[DRAWN], response_db(at_unity(5, 24, **{f"{band}.solo": True}))[DRAWN], color="#0b5394")
        top.plot(HZ[DRAWN], response_db(at_unity(5, 48, **{f"{band}.solo": True}))[DRAWN], color="#b45f06", linewidth=0.9)
    top.plot([], [], color="#0b5394", label="24 dB/oct")
    top.plot([], [], color="#b45f06", label="48 dB/oct")
    top.set_ylim(-100, 24)
    top.set_ylabel("Each band alone / dB")
    top.legend(loc="upper center", ncols=2)
    for slope, colour in ((24, "#0b5394"), (48, "#b45f06")):
        sum_db = np.abs(response_db(at_unity(5, slope)))[DRAWN]
        bottom.plot(HZ[DRAWN], np.maximum(sum_db, 1e-16), color=colour, linewidth=0.7, label=f"{slope} dB/oct")
    bottom.axhline(0.001, label="limit", **THRESHOLD)
    bottom.set_yscale("log")
    bottom.set_ylim(1e-16, 1e-1)
    bottom.set_ylabel("All bands together,\ndistance from 0 dB / dB")
    bottom.legend(loc="upper center", ncols=3, bbox_to_anchor=(0.5, 0.82))
    audible(bottom)
    save("crossover-sum")
    return flatness()
