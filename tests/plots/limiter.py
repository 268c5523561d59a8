"""Limiter: true peak of hot signals after it, by the independent 32x meter."""

from __future__ import annotations

import numpy as np
from dsp.test_limiter_ceiling import CEILING_DBTP, RATES, TAIL
from instruments.hot_signals import HOT, hot
from instruments.kernel import Kernel
from instruments.true_peak_meter import true_peak_dbtp

from plots.sheet import COLOURS, THRESHOLD, Row, save, sheet

DRIVE_DB = 12


def over_db(name: str, rate: float, latency: str) -> float:
    limiter = Kernel("limiter", rate, {"limiter.drive_db": DRIVE_DB, "limiter.ceiling_dbtp": CEILING_DBTP}, latency)
    return true_peak_dbtp(limiter(np.vstack([hot(name, 0.5, rate), TAIL]))[:, 0]) - CEILING_DBTP


def measure() -> list[Row]:
    (axis,) = sheet(height=3.8)
    at, rows = np.arange(len(HOT)), []
    for n, rate in enumerate(RATES):
        worst = -np.inf
        for latency, marker in (("normal", "o"), ("low", "^")):
            found = [over_db(name, rate, latency) for name in HOT]
            worst = max(worst, *found)
            label = f"{rate / 1000:g} kHz" if latency == "normal" else None
            axis.plot(at + (n - 1.5) * 0.16, found, marker, color=COLOURS[n], markersize=5, label=label)
        what = f"worst of {len(HOT)} signals driven by {DRIVE_DB} dB, both latencies, {rate / 1000:g} kHz"
        rows.append(Row(what, "+0.05 dB", f"{worst:+.3f} dB"))
    axis.plot([], [], "^", color="#888888", label="low latency")
    axis.axhline(0.05, label="limit", **THRESHOLD)
    axis.axhline(0, color="black", linewidth=1)
    axis.set_xticks(at, [name.replace(" ", "\n", 1) for name in HOT])
    axis.grid(visible=False, axis="x")
    axis.set_ylim(-0.2, 0.1)
    axis.set_ylabel("True peak (32x) above the ceiling / dB")
    axis.legend(ncols=3, loc="lower right")
    save("limiter-overs")
    return rows
