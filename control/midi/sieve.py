"""What a flood leaves to be worked on: of a knob's positions the first and the newest, never more than a hand can do. Pure.

A cable brings one message a millisecond, and what a hand does is less. A port of a program that floods brings a hundred times
that; every one of them is taken from the queue, which must not overflow, and few of them mean anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from masterd.control.midi.mapping import Action, MidiMap
from masterd.control.midi.messages import CONTROL_CHANGE, LSB_OFFSET, NOTE_OFF, NOTE_ON, PITCH_BEND, Control, Kind
from masterd.control.midi.numbered import Numbered

FEW_MESSAGES = 16
MOST_MESSAGES = 256
"""At a time: a quarter of a second of a cable flat out."""

Message = Sequence[int]


class Sieve:
    """For one map: knows which controls say where they are. Of those the newest word counts, and the first, so that it is seen
    over which way a knob came that has to be picked up. Detents, presses and the halves of what has two count each."""

    def __init__(self, map: MidiMap) -> None:
        pressed = {it.place.name for it in map.bindings if it.action not in (Action.TURN, Action.SHOW)}
        every = [it for it in map.places if it.is_relative or it.name in pressed or (it.control and it.control.bits == 14)]
        controls = [control for place in every for control in (place.control,) if control]
        touches = [place.touch for place in map.places if place.touch]
        self._every = {key for control in (*controls, *touches) for key in keys(control)}

    def __call__(self, messages: Sequence[Message]) -> Sequence[Message]:
        """What is left of them, in their order."""
        if len(messages) <= FEW_MESSAGES:
            return messages
        count_each: list[int] = []
        ends: dict[tuple[int, int], list[int]] = {}
        for at, message in enumerate(messages):
            key = (message[0], 0 if message[0] & 0xF0 == PITCH_BEND else message[1]) if len(message) == 3 else None
            if key is None or key in self._every:
                count_each.append(at)
            else:
                ends.setdefault(key, [at, at])[1] = at
        left = sorted({*count_each, *(at for pair in ends.values() for at in pair)})
        return [messages[at] for at in left[-MOST_MESSAGES:]]


def keys(control: Control) -> Iterable[tuple[int, int]]:
    """The first two bytes of all messages that a control sends, of those whose every word counts."""
    channel = control.channel - 1
    match control.kind:
        case Kind.CC:
            numbers = (control.number, control.number + LSB_OFFSET) if control.bits == 14 else (control.number,)
            return [(CONTROL_CHANGE | channel, number) for number in numbers]
        case Kind.NOTE:
            return [(status | channel, control.number) for status in (NOTE_ON, NOTE_OFF)]
        case Kind.NRPN | Kind.RPN:
            return [(CONTROL_CHANGE | channel, number) for number in range(128) if Numbered.knows(number)]
    return []
