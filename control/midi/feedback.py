"""Lights, rings, displays and motor faders of a MIDI box: what is particular to what moves and falls by itself. Pure."""

from __future__ import annotations

from masterd.control import feedback
from masterd.control.midi.spots import Shown, Spot

UNECHOED = 64
"""After so many messages in a row that did not come back the box is known not to echo: a fast second press is a press."""


class Feedback(feedback.Feedback[Spot, Shown]):
    """What a box shows on its spots."""

    def __init__(self) -> None:
        super().__init__()
        self._hands: set[Spot] = set()
        self._unechoed = 0

    def want(self, spot: Spot, value: Shown) -> None:
        """`spot` should show `value`. What falls by itself is told again even if it should stay."""
        if value and getattr(spot, "decays", False):
            self._shown.pop(spot, None)
        elif self._wanted.get(spot) == value == self._shown.get(spot):
            return
        super().want(spot, value)

    def pulled(self, spot: Spot, now_s: float) -> None:
        """A hand moved a motor: it is told where to be when the hand rests, or it would go back."""
        self._touched_s[spot] = now_s
        self.released(spot)

    def hold(self, spot: Spot, is_held: bool) -> None:
        """A hand lies on a motor, or has left it: until then nothing is shown there."""
        if is_held:
            self._hands.add(spot)
        else:
            self._hands.discard(spot)
            self._touched_s.pop(spot, None)
            self.released(spot)

    def is_at_rest(self, spot: Spot, now_s: float) -> bool:
        """Whether no hand is there."""
        return spot not in self._hands and super().is_at_rest(spot, now_s)

    def is_echo(self, spot: Spot, value: Shown, now_s: float) -> bool:
        """Whether `value` is what the box was told just now, and it is a box that echoes, as far as is known."""
        if not super().is_echo(spot, value, now_s) or self._unechoed >= UNECHOED:
            return False
        self._unechoed = 0
        return True

    def refresh(self) -> None:
        """The box forgot everything: all is shown again."""
        super().refresh()
        self._hands.clear()
        self._unechoed = 0

    def messages(self, now_s: float) -> list[bytes]:
        """What to send now."""
        if not self._pending:
            return []
        before = {*self._shown_s}
        due = self.due(now_s)
        self._unechoed += sum(spot in before for spot, _ in due)
        return [message for spot, value in due for message in spot.messages(value)]
