"""What a make of controller needs beside its data: a conversation when it is opened, displays of its own. Pure.

Most need nothing: this one sends the profile's first messages and shows rings and lights.
"""

from __future__ import annotations

from masterd.control.midi.profile import Profile
from masterd.control.midi.spots import Spot

METER_TOP = 12
"""A level meter's highest step."""


class Driver:
    """For one box. `problem` says what is wrong with it, for people."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.problem = ""
        self._has_woken = False

    def opened(self) -> list[bytes]:
        """What to send when the box was opened."""
        return list(self.profile.init)

    def hear(self, message: bytes) -> list[bytes]:
        """The box sent a whole message: what to answer."""
        return []

    def has_woken(self) -> bool:
        """Whether the box came to itself since this was asked last: everything must be shown to it again."""
        woken, self._has_woken = self._has_woken, False
        return woken

    def strip(self, column: int, row: int) -> Spot | None:
        """Where text of a scribble strip goes: columns from 1, rows 0 and 1."""
        return None

    def meter(self, column: int) -> Spot | None:
        """Where a level goes, 0 to METER_TOP."""
        return None

    def overload(self, column: int) -> Spot | None:
        """The light at a meter's top, 0 or 1."""
        return None
