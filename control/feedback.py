"""What a surface shows: lights, rings, motor faders, screens follow the state, 30 times a second at most, changes only. Pure.

A place under a hand is left alone until it rests; what a surface sends back of what it was shown is no hand.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

PERIOD_S = 1 / 30
ECHO_S = 0.030
"""A value that comes back from a place within this time after it was shown there is its echo, not a hand."""
TOUCH_S = 0.2
"""A place that moved so recently is under a hand: nothing is shown on it until it rests."""


Place = TypeVar("Place", bound=Hashable)
Shown = TypeVar("Shown")


class Feedback(Generic[Place, Shown]):
    """Remembers what a surface shows and what it should show."""

    def __init__(self) -> None:
        self._wanted: dict[Place, Shown] = {}
        self._pending: dict[Place, None] = {}
        self._shown: dict[Place, Shown] = {}
        self._shown_s: dict[Place, float] = {}
        self._touched_s: dict[Place, float] = {}
        self._sent_s = float("-inf")

    def want(self, place: Place, value: Shown) -> None:
        """`place` should show `value`."""
        self._wanted[place] = value
        self._pending[place] = None

    def touched(self, place: Place, value: Shown, now_s: float) -> None:
        """A hand moved an absolute control to `value`, which it therefore shows."""
        self._touched_s[place] = now_s
        self._shown[place] = value
        self._pending[place] = None

    def released(self, place: Place) -> None:
        """Many boxes light a button by themselves while it is down: what it should show is sent again."""
        self._shown.pop(place, None)
        self._pending[place] = None

    def is_echo(self, place: Place, value: Shown, now_s: float) -> bool:
        """Whether `value` is what the surface was told just now. True once for each time it was."""
        if self._shown.get(place) != value or now_s - self._shown_s.get(place, float("-inf")) > ECHO_S:
            return False
        del self._shown_s[place]
        return True

    def refresh(self) -> None:
        """The surface forgot everything: all is shown again."""
        self._shown.clear()
        self._shown_s.clear()
        self._touched_s.clear()
        self._pending.update(dict.fromkeys(self._wanted))

    def is_at_rest(self, place: Place, now_s: float) -> bool:
        """Whether no hand is there."""
        return now_s - self._touched_s.get(place, float("-inf")) > TOUCH_S

    def due(self, now_s: float) -> list[tuple[Place, Shown]]:
        """What to show now, in the order in which it was wanted; it counts as shown."""
        if not self._pending or now_s - self._sent_s < PERIOD_S:
            return []
        at_rest = [place for place in self._pending if self.is_at_rest(place, now_s)]
        for place in at_rest:
            del self._pending[place]
        due = [place for place in at_rest if self._wanted.get(place) not in (None, self._shown.get(place))]
        if due:
            self._sent_s = now_s
        for place in due:
            self._shown[place], self._shown_s[place] = self._wanted[place], now_s
        return [(place, self._wanted[place]) for place in due]
