"""How every plot looks and is stored, and what a measurement leaves for the tables of docs/sound.md."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from PIL import Image

FOLDER = Path(__file__).parents[2] / "docs" / "sound"
COLOURS = ("#0b5394", "#b45f06", "#38761d", "#741b47")
THRESHOLD = {"color": "#cc0000", "linewidth": 1.2, "linestyle": "--"}
STYLE = {
    "figure.dpi": 100,
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": mpl.cycler(color=COLOURS),
    "lines.linewidth": 1.3,
    "legend.frameon": False,
    "legend.fontsize": 8,
}
OCTAVES_HZ = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000)


class Row(NamedTuple):
    """A line of a table: what was measured, the threshold it is held to, the number reached."""

    what: str
    threshold: str
    reached: str


def sheet(columns: int = 1, rows: int = 1, height: float = 3.4, **more: object) -> list[Axes]:
    mpl.rcParams.update(STYLE)
    _, axes = plt.subplots(rows, columns, figsize=(8.4, height * rows), layout="constrained", squeeze=False, **more)
    return list(axes.flat)


def audible(axis: Axes) -> None:
    axis.set_xscale("log")
    axis.set_xlim(20, 20000)
    axis.set_xticks(OCTAVES_HZ, [f"{hz // 1000}k" if hz >= 1000 else str(hz) for hz in OCTAVES_HZ])
    axis.minorticks_off()
    axis.set_xlabel("Frequency / Hz")


def save(name: str) -> None:
    """At most 64 colours: a few ten kilobytes."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.png"
    plt.savefig(path, metadata={"Software": None})
    plt.close()
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(64)
    small.save(path, optimize=True)
