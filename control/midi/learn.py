"""Learns a control: collects what the box sends while a person turns one, and says which control it was and how it speaks. Pure.

One direction cannot tell an encoder's encoding (1 is a step right in two of them), so the person turns right, then left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from masterd.control.midi.encodings import Encoding, told_apart
from masterd.control.midi.messages import LSB_OFFSET, Control, Kind, Moved, moved


@dataclass(frozen=True, slots=True)
class Learned:
    """A control, and what its values mean. `is_button` when it only ever says pressed and released."""

    control: Control
    encoding: Encoding
    is_button: bool


class Learner:
    """Feed it the messages of one gesture: `turned_right()` begins the first half, `turned_left()` the second."""

    def __init__(self) -> None:
        self._right: dict[Control, list[int]] = defaultdict(list)
        self._left: dict[Control, list[int]] = defaultdict(list)
        self._half: dict[Control, list[int]] = self._right

    def now_left(self) -> None:
        """What comes from here on was turned left."""
        self._half = self._left

    def feed(self, message: Sequence[int]) -> Moved | None:
        """Takes a message; the move it is, if any."""
        move = moved(message)
        if move is not None:
            self._half[move.control].append(move.value)
        return move

    @property
    def has_turned_left(self) -> bool:
        """Whether the second half has begun to come."""
        return bool(self._left)

    def most_active(self) -> Control | None:
        """The control that moved most; the fine half of a pair counts for its coarse half."""
        counts = {control: len(self._right[control]) + len(self._left[control]) for control in {*self._right, *self._left}}
        if not counts:
            return None
        busiest = max(counts, key=lambda control: (counts[control], -control.number))
        return self._coarse(busiest) or busiest

    def is_button(self) -> bool:
        """Whether the control only knows pressed and released: no turning left is needed."""
        control = self.most_active()
        if control is None or control.kind is Kind.PITCH_BEND:
            return False
        values = {*self._right[control], *self._left[control]}
        return control.kind is Kind.NOTE or (values <= {0, 127} and 127 in values and len(self._right[control]) <= 8)

    def learned(self) -> Learned | None:
        """The result; None when nothing moved."""
        control = self.most_active()
        if control is None:
            return None
        if self.is_button():
            return Learned(control, Encoding.ABSOLUTE, True)
        if control.kind is not Kind.CC:
            return Learned(control, Encoding.ABSOLUTE, False)
        if self._is_pair(control):
            return Learned(Control(Kind.CC, control.channel, control.number, 14), Encoding.ABSOLUTE, False)
        return Learned(control, told_apart(set(self._right[control]), set(self._left[control])), False)

    def _coarse(self, control: Control) -> Control | None:
        if control.kind is not Kind.CC or not LSB_OFFSET <= control.number < 2 * LSB_OFFSET:
            return None
        coarse = Control(Kind.CC, control.channel, control.number - LSB_OFFSET)
        return coarse if self._is_pair(coarse) else None

    def _is_pair(self, control: Control) -> bool:
        """Both halves moved; the fine one at least half as often, since some boxes leave an unchanged half out."""
        if control.number >= LSB_OFFSET:
            return False
        fine = Control(Kind.CC, control.channel, control.number + LSB_OFFSET)
        coarse_count, fine_count = (len(self._right[it]) + len(self._left[it]) for it in (control, fine))
        return coarse_count > 0 and fine_count >= max(2, coarse_count // 2)
