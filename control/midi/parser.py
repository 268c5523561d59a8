"""Messages of a box in, moves of its controls out: joins the two halves of 14-bit controls, and the parts of NRPN and RPN.
Pure; time comes from outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from masterd.control.midi.messages import LSB_OFFSET, Control, Kind, Moved, moved
from masterd.control.midi.numbered import Numbered

PAIR_S = 0.005
"""How long a coarse half waits for its fine half."""


class Parser:
    """Knows which controls come in two halves, and which channels speak NRPN or RPN; every other control change is a control
    of its own."""

    def __init__(self, controls: Iterable[Control] = ()) -> None:
        controls = list(controls)
        wide = [control for control in controls if control.kind is Kind.CC and control.bits == 14]
        self._coarse = {(control.channel, control.number): control for control in wide}
        self._fine = {(control.channel, control.number + LSB_OFFSET): control for control in wide}
        bends = (it for it in controls if it.kind is Kind.PITCH_BEND and it.bits == 7)
        self._coarse_bends = {control.channel: control for control in bends}
        self._numbered = {it.channel: Numbered(it.channel) for it in controls if it.kind in (Kind.NRPN, Kind.RPN)}
        self._msb: dict[Control, int] = {}
        self._waiting_s: dict[Control, float] = {}

    def feed(self, message: Sequence[int], now_s: float) -> list[Moved]:
        """The moves that `message` completes; any sequence of numbers is survived."""
        move = moved(message)
        if move is None:
            return []
        if move.control.kind is not Kind.CC:
            return [self._bent(move)]
        at = (move.control.channel, move.control.number)
        if at in self._coarse:
            return self._take_coarse(self._coarse[at], move.value, now_s)
        if at in self._fine:
            return self._take_fine(self._fine[at], move.value)
        numbered = self._numbered.get(move.control.channel)
        if numbered and numbered.knows(move.control.number):
            return numbered.feed(move.control.number, move.value, now_s)
        return [move]

    def _bent(self, move: Moved) -> Moved:
        coarse = self._coarse_bends.get(move.control.channel) if move.control.kind is Kind.PITCH_BEND else None
        return Moved(coarse, move.value >> 7) if coarse else move

    def late(self, now_s: float) -> list[Moved]:
        """Controls whose fine half did not come in time: the coarse half alone, spread so that 127 is still the top."""
        overdue = [control for control, since_s in self._waiting_s.items() if now_s - since_s > PAIR_S]
        moves = [self._coarse_alone(control) for control in overdue]
        for numbered in self._numbered.values():
            moves += numbered.late(now_s - PAIR_S)
        return moves

    def _take_coarse(self, control: Control, value: int, now_s: float) -> list[Moved]:
        before = [self._coarse_alone(control)] if control in self._waiting_s else []
        self._msb[control] = value
        self._waiting_s[control] = now_s
        return before

    def _take_fine(self, control: Control, value: int) -> list[Moved]:
        self._waiting_s.pop(control, None)
        msb = self._msb.get(control)
        return [] if msb is None else [Moved(control, msb << 7 | value)]  # a fine half alone refines the last coarse one

    def _coarse_alone(self, control: Control) -> Moved:
        del self._waiting_s[control]
        return Moved(control, self._msb[control] << 7 | self._msb[control])
