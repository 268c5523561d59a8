"""What the OSC server itself refuses, before the daemon is asked."""

from __future__ import annotations

from masterd.control.errors import Refused


class Unsafe(Refused):
    """The parameter decides how loud the air gets, and the surface was not told that it may turn it."""

    code = "unsafe"

    def __init__(self, id: str) -> None:
        self.parameter = id
        super().__init__(f"{id} decides how loud the air gets; a surface turns it only when it is started with allow_unsafe")


class TooMany(Refused):
    """More than there is room for: clients, waiting changes, messages a second."""

    code = "too_many"
