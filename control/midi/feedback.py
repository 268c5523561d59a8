"""Lights, rings, displays and motor faders: shows state on the box, 30 times a second at most and only what changed. Pure."""

from __future__ import annotations

from masterd.control.midi.spots import Shown, Spot

PERIOD_S = 1 / 30
ECHO_S = 0.030
"""A value that comes back from a control within this time after it was shown there is its echo, not a hand."""
UNECHOED = 64
"""After so many messages in a row that did not come back the box is known not to echo: a fast second press is a press."""
TOUCH_S = 0.2
"""An absolute control that moved so recently is under a hand: nothing is shown on it until it rests."""


class Feedback:
    """Remembers what the box shows and what it should show."""

    def __init__(self) -> None:
        self._wanted: dict[Spot, Shown] = {}
        self._pending: dict[Spot, None] = {}  # in the order in which it was wanted
        self._shown: dict[Spot, Shown] = {}
        self._shown_s: dict[Spot, float] = {}
        self._touched_s: dict[Spot, float] = {}
        self._hands: set[Spot] = set()
        self._unechoed = 0
        self._sent_s = float("-inf")

    def want(self, spot: Spot, value: Shown) -> None:
        """`spot` should show `value`. What falls by itself is told again even if it should stay."""
        if value and getattr(spot, "decays", False):
            self._shown.pop(spot, None)
        elif self._wanted.get(spot) == value == self._shown.get(spot):
            return
        self._wanted[spot] = value
        self._pending[spot] = None

    def touched(self, spot: Spot, value: int, now_s: float, has_motor: bool = False) -> None:
        """A hand moved what shows on `spot` to `value`, which it therefore shows. A motor is told anyway, when the hand rests: it
        would go back otherwise."""
        self._touched_s[spot] = now_s
        if has_motor:
            self._shown.pop(spot, None)
        else:
            self._shown[spot] = value
        self._pending[spot] = None

    def hold(self, spot: Spot, is_held: bool) -> None:
        """A hand lies on a motor, or has left it: until then nothing is shown there."""
        if is_held:
            self._hands.add(spot)
        else:
            self._hands.discard(spot)
            self._touched_s.pop(spot, None)
            self.released(spot)

    def released(self, spot: Spot) -> None:
        """Many boxes light a button by themselves while it is down: what it should show is sent again."""
        self._shown.pop(spot, None)
        self._pending[spot] = None

    def is_echo(self, spot: Spot, value: int, now_s: float) -> bool:
        """Whether `value` is what the box was told just now. True once for each message sent."""
        if self._shown.get(spot) != value or now_s - self._shown_s.get(spot, float("-inf")) > ECHO_S:
            return False
        del self._shown_s[spot]
        if self._unechoed >= UNECHOED:
            return False
        self._unechoed = 0
        return True

    def refresh(self) -> None:
        """The box forgot everything: all is shown again."""
        self._shown.clear()
        self._shown_s.clear()
        self._touched_s.clear()
        self._hands.clear()
        self._unechoed = 0
        self._pending.update(dict.fromkeys(self._wanted))

    def messages(self, now_s: float) -> list[bytes]:
        """What to send now."""
        if not self._pending or now_s - self._sent_s < PERIOD_S:
            return []
        at_rest = [spot for spot in self._pending if self._is_at_rest(spot, now_s)]
        for spot in at_rest:
            del self._pending[spot]
        due = [spot for spot in at_rest if self._wanted.get(spot) not in (None, self._shown.get(spot))]
        if due:
            self._sent_s = now_s
        return [message for spot in due for message in self._show(spot, now_s)]

    def _is_at_rest(self, spot: Spot, now_s: float) -> bool:
        return spot not in self._hands and now_s - self._touched_s.get(spot, float("-inf")) > TOUCH_S

    def _show(self, spot: Spot, now_s: float) -> list[bytes]:
        value = self._shown[spot] = self._wanted[spot]
        self._unechoed += spot in self._shown_s
        self._shown_s[spot] = now_s
        return spot.messages(value)
