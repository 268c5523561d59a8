"""Corridors: where programmes of a kind usually are. Data, with their source; a hint, never a rule.

title = "Neutral"
source = "..."
confidence = "second-hand"              # standard, measured, second-hand or unverified

[spectrum]                              # 1/3-octave levels along straight lines over octaves
slope_db_per_oct = -1.5                 # between low_hz and high_hz
low_hz = 80                             # below it flat, and from roll_hz down by roll_db_per_oct
high_hz = 10000                         # above it falling by top_db_per_oct
tolerance_db = 3.0                      # within low_hz to high_hz; edge_tolerance_db outside
# or, learned: shape_db = [...30 values], spread_db = [...30 values]

[range]                                 # a feature, lowest and highest usual value
loudness_range_lu = [3, 12]
psr_min_db = [8, 99]
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from masterd.control import places
from masterd.control.documents import toml_document
from masterd.control.errors import BrokenCorridor
from masterd.daemon.analysis.features import BANDS_HZ, Float64, shaped

FOLDER = Path(__file__).parent / "corridors"
RANGES = ("integrated_lufs", "loudness_range_lu", "plr_db", "psr_min_db", "dr_db", "correlation", "mono_loss_lu", "width_db",
          "bass_width_db")  # fmt: skip
CONFIDENCES = ("standard", "measured", "second-hand", "unverified")
LINES = (
    "slope_db_per_oct",
    "low_hz",
    "high_hz",
    "roll_hz",
    "roll_db_per_oct",
    "top_db_per_oct",
    "tolerance_db",
    "edge_tolerance_db",
)
LEAST_SPREAD_DB = 1.5
"""Of a learned corridor: three alike references do not make a law."""


@dataclass(frozen=True, slots=True)
class Corridor:
    """`shape_db` is the middle of the corridor per 1/3 octave, level taken off, `spread_db` its half width."""

    name: str
    title: str
    source: str
    confidence: str
    shape_db: Float64
    spread_db: Float64
    ranges: Mapping[str, tuple[float, float]]

    def excess_db(self, shape_db: Float64) -> Float64:
        """How far a spectrum is outside, per band: above is positive, 0 inside."""
        away = shape_db - self.shape_db
        return np.sign(away) * np.maximum(np.abs(away) - self.spread_db, 0)


def folder() -> Path:
    """Where the user's own corridors are."""
    return places.config_directory() / "corridors"


def names() -> list[str]:
    """The package's corridors, then the user's."""
    own = sorted(path.stem for path in folder().glob("*.toml")) if folder().is_dir() else []
    return [*sorted(path.stem for path in FOLDER.glob("*.toml")), *own]


def corridor(name: str) -> Corridor:
    """The one of that name, or in the file of that path. BrokenCorridor."""
    is_path = name.endswith(".toml") and os.path.isfile(name)  # noqa: PTH113 # Path.is_file raises at a name that is too long
    return read(Path(name)) if is_path else named(name)


def named(name: str) -> Corridor:
    """The one of that name, whoever gave it: never a path. BrokenCorridor."""
    if name in names():
        own = folder() / f"{name}.toml"
        return read(own if own.is_file() else FOLDER / f"{name}.toml")
    near = difflib.get_close_matches(name, names(), 1)
    raise BrokenCorridor(
        f"no corridor {name[:80]!r}; " + (f"did you mean {near[0]}?" if near else f"there are {', '.join(names())}")
    )


def read(path: Path) -> Corridor:
    """The corridor in a file. BrokenCorridor names the key."""
    try:
        return parsed(path.stem, toml_document(path.read_text()))
    except (OSError, ValueError) as reason:
        raise BrokenCorridor(f"{path}: {reason}") from None


def parsed(name: str, document: Mapping[str, Any]) -> Corridor:
    """From its tables. ValueError says what is wrong."""
    unknown = set(document) - {"title", "source", "confidence", "spectrum", "range"}
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; there are title, source, confidence, [spectrum] and [range]")
    title, source, confidence = (document.get(key, "") for key in ("title", "source", "confidence"))
    if not all(isinstance(it, str) for it in (title, source)) or confidence not in CONFIDENCES:
        raise ValueError(f"title and source must be texts, and confidence one of {', '.join(CONFIDENCES)}")
    if not all(isinstance(document.get(key, {}), dict) for key in ("spectrum", "range")):
        raise ValueError("spectrum and range must be tables")
    shape_db, spread_db = _spectrum(document.get("spectrum", {}))
    ranges = {key: _range(key, value) for key, value in document.get("range", {}).items()}
    return Corridor(name, title or name, source, confidence, shape_db, spread_db, ranges)


def _range(key: str, value: Any) -> tuple[float, float]:
    if key not in RANGES:
        raise ValueError(f"range.{key}: there are {', '.join(RANGES)}")
    ends = value if isinstance(value, list) and len(value) == 2 else []
    numbers = [float(it) for it in ends if isinstance(it, int | float) and not isinstance(it, bool)]
    if len(numbers) != 2 or not numbers[0] <= numbers[1]:
        raise ValueError(f"range.{key}: must be [lowest, highest]; inf is an end that is open")
    return numbers[0], numbers[1]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))


def _spectrum(table: Mapping[str, Any]) -> tuple[Float64, Float64]:
    if "shape_db" in table:
        lists = [table.get(key) for key in ("shape_db", "spread_db")]
        if not all(isinstance(it, list) and len(it) == len(BANDS_HZ) and all(map(_is_number, it)) for it in lists):
            raise ValueError(f"spectrum.shape_db and spread_db must be {len(BANDS_HZ)} numbers each, for 25 Hz to 20 kHz")
        return shaped(np.array(lists[0], np.float64)), np.maximum(np.array(lists[1], np.float64), LEAST_SPREAD_DB)
    if missing := [key for key in LINES if not _is_number(table.get(key))]:
        raise ValueError(f"spectrum.{missing[0]}: a number is missing")
    if wrong := [key for key in LINES if key.endswith("_hz") and not table[key] > 0]:
        raise ValueError(f"spectrum.{wrong[0]}: must be above 0")
    return _lines(*(float(table[key]) for key in LINES))


def _lines(
    slope: float, low_hz: float, high_hz: float, roll_hz: float, roll: float, top: float, tolerance: float, edge: float
) -> tuple[Float64, Float64]:
    octaves = np.log2(np.clip(BANDS_HZ, low_hz, high_hz) / low_hz)
    below, above = np.log2(np.minimum(BANDS_HZ / roll_hz, 1)), np.log2(np.maximum(BANDS_HZ / high_hz, 1))
    inside = (low_hz * 0.99 <= BANDS_HZ) & (high_hz * 1.01 >= BANDS_HZ)
    return shaped(slope * octaves + roll * below + top * above), np.where(inside, tolerance, edge)
