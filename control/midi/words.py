"""What bindings do and what moves did, in words for tables and monitors."""

from __future__ import annotations

from masterd.control.midi.encodings import ticks
from masterd.control.midi.mapping import Action, Binding
from masterd.control.midi.messages import Moved
from masterd.control.midi.wishes import Wishes
from masterd.control.text import value_text

STEPS = {
    Action.PAGE_LEFT: "page to the left",
    Action.PAGE_RIGHT: "page to the right",
    Action.BANK_LEFT: "bank {bank} to the left",
    Action.BANK_RIGHT: "bank {bank} to the right",
    Action.CHANNEL_LEFT: "bank {bank} one to the left",
    Action.CHANNEL_RIGHT: "bank {bank} one to the right",
    Action.PAGE: "page {to}",
    Action.BANK: "bank {bank} at {to}",
    Action.SHIFT: "layer {to}",
    Action.PRESET: "preset {preset}",
    Action.SHOW: "shows {shows}",
    Action.UNDO_REDO: "undo, held: redo",
}


def does(binding: Binding) -> str:
    """`eq.1.gain_db`, `limiter.mode = loud`, `preset speech`, `page main`."""
    if binding.parameter is None:
        words = STEPS.get(binding.action, str(binding.action))
        return words.format(bank=binding.bank, to=binding.to, preset=binding.preset, shows=binding.shows)
    match binding.action:
        case Action.SELECT:
            return f"{binding.parameter.id} = {binding.value}"
        case Action.DEFAULT:
            return f"{binding.parameter.id} to its default"
        case Action.MOMENTARY:
            return f"{binding.parameter.id} while held"
    return binding.parameter.id


def outcome(move: Moved, binding: Binding | None, wishes: Wishes, hint: str) -> str:
    """What came of a hand's move; `hint` says what the knob must be turned to first."""
    if not wishes.values:
        return "nothing: no daemon"
    if binding is None:
        return "nothing: not in the map, or not on this page"
    if binding.parameter is None:
        return does(binding) if move.value else "released"
    if binding.parameter.id not in wishes.values:
        return f"nothing: this daemon has no {binding.parameter.id}"
    if hint:
        return f"waiting: {hint}"
    now = value_text(binding.parameter, wishes.current(binding.parameter))
    if binding.action is not Action.TURN:
        return f"{does(binding)}: {now}" if move.value else "released"
    if binding.is_relative or move.is_step:
        count = move.value if move.is_step else ticks(binding.encoding, move.value)
        return f"{binding.parameter.id} {count:+d}"
    return f"{binding.parameter.id}: {now}"
