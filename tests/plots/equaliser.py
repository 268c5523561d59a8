"""Equaliser: distance from the analog prototypes over frequency, and what a move leaves above the signal."""

from __future__ import annotations

from dsp.test_eq_moves import MOVES, bell, moved
from dsp.test_eq_response import BELL_QS, EDGES_HZ, HZ, SHELF_QS, grid, limits
from instruments.equaliser import worst_error_db
from instruments.spectrum import residual_above_db, strongest_db

from plots.sheet import THRESHOLD, Row, audible, save, sheet

RATES = (44100, 48000, 96000)
KINDS = {"bell": ("bell", BELL_QS), "low_shelf": ("shelf", SHELF_QS), "high_shelf": ("shelf", SHELF_QS)}
DRAWN = HZ[::4]


def error() -> list[Row]:
    rows = []
    for axis, (kind, (family, qs)) in zip(sheet(3, height=3.6, sharey=True), KINDS.items(), strict=True):
        for rate in RATES:
            found = worst_error_db(grid(kind, qs), rate, DRAWN)
            axis.plot(DRAWN, found, label=f"{rate / 1000:g} kHz")
            reached = [float(found[edge >= DRAWN].max()) for edge in EDGES_HZ]
            words = [" / ".join(f"{value:.3f}" for value in values) for values in (limits(family, rate), reached)]
            rows.append(Row(f"{kind.replace('_', ' ')}, {rate / 1000:g} kHz, to 10 / 15 / 20 kHz", *(f"{w} dB" for w in words)))
        allowed = limits(family, 48000)
        axis.step((20, *EDGES_HZ), (allowed[0], *allowed), where="pre", label="limit at 48 kHz", **THRESHOLD)
        axis.set_title(f"{kind.replace('_', ' ')}, worst of {len(grid(kind, qs))}")
        audible(axis)
        axis.set_xticks((20, 100, 1000, 10000), ("20", "100", "1k", "10k"))
        axis.set_yscale("log")
        axis.set_ylim(1e-6, 1)
    axis.figure.axes[0].set_ylabel("Largest error against analog / dB")
    axis.figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    save("eq-error")
    return rows


def zipper() -> list[Row]:
    (axis,) = sheet(height=3.8)
    rows = []
    for name, (before, after, ramp_ms, cutoff_hz) in MOVES.items():
        out = moved(before, after, ramp_ms * 48)[:, 0]
        hz, level_db = strongest_db(out)
        axis.plot(hz, level_db, label=name)
        rows.append(Row(f"{name}, above {cutoff_hz} Hz", "-100 dB", f"{residual_above_db(out, cutoff_hz):.1f} dB"))
    jump = residual_above_db(moved(bell(60, 12, 2), bell(3000, 12, 2), 0)[:, 0], 8000)
    rows.append(Row("60 to 3000 Hz with no ramp asked for, above 8000 Hz", "-90 dB", f"{jump:.1f} dB"))
    axis.plot((4000, 20000), (-100, -100), label="limit (from 8 kHz for the sweep)", **THRESHOLD)
    audible(axis)
    axis.set_ylim(-160, 5)
    axis.set_ylabel("Strongest in any window / dB")
    axis.legend()
    save("eq-zipper")
    return rows


def measure() -> list[Row]:
    return error() + zipper()
