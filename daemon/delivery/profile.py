"""Delivery profiles: what a broadcaster, a platform or a medium asks of a file, as data.

    title = "EBU R 128"
    source = "EBU R 128 (version 4, 2020)"
    confidence = "standard"                 # standard, second-hand or unverified: how far the numbers can be relied on

    [[rule]]
    measure = "integrated_lufs"             # a field of `masterd measure --json`
    target = -23.0                          # what a rendering aims at
    min = -23.2
    max = -22.8
    or = [[-20, -16]]                       # other ranges that will do
    above = { integrated_lufs = -14 }       # the rule holds only for files above that
    advice = true                           # told, but no reason to fail
    why = "players turn louder files down"
    confidence = "unverified"               # of this rule, when it is another than the profile's

Profiles that come with the package are in `profiles/`; the user's own are in `delivery/` of the configuration folder, or anywhere
when given by their path.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from masterd.control import places
from masterd.control.documents import NoDocument, toml_document
from masterd.control.errors import MasterdError
from masterd.daemon.measuring.measurement import FileFacts, Measurement

FOLDER = Path(__file__).parent / "profiles"
CONFIDENCES = ("standard", "second-hand", "unverified")
NOT_TO_RULE = ("file", "facts", "codec", "clipped", "complaints", "spectrum_dbfs")
MEASURES = tuple(it.name for kind in (Measurement, FileFacts) for it in fields(kind) if it.name not in NOT_TO_RULE)
RULE_KEYS = ("measure", "target", "min", "max", "or", "above", "advice", "why", "confidence")


class BrokenProfile(MasterdError):
    """The file is not a profile, or there is none of that name; the text says why."""

    code = "broken_profile"


@dataclass(frozen=True, slots=True)
class Rule:
    """One measured value and the ranges it must be in, ends included."""

    measure: str
    ranges: tuple[tuple[float, float], ...]
    target: float | None
    above: Mapping[str, float]
    advice: bool
    why: str
    confidence: str

    def text(self) -> str:
        """What would be right."""
        return " or ".join(_range_text(low, high) for low, high in self.ranges)


@dataclass(frozen=True, slots=True)
class Profile:
    """A name, where it comes from, and its rules."""

    name: str
    title: str
    source: str
    confidence: str
    rules: tuple[Rule, ...]

    @property
    def target_lufs(self) -> float | None:
        """The integrated loudness that a rendering aims at."""
        return next((rule.target for rule in self.rules if rule.measure == "integrated_lufs"), None)

    @property
    def ceiling_dbtp(self) -> float | None:
        """The lowest true peak that any rule allows at most: what a rendering keeps under."""
        limits = [high for rule in self.rules if rule.measure == "true_peak_dbtp" for _, high in rule.ranges]
        return min((limit for limit in limits if math.isfinite(limit)), default=None)


def names(folder: Path | None = None) -> list[str]:
    """Every profile that can be given by its name."""
    own = folder or places.config_directory() / "delivery"
    return sorted({path.stem for place in (FOLDER, own) if place.is_dir() for path in place.glob("*.toml")})


def load(name: str, folder: Path | None = None) -> Profile:
    """By name, the user's own first, or by the path of a TOML file. BrokenProfile."""
    own = folder or places.config_directory() / "delivery"
    paths = [Path(name)] if name.endswith(".toml") else [own / f"{name}.toml", FOLDER / f"{name}.toml"]
    for path in paths:
        if path.is_file():
            try:
                return parsed(path.stem, path.read_text())
            except (OSError, UnicodeDecodeError, NoDocument) as reason:
                raise BrokenProfile(f"{path}: {reason}") from None
    near = difflib.get_close_matches(name, names(folder), 3)
    hint = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(names(folder))}"
    raise BrokenProfile(f"no delivery profile {name[:80]!r}; {hint}")


def parsed(name: str, toml: str) -> Profile:
    """A profile from its text. BrokenProfile with everything that is wrong, NoDocument."""
    document = toml_document(toml)
    confidence = document.get("confidence", "unverified")
    wrong = [f"unknown: {key!r}" for key in document if key not in ("title", "source", "confidence", "rule")]
    rules = []
    tables = document.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(it, dict) for it in tables):
        raise BrokenProfile(f"profile {name}: rule: must be tables [[rule]]")
    for number, table in enumerate(tables, 1):
        problems = _problems(table)
        wrong += [f"rule {number}: {problem}" for problem in problems]
        if not problems:
            rules.append(_rule(table, confidence))
    if confidence not in CONFIDENCES:
        wrong.append(f"confidence: {confidence!r} is not one of {', '.join(CONFIDENCES)}")
    if not rules and not wrong:
        wrong.append("has no [[rule]]")
    if wrong:
        raise BrokenProfile(f"profile {name}: " + "; ".join(wrong))
    return Profile(name, str(document.get("title", name)), str(document.get("source", "")), confidence, tuple(rules))


def _problems(table: Mapping[str, Any]) -> list[str]:
    kinds = {"measure": str, "above": dict, "or": list, "confidence": str}
    if ill := [key for key, kind in kinds.items() if not isinstance(table.get(key, kind()), kind)]:
        return [f"{', '.join(ill)}: measure and confidence are texts, above is a table, or a list of pairs"]
    wrong = [f"unknown: {key!r}" for key in table if key not in RULE_KEYS]
    for measure in [table.get("measure", ""), *table.get("above", {})]:
        if measure not in MEASURES:
            wrong.append(f"{measure!r} is not measured; there are {', '.join(MEASURES)}")
    numbers = [table[key] for key in ("target", "min", "max") if key in table]
    numbers += [number for pair in table.get("or", []) for number in (pair if isinstance(pair, list) else [pair])]
    if any(isinstance(it, bool) or not isinstance(it, int | float) for it in [*numbers, *table.get("above", {}).values()]):
        wrong.append("target, min, max, or and above hold numbers")
    elif any(not isinstance(pair, list) or len(pair) != 2 for pair in table.get("or", [])):
        wrong.append("or holds pairs: [[-20, -16]]")
    if "min" not in table and "max" not in table:
        wrong.append("needs min or max")
    if table.get("confidence", CONFIDENCES[0]) not in CONFIDENCES:
        wrong.append(f"confidence: {table['confidence']!r} is not one of {', '.join(CONFIDENCES)}")
    return wrong


def _rule(table: Mapping[str, Any], confidence: str) -> Rule:
    first = (float(table.get("min", -math.inf)), float(table.get("max", math.inf)))
    ranges = (first, *((float(low), float(high)) for low, high in table.get("or", [])))
    target = float(table["target"]) if "target" in table else None
    above = {str(name): float(limit) for name, limit in table.get("above", {}).items()}
    told = table.get("confidence", confidence)
    return Rule(table["measure"], ranges, target, above, bool(table.get("advice", False)), str(table.get("why", "")), told)


def _range_text(low: float, high: float) -> str:
    if low == high:
        return f"{low:g}"
    if math.isinf(low):
        return f"at most {high:g}"
    return f"at least {low:g}" if math.isinf(high) else f"{low:g} to {high:g}"
