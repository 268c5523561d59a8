"""A controller and a daemon, tied together: moves of knobs become requests, the daemon's state becomes lights.

Pure: MIDI messages, snapshots and events go in, requests and MIDI messages come out, and time comes from outside. A flood of
messages is condensed: of a control's absolute values the newest wins, its relative ones add up, and everything that waits goes
out together in one request every PERIOD_S.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from masterd.control.midi.encodings import Acceleration, ticks
from masterd.control.midi.feedback import Feedback
from masterd.control.midi.lamps import shown_value
from masterd.control.midi.mapping import BUTTONS, Action, Binding, MidiMap
from masterd.control.midi.messages import Kind, Moved
from masterd.control.midi.parser import Parser
from masterd.control.midi.takeover import TOLERANCE, Takeover
from masterd.control.parameters import Value
from masterd.control.protocol import Adjust, Changed, PresetLoad, Redo, Request, Set, StateSnapshot, Undo

PERIOD_S = 0.005
TICKS_PER_CHOICE = 4
"""Detents of an encoder from one choice to the next."""


class Surface:
    """One box. `origin` is how its requests are known again in events."""

    def __init__(self, map: MidiMap, origin: str) -> None:
        self.map = map
        self.origin = origin
        self.feedback = Feedback()
        self.values: dict[str, Value] = {}
        """The daemon's, empty while none is followed; a hand then moves nothing."""
        self._parser = Parser(binding.control for binding in map.bindings)
        self._by_control = {binding.control: binding for binding in map.bindings}
        self._takeovers = {binding: takeover(binding) for binding in map.bindings if binding.is_knob}
        self._accelerations = {binding: Acceleration() for binding in map.bindings if binding.is_relative}
        self._detents = dict.fromkeys(self._accelerations, 0.0)
        self._preset, self._dirty = "", False
        self._set: dict[float, dict[str, Value]] = {}
        self._adjust: dict[float, dict[str, float]] = {}
        self._expected: dict[str, Value] = {}
        self._queue: list[Request] = []
        self._sent_s = float("-inf")

    # from the box

    def hear(self, message: Sequence[int], now_s: float) -> None:
        """A message came from the box."""
        self._move(self._parser.late(now_s) + self._parser.feed(message, now_s), now_s)

    def came(self) -> None:
        """The box was opened: it shows nothing, and nobody knows where its knobs stand."""
        self.feedback.refresh()
        for takeover in self._takeovers.values():
            takeover.forget()

    def _move(self, moves: Iterable[Moved], now_s: float) -> None:
        for move in moves:
            binding = self._by_control.get(move.control)
            if binding is None or not self.values:
                continue
            if not binding.is_relative and self.feedback.is_echo(move.control, move.value, now_s):
                continue  # a detent may well look like the light that was sent last
            if binding.parameter and binding.parameter.id not in self.values:
                continue  # of a daemon that has no such parameter
            if binding.action in BUTTONS:
                self._press(binding, move.value)
            elif binding.is_relative:
                self._turn_by(binding, ticks(binding.encoding, move.value), now_s)
            else:
                self._turn_to(binding, move, now_s)

    def _press(self, binding: Binding, value: int) -> None:
        is_down = value > 0 if binding.control.kind is Kind.NOTE else value >= (binding.control.top + 1) // 2
        if not is_down:
            self.feedback.released(binding.control)
        if binding.action is Action.MOMENTARY:
            self._want(binding, is_down != binding.invert)
        elif is_down and binding.action is Action.TOGGLE:
            self._want(binding, self._next_position(binding))
        elif is_down:
            self._flush()
            self._queue.append(self._command(binding))

    def _command(self, binding: Binding) -> Request:
        match binding.action:
            case Action.UNDO:
                return Undo(glide_ms=binding.glide_ms)
            case Action.REDO:
                return Redo(glide_ms=binding.glide_ms)
        return PresetLoad(name=binding.preset, glide_ms=binding.glide_ms)

    def _next_position(self, binding: Binding) -> Value:
        assert binding.parameter is not None
        now = self._current(binding)
        if not binding.parameter.choices:
            return not now
        choices = binding.parameter.choices[round(binding.low) : round(binding.high) + 1]
        return choices[(choices.index(str(now)) + 1) % len(choices)] if now in choices else choices[0]

    def _turn_by(self, binding: Binding, count: int, now_s: float) -> None:
        assert binding.parameter is not None
        id, kind = binding.parameter.id, binding.parameter.kind
        amount = self._accelerations[binding](-count if binding.invert else count, now_s)
        if not count:
            return
        is_full_range = (binding.low, binding.high) == (binding.parameter.min, binding.parameter.max)
        if kind == "switch":
            self._want(binding, amount > 0)
        elif kind == "choice":
            self._step(binding, amount / TICKS_PER_CHOICE)
        elif is_full_range:
            waiting = self._adjust.setdefault(binding.glide_ms, {})
            waiting[id] = waiting.get(id, 0.0) + amount * binding.travel_per_tick
        else:  # the daemon holds an adjustment at the parameter's ends, not at the map's
            position = binding.position_of(self._current(binding))
            away = (-amount if binding.invert else amount) * binding.travel_per_tick
            self._want(binding, binding.value_at(min(max(position + away, 0.0), 1.0)))

    def _step(self, binding: Binding, part: float) -> None:
        whole = int(self._detents[binding] + part)
        self._detents[binding] += part - whole
        if whole:
            assert binding.parameter is not None
            choices = binding.parameter.choices
            at = choices.index(str(self._current(binding))) + whole
            self._want(binding, choices[round(min(max(at, binding.low), binding.high))])

    def _turn_to(self, binding: Binding, move: Moved, now_s: float) -> None:
        position = move.value / move.control.top
        self.feedback.touched(move.control, move.value, now_s)
        if self._takeovers[binding].accepts(position, binding.position_of(self._current(binding))):
            self._want(binding, binding.value_at(position))

    def _want(self, binding: Binding, value: Value) -> None:
        assert binding.parameter is not None
        id = binding.parameter.id
        for waiting in self._set.values():
            waiting.pop(id, None)
        for amounts in self._adjust.values():
            amounts.pop(id, None)
        self._set.setdefault(binding.glide_ms, {})[id] = value
        self._release(id, but=binding)

    def _current(self, binding: Binding) -> Value:
        """The value with what waits to be sent, or was sent and is not confirmed yet."""
        assert binding.parameter is not None
        id = binding.parameter.id
        waiting = (values[id] for values in (*self._set.values(), self._expected) if id in values)
        return next(waiting, self.values[id])

    # from the daemon

    def follow(self, snapshot: StateSnapshot) -> None:
        """The daemon's whole state, at the start and whenever events were lost: knobs must be picked up again."""
        moved = [id for id, value in snapshot.values.items() if self.values.get(id) != value]
        self.values = dict(snapshot.values)
        self._expected.clear()
        self._preset, self._dirty = snapshot.preset, snapshot.dirty
        for id in moved:
            self._release(id)
        self._show()

    def changed(self, event: Changed) -> None:
        """The daemon's state moved."""
        for id, (_, new) in event.changes.items():
            self.values[id] = new
            self._expected.pop(id, None)
        self._preset, self._dirty = event.preset, event.dirty
        if event.origin != self.origin or event.cause not in ("set", "adjust"):
            for id in event.changes:
                self._release(id)
        self._show()

    def lost(self) -> None:
        """The daemon is gone. What was turned for it is dropped: it must not go on air when it comes back."""
        self.values = {}
        self._expected.clear()
        self._set.clear()
        self._adjust.clear()
        self._queue.clear()
        for takeover in self._takeovers.values():
            takeover.release()

    def refused(self) -> None:
        """The daemon did not do what a request asked."""
        self._expected.clear()

    def _release(self, id: str, but: Binding | None = None) -> None:
        for binding, takeover in self._takeovers.items():
            if binding is not but and binding.parameter and binding.parameter.id == id:
                takeover.release()

    def _show(self) -> None:
        for binding in self.map.bindings:
            value = shown_value(binding, self.map.profile, self.values, self._preset, self._dirty)
            if binding.shown_on is not None and value is not None:
                self.feedback.want(binding.shown_on, value)

    # out

    def requests(self, now_s: float) -> list[Request]:
        """What to ask of the daemon now; everything that waited, at most every PERIOD_S."""
        self._move(self._parser.late(now_s), now_s)
        if now_s - self._sent_s < PERIOD_S:
            return []
        self._flush()
        out, self._queue = self._queue, []
        if out:
            self._sent_s = now_s
        return out

    def _flush(self) -> None:
        for glide_ms, values in self._set.items():
            if values:
                self._expected |= values
                self._queue.append(Set(values=values, glide_ms=glide_ms, origin=self.origin))
        for glide_ms, amounts in self._adjust.items():
            if amounts:
                self._queue.append(Adjust(values=amounts, travel=True, glide_ms=glide_ms, origin=self.origin))
        self._set, self._adjust = {}, {}


def takeover(binding: Binding) -> Takeover:
    """Pick-up for a knob: choices and switches catch within their own position."""
    assert binding.parameter is not None
    positions = binding.high - binding.low if binding.parameter.kind != "number" else 0
    return Takeover(binding.jump, max(TOLERANCE, 0.5 / positions if positions else 0.0))
