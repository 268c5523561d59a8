"""From turns in seconds to the engine's moves: complete values at exact frames.

The engine has one ramp at a time, to complete values. So where glides overlap the time is cut wherever any of them begins or
ends, and each piece ramps to where every parameter stands at its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from masterd.control.parameters import PARAMETERS, Value
from masterd.daemon.macros import between
from masterd.daemon.rendering.automation import Automation
from masterd.daemon.rendering.engine_pass import Move

LONGEST_PIECE_S = 10
"""A longer glide is cut: the engine ramps evenly in what it computes with, a person's curve is even in decibels and octaves."""


@dataclass(frozen=True, slots=True)
class Glide:
    """Of one parameter; it holds its goal from `end` on."""

    start: int
    end: int
    origin: Value
    goal: Value

    def at(self, id: str, frame: int) -> Value:
        """Where it stands."""
        it = PARAMETERS[id]
        if frame >= self.end or it.kind != "number":
            return self.goal
        return between(it, self.origin, self.goal, (frame - self.start) / (self.end - self.start))


def timeline(
    automation: Automation, values: Mapping[str, Value], sample_rate_hz: int, fixed: Mapping[str, Value] | None = None
) -> tuple[Move, ...]:
    """Moves of a chain that begins with complete `values`; what `fixed` names never moves."""
    now: dict[str, Glide] = {id: Glide(0, 0, value, value) for id, value in values.items()}
    starts: dict[int, dict[str, tuple[Value, int]]] = {}
    for turn in automation.turns:
        frame = round(turn.at_s * sample_rate_hz)
        end = frame + round(turn.glide_ms * sample_rate_hz / 1000)
        goals = {id: (value, end) for id, value in turn.values.items() if id not in (fixed or {})}
        starts.setdefault(frame, {}).update(goals)
    moves: list[Move] = []
    edges = _edges(starts, LONGEST_PIECE_S * sample_rate_hz)
    for frame, following in pairwise([*edges, *edges[-1:]]):
        for id, (goal, end) in starts.get(frame, {}).items():
            now[id] = Glide(frame, end, now[id].at(id, frame), goal)
        until = following if any(glide.end > frame for glide in now.values()) else frame
        there = {id: glide.at(id, until) for id, glide in now.items()}
        if there != (moves[-1].values if moves else values):
            moves.append(Move(frame, there, until - frame))
    return tuple(moves)


def _edges(starts: Mapping[int, Mapping[str, tuple[Value, int]]], longest: int) -> list[int]:
    edges = set(starts) | {end for goals in starts.values() for _, end in goals.values()}
    return sorted(set(_cut(sorted(edges), longest)))


def _cut(edges: list[int], longest: int) -> Iterator[int]:
    for start, end in pairwise(edges):
        yield from range(start, end, longest)
    yield from edges[-1:]
