"""Knobs, faders and encoders: their movements become values of parameters. Pure."""

from __future__ import annotations

from collections import defaultdict

from masterd.control.midi.encodings import Acceleration
from masterd.control.midi.mapping import Binding
from masterd.control.midi.takeover import TOLERANCE, Takeover
from masterd.control.midi.wishes import Wishes

TICKS_PER_CHOICE = 4
"""Detents of an encoder from one choice to the next."""


class Turning:
    """All controls of a box that turn something. What they remember goes by their place's name."""

    def __init__(self, wishes: Wishes) -> None:
        self._wishes = wishes
        self._takeovers: dict[str, Takeover] = defaultdict(Takeover)
        self._accelerations: dict[str, Acceleration] = defaultdict(Acceleration)
        self._detents: dict[str, float] = defaultdict(float)

    def to(self, binding: Binding, position: float) -> None:
        """A knob came to `position`, 0..1."""
        assert binding.parameter is not None
        current = binding.position_of(self._wishes.current(binding.parameter))
        takeover = self._takeovers[binding.place.name]
        target = takeover.turn(binding.mode, position, current, tolerance(binding))
        if target is not None:
            self._wishes.put(binding.parameter.id, binding.value_at(target), binding.glide_ms)

    def by(self, binding: Binding, count: int, now_s: float) -> None:
        """An encoder turned by `count` detents, right is positive."""
        assert binding.parameter is not None
        id, kind = binding.parameter.id, binding.parameter.kind
        amount = self._accelerations[binding.place.name](-count if binding.invert else count, now_s)
        if not count:
            return
        is_full_range = (binding.low, binding.high) == (binding.parameter.min, binding.parameter.max)
        if kind == "switch":
            self._wishes.put(id, amount > 0, binding.glide_ms)
        elif kind == "choice":
            self._step(binding, amount / TICKS_PER_CHOICE)
        elif is_full_range:
            self._wishes.adjust(id, amount * binding.travel_per_tick, binding.glide_ms)
        else:  # the daemon holds an adjustment at the parameter's ends, not at the map's
            position = binding.position_of(self._wishes.current(binding.parameter))
            away = (-amount if binding.invert else amount) * binding.travel_per_tick
            self._wishes.put(id, binding.value_at(min(max(position + away, 0.0), 1.0)), binding.glide_ms)

    def _step(self, binding: Binding, part: float) -> None:
        name = binding.place.name
        whole = int(self._detents[name] + part)
        self._detents[name] += part - whole
        if whole:
            assert binding.parameter is not None
            choices = binding.parameter.choices
            at = choices.index(str(self._wishes.current(binding.parameter))) + whole
            choice = choices[round(min(max(at, binding.low), binding.high))]
            self._wishes.put(binding.parameter.id, choice, binding.glide_ms)

    def is_waiting(self, binding: Binding) -> bool:
        """Whether the knob does nothing until it is picked up."""
        if not binding.is_knob or binding.parameter is None or binding.parameter.id not in self._wishes.values:
            return False
        current = binding.position_of(self._wishes.current(binding.parameter))
        return self._takeovers[binding.place.name].is_waiting(binding.mode, current, tolerance(binding))

    def release(self, name: str) -> None:
        """The parameter of the control with that name was moved by somebody else, or it has another one."""
        self._takeovers[name].release()

    def forget(self) -> None:
        """The box was away: nobody knows where its knobs stand."""
        for takeover in self._takeovers.values():
            takeover.forget()


def tolerance(binding: Binding) -> float:
    """How near a knob must come: choices and switches catch within their own position."""
    assert binding.parameter is not None
    positions = binding.high - binding.low if binding.parameter.kind != "number" else 0
    return max(TOLERANCE, 0.5 / positions if positions else 0.0)
