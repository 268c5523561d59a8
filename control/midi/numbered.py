"""NRPN and RPN of one channel: a number is selected (99, 98 or 101, 100), then its value comes (6, 38) or steps (96, 97). Pure.

Number 127, 127 selects nothing. Every part may come alone: what it leaves out stays as it was.
"""

from __future__ import annotations

from masterd.control.midi.messages import (
    DATA_LSB,
    DATA_MSB,
    DECREMENT,
    INCREMENT,
    NRPN_LSB,
    NRPN_MSB,
    NULL_NUMBER,
    RPN_LSB,
    RPN_MSB,
    Control,
    Kind,
    Moved,
    control_at,
)

SELECTORS = {NRPN_MSB: (Kind.NRPN, 7), NRPN_LSB: (Kind.NRPN, 0), RPN_MSB: (Kind.RPN, 7), RPN_LSB: (Kind.RPN, 0)}


class Numbered:
    """What is selected on a channel, and the value that is coming in."""

    def __init__(self, channel: int) -> None:
        self._channel = channel
        self._kind = Kind.NRPN
        self._number = NULL_NUMBER
        self._msb: int | None = None
        self._waiting_s: float | None = None

    @staticmethod
    def knows(number: int) -> bool:
        """Whether that control change is a part of NRPN or RPN."""
        return number in SELECTORS or number in (DATA_MSB, DATA_LSB, INCREMENT, DECREMENT)

    def feed(self, number: int, value: int, now_s: float) -> list[Moved]:
        """The moves that one control change completes."""
        if number in SELECTORS:
            return self._select(*SELECTORS[number], value)
        control = self._selected()
        if control is None:
            return []
        if number == DATA_LSB:
            self._waiting_s = None
            return [] if self._msb is None else [Moved(control, self._msb << 7 | value)]
        if number == DATA_MSB:
            before = self._coarse_alone()
            self._msb, self._waiting_s = value, now_s
            return before
        return [*self._coarse_alone(), Moved(control, 1 if number == INCREMENT else -1, is_step=True)]

    def late(self, before_s: float) -> list[Moved]:
        """The coarse half alone, when it has waited since before `before_s`."""
        return self._coarse_alone() if self._waiting_s is not None and self._waiting_s < before_s else []

    def _select(self, kind: Kind, shift: int, value: int) -> list[Moved]:
        before = self._coarse_alone()
        if kind is not self._kind:
            self._kind, self._number = kind, NULL_NUMBER
        self._number = (self._number & ~(0x7F << shift)) | value << shift
        self._msb = None
        return before

    def _selected(self) -> Control | None:
        return None if self._number == NULL_NUMBER else control_at(self._kind, self._channel, self._number)

    def _coarse_alone(self) -> list[Moved]:
        control = self._selected()
        if self._waiting_s is None or self._msb is None or control is None:
            return []
        self._waiting_s = None
        return [Moved(control, self._msb << 7 | self._msb)]
