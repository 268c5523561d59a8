"""Compressor: static curves of sines, with the line of the formula."""

from __future__ import annotations

import numpy as np
from dsp.test_compressor_law import settled_gain_db
from instruments.dynamics import curve_db
from instruments.signals import sine

from plots.sheet import THRESHOLD, Row, save, sheet

CURVES = {
    "2:1, hard knee": (-20, 2, 0),
    "4:1, knee 12 dB": (-20, 4, 12),
    "10:1, knee 6 dB": (-30, 10, 6),
    "100:1, hard knee": (-12, 100, 0),
}
LEVELS_DBFS = np.arange(-60, 1, 3)


def gains_db(frequency_hz: float, threshold_db: float, ratio: float, knee_db: float) -> np.ndarray:
    shape = {"threshold_db": threshold_db, "ratio": ratio, "knee_db": knee_db, "attack_ms": 10, "release_ms": 150}
    return np.array([settled_gain_db(sine(frequency_hz, 1.5, level), **shape) for level in LEVELS_DBFS])


def measure() -> list[Row]:
    curve, error = sheet(2, height=3.8)
    lines, rows = np.linspace(-60, 0, 600), []
    for n, (name, shape) in enumerate(CURVES.items()):
        curve.plot(lines, lines - curve_db(lines, *shape), color="#999999", linewidth=0.9)
        worst = 0.0
        for hz in (100, 1000, 10000):
            found = gains_db(hz, *shape)
            wrong = found + curve_db(LEVELS_DBFS, *shape)
            worst = max(worst, float(np.abs(wrong).max()))
            if hz == 1000:
                curve.plot(LEVELS_DBFS, LEVELS_DBFS + found, "o", color=f"C{n}", markersize=3.5, label=name)
                error.plot(LEVELS_DBFS, wrong, "o-", color=f"C{n}", markersize=3)
        rows.append(Row(f"{name}, sines of 100 Hz, 1 and 10 kHz: farthest from the curve", "0.1 dB", f"{worst:.3f} dB"))
    curve.plot([], [], color="#999999", label="the formula")
    curve.set_ylabel("Output / dBFS")
    curve.legend(loc="upper left")
    for limit in (-0.1, 0.1):
        error.axhline(limit, **THRESHOLD)
    error.set_ylim(-0.15, 0.15)
    error.set_ylabel("Distance from the formula at 1 kHz / dB")
    for axis in (curve, error):
        axis.set_xlabel("Input / dBFS (peak)")
    save("compressor-curves")
    return rows
