"""Lights, rings and motor faders of a MIDI box."""

from __future__ import annotations

from masterd.control import feedback
from masterd.control.midi.messages import Control


class Feedback(feedback.Feedback[Control, int]):
    """What a box shows on its controls."""

    def messages(self, now_s: float) -> list[bytes]:
        """What to send now."""
        return [message for control, value in self.due(now_s) for message in control.messages(value)]
