"""What the daemon tells of all MIDI processes comes by two ways, in answers and in events, and the one overtakes the other."""

from __future__ import annotations

from masterd.control.protocol import MidiState


class Newest:
    """Lets pass what is not older than what has passed. One thread."""

    def __init__(self) -> None:
        self._revision = -1

    def accepts(self, state: MidiState) -> bool:
        """Whether it counts."""
        is_old = state.revision < self._revision
        self._revision = max(self._revision, state.revision)
        return not is_old

    def forget(self) -> None:
        """Another daemon is there: it counts anew."""
        self._revision = -1
