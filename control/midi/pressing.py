"""Buttons: what a press and a release do. Pure; time comes from outside."""

from __future__ import annotations

from masterd.control.midi.compare import Compare
from masterd.control.midi.layers import Layers
from masterd.control.midi.mapping import Action, Binding
from masterd.control.midi.wishes import Wishes
from masterd.control.parameters import Value
from masterd.control.protocol import PresetLoad, Redo, Undo

HOLD_S = 0.5
"""A button that means two things means the second one when held so long."""


class Pressing:
    """The buttons of one box. A release belongs to what the press did, even if the page was turned in between."""

    def __init__(self, wishes: Wishes, layers: Layers) -> None:
        self.compare = Compare()
        self._wishes = wishes
        self._layers = layers
        self._down: dict[str, Binding] = {}
        self._since_s: dict[str, float] = {}

    def press(self, binding: Binding, now_s: float) -> None:
        """The button of `binding` went down."""
        name, parameter = binding.place.name, binding.parameter
        self._down[name] = binding
        match binding.action:
            case Action.MOMENTARY:
                self._set(binding, not binding.invert)
            case Action.TOGGLE:
                self._set(binding, self._next_position(binding))
            case Action.SELECT if binding.value is not None:
                self._set(binding, binding.value)
            case Action.DEFAULT if parameter:
                self._set(binding, parameter.default)
            case Action.UNDO_REDO:
                self._since_s[name] = now_s
            case Action.SHIFT:
                layer = str(binding.to)
                self._layers.shift(layer, not binding.latch or layer not in self._layers.on)
            case _:
                self._command(binding)

    def release(self, name: str) -> None:
        """The button of that name went up."""
        binding = self._down.pop(name, None)
        if binding is None:
            return
        if binding.action is Action.MOMENTARY:
            self._set(binding, binding.invert)
        elif binding.action is Action.SHIFT and not binding.latch:
            self._layers.shift(str(binding.to), False)
        elif binding.action is Action.UNDO_REDO and self._since_s.pop(name, None) is not None:
            self._wishes.ask(Undo(glide_ms=binding.glide_ms))

    def held(self, now_s: float) -> None:
        """Does what a button means that has been held long enough."""
        for name in [name for name, since_s in self._since_s.items() if now_s - since_s >= HOLD_S]:
            del self._since_s[name]
            self._wishes.ask(Redo(glide_ms=self._down[name].glide_ms))

    def forget(self) -> None:
        """The box is gone, and whatever was held on it."""
        held = [it for it in self._down.values() if it.action is Action.SHIFT and not it.latch]
        self._layers.drop(str(binding.to) for binding in held)
        self._down.clear()
        self._since_s.clear()

    def _command(self, binding: Binding) -> None:
        match binding.action:
            case Action.PRESET:
                self._wishes.ask(PresetLoad(name=binding.preset, glide_ms=binding.glide_ms))
            case Action.UNDO:
                self._wishes.ask(Undo(glide_ms=binding.glide_ms))
            case Action.REDO:
                self._wishes.ask(Redo(glide_ms=binding.glide_ms))
            case Action.COMPARE:
                if values := self.compare.press(self._wishes.all_current()):
                    self._wishes.put_all(values, binding.glide_ms)
            case Action.REMEMBER:
                self.compare.begin(self._wishes.all_current())
            case _:
                self._navigate(binding)

    def _navigate(self, binding: Binding) -> None:
        match binding.action:
            case Action.PAGE:
                self._layers.go_to_page(str(binding.to))
            case Action.PAGE_LEFT | Action.PAGE_RIGHT:
                self._layers.step_page(1 if binding.action is Action.PAGE_RIGHT else -1)
            case Action.BANK:
                self._layers.go_to_bank(binding.bank, int(binding.to))
            case Action.BANK_LEFT | Action.BANK_RIGHT:
                self._layers.step_bank(binding.bank, right=binding.action is Action.BANK_RIGHT)
            case Action.CHANNEL_LEFT | Action.CHANNEL_RIGHT:
                self._layers.step_bank(binding.bank, 1, binding.action is Action.CHANNEL_RIGHT)
            case Action.FLIP:
                self._layers.flip()

    def _set(self, binding: Binding, value: Value) -> None:
        assert binding.parameter is not None
        self._wishes.put(binding.parameter.id, value, binding.glide_ms)

    def _next_position(self, binding: Binding) -> Value:
        assert binding.parameter is not None
        now = self._wishes.current(binding.parameter)
        if not binding.parameter.choices:
            return not now
        choices = binding.parameter.choices[round(binding.low) : round(binding.high) + 1]
        return choices[(choices.index(str(now)) + 1) % len(choices)] if now in choices else choices[0]
