"""Lights, rings and motor faders: shows state on the box, no more than 30 times a second and only what changed. Pure."""

from __future__ import annotations

from masterd.control.midi.messages import Control

PERIOD_S = 1 / 30
ECHO_S = 0.030
"""A value that comes back from a control within this time after it was shown there is its echo, not a hand."""
TOUCH_S = 0.2
"""An absolute control that moved so recently is under a hand: nothing is shown on it until it rests."""


class Feedback:
    """Remembers what the box shows and what it should show."""

    def __init__(self) -> None:
        self._wanted: dict[Control, int] = {}
        self._pending: set[Control] = set()
        self._shown: dict[Control, int] = {}
        self._shown_s: dict[Control, float] = {}
        self._touched_s: dict[Control, float] = {}
        self._sent_s = float("-inf")

    def want(self, control: Control, value: int) -> None:
        """`control` should show `value`."""
        self._wanted[control] = value
        self._pending.add(control)

    def touched(self, control: Control, value: int, now_s: float) -> None:
        """A hand moved an absolute control to `value`, which it therefore shows."""
        self._touched_s[control] = now_s
        self._shown[control] = value
        self._pending.add(control)

    def released(self, control: Control) -> None:
        """Many boxes light a button by themselves while it is down: what it should show is sent again."""
        self._shown.pop(control, None)
        self._pending.add(control)

    def is_echo(self, control: Control, value: int, now_s: float) -> bool:
        """Whether `value` is what the box was told just now. True once for each message sent."""
        if self._shown.get(control) != value or now_s - self._shown_s.get(control, float("-inf")) > ECHO_S:
            return False
        del self._shown_s[control]
        return True

    def refresh(self) -> None:
        """The box forgot everything: all is shown again."""
        self._shown.clear()
        self._shown_s.clear()
        self._touched_s.clear()
        self._pending.update(self._wanted)

    def messages(self, now_s: float) -> list[bytes]:
        """What to send now."""
        if not self._pending or now_s - self._sent_s < PERIOD_S:
            return []
        at_rest = [control for control in self._pending if now_s - self._touched_s.get(control, float("-inf")) > TOUCH_S]
        self._pending.difference_update(at_rest)
        due = sorted(control for control in at_rest if self._wanted.get(control) not in (None, self._shown.get(control)))
        if due:
            self._sent_s = now_s
        return [message for control in due for message in self._show(control, now_s)]

    def _show(self, control: Control, now_s: float) -> list[bytes]:
        value = self._shown[control] = self._wanted[control]
        self._shown_s[control] = now_s
        return control.messages(value)
