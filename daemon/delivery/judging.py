"""A measured file beside a delivery profile: each rule passed or failed, and by how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from masterd.daemon.delivery.profile import Profile, Rule
from masterd.daemon.measuring.measurement import Measurement

GRAIN = 1e-6
"""Values are measured to a thousandth; a limit is met when it is reached."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of a file. `result` is pass, fail, or advice: not kept, but no reason to refuse."""

    measure: str
    value: float | None
    wanted: str
    result: str
    off_by: float
    """How far the value is from the nearest that would be right; 0 when it is."""
    why: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of one file by one profile."""

    profile: str
    passed: bool
    verdicts: tuple[Verdict, ...]


def judged(measured: Measurement, profile: Profile) -> Judgement:
    """By every rule that applies to the file."""
    values = measured.known()
    verdicts = tuple(_verdict(values, rule) for rule in profile.rules if _applies(values, rule.above))
    return Judgement(profile.name, all(verdict.result != "fail" for verdict in verdicts), verdicts)


def _applies(values: Mapping[str, Any], above: Mapping[str, float]) -> bool:
    return all((number := _number(values.get(name))) is not None and number > limit for name, limit in above.items())


def _verdict(values: Mapping[str, Any], rule: Rule) -> Verdict:
    value = _number(values.get(rule.measure))
    off_by = min((_distance(value, low, high) for low, high in rule.ranges), key=abs) if value is not None else 0.0
    kept = value is not None and abs(off_by) <= GRAIN
    result = "pass" if kept else "advice" if rule.advice else "fail"
    return Verdict(rule.measure, value, rule.text(), result, 0.0 if kept else round(off_by, 3), rule.why, rule.confidence)


def _number(value: Any) -> float | None:
    """Of several the one that is furthest from 0; None when there is none."""
    if isinstance(value, tuple):
        return max(map(float, value), key=abs)
    return None if value is None else float(value)


def _distance(value: float, low: float, high: float) -> float:
    return value - high if value > high else value - low if value < low else 0.0
