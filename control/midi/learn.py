"""Learns a control: collects what a box sends while a person turns one, and says which control it was and how it speaks. Pure.

One direction cannot tell an encoder's encoding (1 is a step right in two of them), so the person turns right, then left. What
trembles beside the control that is turned, a worn knob or a fader half way between two values, gets nowhere and is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise

from masterd.control.midi.encodings import RELATIVE, Encoding, ticks, told_apart
from masterd.control.midi.messages import (
    LSB_OFFSET,
    NRPN_LSB,
    NRPN_MSB,
    RPN_LSB,
    RPN_MSB,
    Control,
    Kind,
    Moved,
    control_at,
    moved,
)
from masterd.control.midi.numbered import Numbered

BUTTONS = (Kind.NOTE, Kind.PROGRAM)
SELECTORS = {Kind.NRPN: (NRPN_MSB, NRPN_LSB), Kind.RPN: (RPN_MSB, RPN_LSB)}
MOST_PRESSES = 8
"""More than that in one gesture is a knob between its ends."""
TREMBLE = 3 / 127
"""Of the travel: what gets no further than this was not turned."""
MOST_KEPT = 4096
"""Of one control in one direction; a box that floods is not remembered without a bound."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A control, and what its values mean. `is_button` when it only ever says pressed and released; `invert` when it counts
    the other way."""

    control: Control
    encoding: Encoding
    is_button: bool = False
    invert: bool = False

    @property
    def speech(self) -> str:
        """In a word: `button`, or the encoding."""
        return "button" if self.is_button else str(self.encoding)


@dataclass(slots=True)
class Heard:
    """The values of one control, turned right and turned left."""

    right: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    is_steps: bool = False
    """It says how far, by itself: the values are sums."""

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.right) + len(self.left)


class Learner:
    """Feed it the messages of one gesture, call `now_left()` between its halves."""

    def __init__(self) -> None:
        self._heard: dict[Control, Heard] = defaultdict(Heard)
        self._numbered: dict[int, Numbered] = {}
        self._in_step: dict[Control, int] = defaultdict(int)
        self._is_coarse_before: dict[Control, bool] = {}
        self._is_left = False

    def now_left(self) -> None:
        """What comes from here on was turned left."""
        self._is_left = True

    def feed(self, message: Sequence[int], now_s: float = 0.0) -> Moved | None:
        """Takes a message; the move it is, if any."""
        move = moved(message)
        if move is None:
            return None
        self._take(move)
        if move.control.kind is Kind.CC:
            self._follow(move)
            channel = move.control.channel
            numbered = self._numbered.setdefault(channel, Numbered(channel))
            if numbered.knows(move.control.number):
                for whole in numbered.feed(move.control.number, move.value, now_s):
                    self._take(whole)
        return move

    def _take(self, move: Moved) -> None:
        heard = self._heard[move.control]
        heard.is_steps |= move.is_step
        values = heard.left if self._is_left else heard.right
        if len(values) < MOST_KEPT:
            values.append(values[-1] + move.value if move.is_step and values else move.value)

    def _follow(self, move: Moved) -> None:
        """Counts the fine halves that come next after their coarse ones."""
        if move.control.number < 2 * LSB_OFFSET:
            coarse = control_at(Kind.CC, move.control.channel, move.control.number % LSB_OFFSET)
            is_fine = move.control != coarse
            self._in_step[coarse] += is_fine and self._is_coarse_before.get(coarse, False)
            self._is_coarse_before[coarse] = not is_fine

    def found(self) -> Learned | None:
        """The control that was turned, as far as it can be told by now; None when nothing but trembling came."""
        scored = {learned: score for learned, score in self._candidates() if score > 0}
        return max(scored, key=lambda it: (self._is_told(it), scored[it], it.control.bits, -it.control.number), default=None)

    def _is_told(self, found: Learned) -> bool:
        """In the second half: it was turned left as well, or needs not be."""
        return self._is_left and not self.needs_left(found)

    def needs_left(self, found: Learned) -> bool:
        """Whether turning it to the left as well would tell more."""
        return not found.is_button and found.control.bits == 7 and not self._heard[found.control].left

    def _candidates(self) -> Iterable[tuple[Learned, float]]:
        parts = self._parts()
        for control, heard in self._heard.items():
            if (control.kind, control.channel, control.number) in parts or not self._is_selected(control):
                continue
            if control.kind is Kind.CC and self._is_pair(control):
                yield Learned(Control(Kind.CC, control.channel, control.number, 14), Encoding.ABSOLUTE), float(heard.count)
            else:
                yield judged(control, heard)

    def _parts(self) -> set[tuple[Kind, int, int]]:
        """Control changes that are but parts of others: fine halves, and what NRPN and RPN are made of."""
        fine = {
            (Kind.CC, control.channel, control.number + LSB_OFFSET)
            for control in [*self._heard]
            if control.kind is Kind.CC and self._is_pair(control)
        }
        channels = {it.channel for it in self._heard if it.kind in SELECTORS and self._is_selected(it)}
        numbered = {(Kind.CC, channel, number) for channel in channels for number in range(128) if Numbered.knows(number)}
        return fine | numbered

    def _is_selected(self, control: Control) -> bool:
        """Whether both halves of an NRPN's or RPN's number were heard: one alone is a knob that happens to be there."""
        numbers = SELECTORS.get(control.kind, ())
        return all(control_at(Kind.CC, control.channel, number) in self._heard for number in numbers)

    def _is_pair(self, control: Control) -> bool:
        """The fine half came next after the coarse one nearly every time, and did more than tremble: two knobs that are turned
        together do not keep in step. Some boxes leave out a coarse half that is unchanged."""
        fine = self._heard.get(control_at(Kind.CC, control.channel, control.number + LSB_OFFSET))
        if control.number >= LSB_OFFSET or control not in self._heard or fine is None:
            return False
        values = (*fine.right, *fine.left)
        return max(values) - min(values) > 1 and self._in_step[control] >= 0.8 * self._heard[control].count


def judged(control: Control, heard: Heard) -> tuple[Learned, float]:
    """What one control alone looks like, and how much speaks for it: about the number of messages that got it somewhere."""
    if control.kind in BUTTONS:
        return Learned(control, Encoding.ABSOLUTE, is_button=True), float(sum(value > 0 for value in heard.right))
    if control.kind is not Kind.CC:
        return Learned(control, Encoding.ABSOLUTE), heard.count * (heard.is_steps or travel(control, heard) > TREMBLE)
    if is_switch(heard.right) and (not heard.left or is_switch(heard.left)):
        return Learned(control, Encoding.ABSOLUTE, is_button=True), 1.0
    right, left = set(heard.right), set(heard.left)
    if left and (encoding := told_apart(right, left)) is not Encoding.ABSOLUTE:
        return Learned(control, encoding), 2.0 * heard.count
    if left and (encoding := told_apart(left, right)) is not Encoding.ABSOLUTE:
        return Learned(control, encoding, invert=True), 2.0 * heard.count
    may_be_relative = not left and any(counts_one_way(encoding, right) for encoding in RELATIVE)
    return Learned(control, Encoding.ABSOLUTE), heard.count * (may_be_relative or travel(control, heard) > TREMBLE)


def counts_one_way(encoding: Encoding, values: Set[int]) -> bool:
    """Whether they may be detents of an encoder that was turned one way, slowly at some time."""
    detents = [ticks(encoding, value) for value in values]
    is_one_way = min(detents, default=0) > 0 or max(detents, default=0) < 0
    return is_one_way and min(map(abs, detents)) <= 2


def is_switch(values: Sequence[int]) -> bool:
    """Only pressed and released, in turns, and few times."""
    return 0 < len(values) <= MOST_PRESSES and {*values} <= {0, 127} and all(a != b for a, b in pairwise(values))


def travel(control: Control, heard: Heard) -> float:
    """How far it got, of its whole travel, one way and back."""
    ways = [values for values in (heard.right, heard.left) if values]
    return sum(abs(values[-1] - values[0]) for values in ways) / control.top
