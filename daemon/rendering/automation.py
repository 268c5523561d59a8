"""Parameters over time for a rendering, from a TOML, CSV or JSON Lines file.

    TOML    [[at]]                                   CSV     time,parameter,value,glide_ms
            time = "1:02.5"                                  1:02.5,eq.1.gain_db,3,500
            glide_ms = 500
            preset = "news"                          JSONL   {"time": 62.5, "glide_ms": 500, "values": {"eq.1.gain_db": 3}}
            values = { eq.1.gain_db = 3 }

A time is seconds, [h:]m:s with decimals, or timecode h:m:s:f, 25 frames a second unless it ends in @30 or the like. A glide moves
evenly along each parameter's own curve, and takes as long as a live turn of a knob when nothing is said; where another entry
interrupts it for some parameters it goes on for the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

from masterd.control.errors import MasterdError, Refused
from masterd.control.parameters import Value, parameter
from masterd.control.protocol.requests import DEFAULT_GLIDE_MS
from masterd.daemon.macros import moved
from masterd.daemon.presets import Preset, flattened
from masterd.daemon.rendering.automation_entries import from_csv, from_jsonl, from_toml
from masterd.daemon.rendering.timecode import seconds

KEYS = ("time", "glide_ms", "preset", "values")
LONGEST_GLIDE_MS = 3_600_000.0

FindPreset: TypeAlias = Callable[[str], Preset]


class BrokenAutomation(MasterdError):
    """Everything that is wrong with an automation file, a line each, with the line of the file."""

    code = "broken_automation"

    def __init__(self, path: Path, wrong: list[tuple[int, str]]) -> None:
        self.wrong = sorted(wrong)
        super().__init__("\n".join(f"{path}, line {line}: {text}" for line, text in self.wrong))


@dataclass(frozen=True, slots=True)
class Turn:
    """From this time on, glide to these values; exact seconds."""

    at_s: Fraction
    values: Mapping[str, Value]
    glide_ms: float = 0.0
    named: frozenset[str] = frozenset()
    """What the entry names itself, and does not bring in by a preset."""


@dataclass(frozen=True, slots=True)
class Automation:
    """All turns in order of time; those of one time in the order of the file."""

    turns: tuple[Turn, ...] = ()

    def moves_by_name(self, id: str) -> bool:
        """Whether any turn names the parameter itself."""
        return any(id in turn.named for turn in self.turns)


def read(path: Path, find_preset: FindPreset) -> Automation:
    """BrokenAutomation with everything that is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as reason:
        raise BrokenAutomation(path, [(1, f"cannot be read: {reason}")]) from None
    kinds = {".toml": from_toml, ".csv": from_csv, ".jsonl": from_jsonl, ".ndjson": from_jsonl}
    if path.suffix.lower() not in kinds:
        raise BrokenAutomation(path, [(1, f"its name must end in {', '.join(kinds)}")])
    wrong: list[tuple[int, str]] = []
    turns = []
    for line, entry in kinds[path.suffix.lower()](text, wrong):
        problems: list[str] = []
        turn = _turn(entry, find_preset, problems)
        wrong += [(line, problem) for problem in problems]
        turns.append(turn)
    if wrong:
        raise BrokenAutomation(path, wrong)
    return Automation(tuple(sorted(turns, key=lambda turn: turn.at_s)))


def _turn(entry: Mapping[str, Any], find_preset: FindPreset, wrong: list[str]) -> Turn:
    unknown = [key for key in entry if key not in (*KEYS, "texts")]
    wrong += [f"unknown: {key!r}; an entry holds {', '.join(KEYS)}" for key in unknown]
    values: dict[str, Value] = {}
    if "preset" in entry:
        try:
            preset = find_preset(str(entry["preset"]))
            values |= preset.values
            macros = preset.macros
        except MasterdError as reason:
            wrong.append(str(reason))
            macros = {}
    named: dict[str, Value] = {}
    texts, numbers = entry.get("texts", {}), entry.get("values", {})
    if not isinstance(numbers, dict):
        wrong.append("values is a table of parameters")
        numbers = {}
    for id, value in [*texts.items(), *flattened(numbers)]:
        try:
            named[id] = parameter(id).parse(value) if id in texts else parameter(id).check(value)
        except Refused as reason:
            wrong.append(str(reason))
    values |= moved(macros, named) if "preset" in entry else named
    if not values and not wrong:
        wrong.append("moves nothing: it has neither values nor a preset")
    glide_ms = _glide(entry.get("glide_ms", DEFAULT_GLIDE_MS), wrong)
    return Turn(_time(entry.get("time"), wrong), values, glide_ms, frozenset(named))


def _time(given: Any, wrong: list[str]) -> Fraction:
    try:
        return seconds(given)
    except ValueError as reason:
        wrong.append(str(reason))
        return Fraction(0)


def _glide(given: Any, wrong: list[str]) -> float:
    try:
        glide = float(given)
    except (TypeError, ValueError):
        glide = -1
    if not 0 <= glide <= LONGEST_GLIDE_MS:
        wrong.append(f"glide_ms {given!r} is not a time from 0 to {LONGEST_GLIDE_MS:.0f} ms")
        return 0.0
    return glide
