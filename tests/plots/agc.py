"""Leveller: pink noise that steps by 10 dB, and what the gain makes of it."""

from __future__ import annotations

import numpy as np
from dsp.test_agc import ON, recalled, run
from instruments.loudness_meter import bins, lufs, windows
from instruments.programme import pink

from plots.sheet import THRESHOLD, Row, save, sheet

TARGET_LUFS, SETTLE_S, RATES_DB_PER_S = -20, 12, (3, 1.5)


def momentary(signal: np.ndarray) -> np.ndarray:
    return lufs(windows(bins(signal, 48000), 40))


def stepped(step_db: float, after_s: float) -> np.ndarray:
    signal = pink(SETTLE_S + after_s, -23)
    signal[: SETTLE_S * 48000] *= 10 ** (-step_db / 20)
    return signal


def measure() -> list[Row]:
    axes, rows = sheet(2, height=3.6, sharey=True), []
    attack, release = RATES_DB_PER_S
    values = ON | {"agc.attack_db_per_s": attack, "agc.release_db_per_s": release, "agc.range_db": 24}
    for axis, step_db, rate in zip(axes, (10, -10), RATES_DB_PER_S, strict=True):
        allowed_s = 1.2 * 10 / rate
        signal = stepped(step_db, allowed_s + 6)
        out, _ = run(recalled(values, step_db, step_db), signal)
        before, after = momentary(signal), momentary(out)
        seconds = 0.4 + np.arange(len(after)) * 0.01 - SETTLE_S
        axis.plot(seconds, before, color="#999999", linewidth=0.9, label="input")
        axis.plot(seconds, after, label="output")
        for limit in (-1.5, 1.5):
            axis.plot((allowed_s, seconds[-1]), (TARGET_LUFS + limit,) * 2, label="limit" if limit > 0 else None, **THRESHOLD)
        axis.set_xlim(-3, seconds[-1])
        axis.set_title(f"step of {step_db:+d} dB, {rate:g} dB/s")
        axis.set_xlabel("Time after the step / s")
        settled = after[seconds >= allowed_s + 0.4]
        worst = float(np.abs(settled - TARGET_LUFS).max())
        rows.append(Row(f"step of {step_db:+d} dB: from the target after {allowed_s:g} s", "1.5 LU", f"{worst:.2f} LU"))
    axes[0].set_ylabel("Momentary loudness / LUFS")
    axes[0].legend()
    save("agc-step")
    return rows
