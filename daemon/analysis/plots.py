"""The pictures of a report, as SVG."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np

from masterd.control.parameters import Value
from masterd.daemon.analysis.corridor import Corridor
from masterd.daemon.analysis.features import BANDS_HZ, SILENT_DB, Features
from masterd.daemon.analysis.matching import Aim
from masterd.daemon.response import frequencies_hz, response_db

INK, HEARD, USUAL, PROPOSED = "#222222", "#0063b2", "#b9c6d3", "#c25100"
"""Apart also for the colour-blind, and in print."""
TICKS_HZ = (31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)


def _axes(height: float, ylabel: str) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, height), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.set_xticks(TICKS_HZ, [f"{hz / 1000:g} k" if hz >= 1000 else f"{hz:g}" for hz in TICKS_HZ])
    axes.minorticks_off()
    axes.set_xlim(22, 20000)
    axes.set_xlabel("Hz")
    axes.set_ylabel(ylabel)
    axes.grid(color="#dddddd", linewidth=0.6)
    return figure, axes


def _svg(figure: Any) -> str:
    """Without a date or random names in it: the same report is the same file."""
    import matplotlib

    out = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "masterd", "svg.fonttype": "none"}):
        figure.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    return text[text.index("<svg") :]


def spectrum(heard: Features, usual: Corridor, aim: Aim | None) -> str:
    """What was heard over the corridor, and what it is to come near; levels taken off."""
    figure, axes = _axes(3.6, "dB, level taken off")
    low, high = usual.shape_db - usual.spread_db, usual.shape_db + usual.spread_db
    axes.fill_between(BANDS_HZ, low, high, color=USUAL, alpha=0.6, label=f"corridor: {usual.title}")
    axes.plot(BANDS_HZ, np.maximum(heard.shape_db, low.min() - 20), color=HEARD, linewidth=1.8, label="heard")
    if aim:
        axes.plot(BANDS_HZ, np.maximum(aim.shape_db, low.min() - 20), color=PROPOSED, linewidth=1.4, label=aim.title)
    axes.legend(loc="lower left", frameon=False)
    return _svg(figure)


def image(heard: Features) -> str:
    """Side over mid per band."""
    figure, axes = _axes(2.4, "side over mid, dB")
    mid, side = np.array(heard.mid_dbfs), np.array(heard.side_dbfs)
    known = (mid > SILENT_DB) | (side > SILENT_DB)
    axes.plot(BANDS_HZ[known], np.clip(side - mid, -60, 30)[known], color=HEARD, linewidth=1.8)
    axes.axhline(0, color=INK, linewidth=0.8)
    return _svg(figure)


def equaliser(values: Mapping[str, Value], sample_rate_hz: float) -> str:
    """What the proposed bands do, by the kernel's coefficients."""
    figure, axes = _axes(2.4, "dB")
    hz = frequencies_hz(256)
    axes.plot(hz, response_db(values, sample_rate_hz, hz)[0], color=PROPOSED, linewidth=1.8)
    axes.axhline(0, color=INK, linewidth=0.8)
    return _svg(figure)
