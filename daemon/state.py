"""The single owner of what the operator has set: values, preset, revision, history. No input or output; control thread only.

Every method that changes something either refuses and has changed nothing, or moves the state by one revision, tells the
listeners, and returns the Change. A request that asks for what already is moves nothing and returns a Change without changes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from masterd.control.errors import BadRequest, Refused, RevisionConflict, WrongType
from masterd.control.parameters import PARAMETERS, Parameter, Value, defaults, parameter
from masterd.control.protocol import Lock
from masterd.daemon.history import STEPS, History, Moment
from masterd.daemon.macros import Macros, moved

FLOOD_S = 0.5
"""Moves of the same parameters by the same origin that follow each other faster are one step of history."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one request did. `changes` maps id to (old, new); `cause` is the operation."""

    revision: int
    origin: str
    cause: str
    changes: Mapping[str, tuple[Value, Value]]
    glide_ms: float
    preset: str
    dirty: bool


@dataclass(frozen=True, slots=True)
class Return:
    """Where a change goes back to that nobody confirmed: the values it would take back, and the preset, None when that stays."""

    values: Mapping[str, Value]
    preset: str | None = None
    base: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What survives a restart; the history does not."""

    revision: int
    preset: str
    values: Mapping[str, Value]
    base: Mapping[str, Value]
    agc_gain_db: tuple[float, float] | None = None
    """Where the leveller stood, bass and master: it finds this by itself, slowly, and no operator sets it."""
    lock: Lock | None = None
    """Who keeps others from turning."""
    unconfirmed: Return | None = None
    """Where a restart goes back to, since nobody could confirm meanwhile."""


class State:
    """Complete values by id, moved by requests."""

    def __init__(
        self,
        saved: Saved | None = None,
        clock: Callable[[], float] = time.monotonic,
        steps: int = STEPS,
        macros: Macros | None = None,
    ) -> None:
        saved = saved or Saved(0, "flat", defaults(), defaults())
        self.revision = saved.revision
        self.history = History(Moment(complete(saved.values), saved.preset, complete(saved.base), macros or {}), steps)
        self.listeners: list[Callable[[Change], None]] = []
        self.clock = clock
        self._last: tuple[str, frozenset[str]] | None = None
        self._last_s = 0.0

    @property
    def values(self) -> Mapping[str, Value]:
        """All values now; not to be written to."""
        return self.history.now.values

    @property
    def preset(self) -> str:
        """Name of the preset that was loaded or saved last."""
        return self.history.now.preset

    @property
    def macros(self) -> Macros:
        """The curves of the preset's macros."""
        return self.history.now.macros

    @property
    def dirty(self) -> bool:
        """Whether the values have left the preset."""
        return self.history.now.dirty

    def saved(self) -> Saved:
        """What to keep for the next start."""
        return Saved(self.revision, self.preset, self.values, self.history.now.base)

    def set(
        self, values: Mapping[str, object], *, origin: str = "", glide_ms: float = 0, if_revision: int | None = None
    ) -> Change:
        """All of `values`, or Refused with every reason in the text and the code of the first."""
        self._expect(if_revision)
        return self._turn(checked(values), origin, "set", glide_ms)

    def adjust(
        self,
        amounts: Mapping[str, float],
        *,
        travel: bool = False,
        origin: str = "",
        glide_ms: float = 0,
        if_revision: int | None = None,
    ) -> Change:
        """Moves by amounts in units, or in knob travel (1.0 is the whole range); held at the ends of the range."""
        self._expect(if_revision)
        turned = each(amounts, lambda it, amount: nudged(it, self.values[it.id], amount, travel))
        return self._turn(turned, origin, "adjust", glide_ms)

    def load(
        self,
        name: str,
        values: Mapping[str, object],
        macros: Macros | None = None,
        *,
        origin: str = "",
        glide_ms: float = 0,
        if_revision: int | None = None,
    ) -> Change:
        """Goes to a preset; what it leaves out is flat."""
        self._expect(if_revision)
        whole = complete(checked(values))
        self._last = None
        there = Moment(whole, name, whole, macros or {})
        if there != self.history.now:
            return self._arrive(there, origin, "preset.load", glide_ms, self.history.push)
        return self._change(origin, "preset.load", {}, glide_ms)

    def keep(self, name: str, *, origin: str = "") -> Change:
        """The present values are now the preset `name`: not a step of history, but a revision, since name and dirty moved."""
        self._last = None
        now = self.history.now
        return self._arrive(Moment(now.values, name, now.values, now.macros), origin, "preset.save", 0, self.history.amend)

    def undo(self, steps: int = 1, *, origin: str = "", glide_ms: float = 0) -> Change:
        """Back by `steps`, or NothingToUndo."""
        return self._walk(-counted(steps), origin, "undo", glide_ms)

    def redo(self, steps: int = 1, *, origin: str = "", glide_ms: float = 0) -> Change:
        """Forward again by `steps`, or NothingToUndo."""
        return self._walk(counted(steps), origin, "redo", glide_ms)

    def go_back(self, values: Mapping[str, Value], preset: Moment | None, *, glide_ms: float = 0) -> Change:
        """To `values` that were before, and the preset of a moment that was; a step of history like any other."""
        self._last = None
        now = self.history.now
        there = replace(preset or now, values={**now.values, **values})
        return self._arrive(there, "", "revert", glide_ms, self.history.push)

    def _expect(self, if_revision: int | None) -> None:
        if if_revision is not None and if_revision != self.revision:
            raise RevisionConflict(f"the state is at revision {self.revision}, not {if_revision}; read it again")

    def _turn(self, values: Mapping[str, Value], origin: str, cause: str, glide_ms: float) -> Change:
        there = self.history.now.with_values(moved(self.history.now.macros, values))
        if there.values == self.values:
            return self._change(origin, cause, {}, glide_ms)
        flood = (origin, frozenset(values))
        now_s = self.clock()
        same = flood == self._last and now_s - self._last_s < FLOOD_S
        self._last, self._last_s = flood, now_s
        return self._arrive(there, origin, cause, glide_ms, self.history.amend if same else self.history.push)

    def _walk(self, steps: int, origin: str, cause: str, glide_ms: float) -> Change:
        there = self.history.peek(steps)
        self._last = None
        return self._arrive(there, origin, cause, glide_ms, lambda _: self.history.move(steps))

    def _arrive(self, there: Moment, origin: str, cause: str, glide_ms: float, step: Callable[[Moment], object]) -> Change:
        before = self.values
        step(there)
        self.revision += 1
        changes = {id: (before[id], value) for id, value in there.values.items() if before[id] != value}
        change = self._change(origin, cause, changes, glide_ms)
        for listener in self.listeners:
            listener(change)
        return change

    def _change(self, origin: str, cause: str, changes: Mapping[str, tuple[Value, Value]], glide_ms: float) -> Change:
        return Change(self.revision, origin, cause, changes, glide_ms, self.preset, self.dirty)


def complete(values: Mapping[str, Value]) -> dict[str, Value]:
    """`values` over the flat chain, in the table's order."""
    return {id: values.get(id, default) for id, default in defaults().items()}


def checked(values: Mapping[str, object]) -> dict[str, Value]:
    """Each value in its parameter's own type, or Refused."""
    return each(values, lambda it, value: it.check(value))


def each(values: Mapping[str, object], make: Callable[[Parameter, object], Value]) -> dict[str, Value]:
    """`make` of every entry. Refused with all the reasons in its text; class and parameter are those of the first."""
    made: dict[str, Value] = {}
    refused: list[Refused] = []
    for id, value in values.items():
        try:
            made[id] = make(parameter(id), value)
        except Refused as reason:
            refused.append(reason)
    if refused:
        refused[0].args = ("; ".join(str(reason) for reason in refused[:20]),)
        raise refused[0]
    return made


def nudged(it: Parameter, value: Value, amount: object, travel: bool) -> Value:
    """`value` moved by `amount` as Adjust defines it."""
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not math.isfinite(amount):
        raise WrongType(it.id, amount, "a finite number to move by")
    if it.kind == "switch":
        return value if amount == 0 else amount > 0
    if travel:
        return it.from_travel(it.to_travel(value) + amount)
    if it.choices:
        at = it.choices.index(str(value)) + round(amount)
        return it.choices[min(max(at, 0), len(it.choices) - 1)]
    return min(max(float(value) + amount, it.min), it.max)


def counted(steps: int) -> int:
    """`steps` when there is at least one."""
    if steps < 1:
        raise BadRequest(f"steps: {steps} is not 1 or more")
    return steps


assert all(it.check(it.default) == it.default for it in PARAMETERS.values())
