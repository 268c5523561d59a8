"""The drivers by the names that profiles give."""

from __future__ import annotations

from collections.abc import Mapping

from masterd.control.midi.driver import Driver
from masterd.control.midi.mackie import Mackie
from masterd.control.midi.nanokontrol2 import NanoKontrol2
from masterd.control.midi.profile import Profile

DRIVERS: Mapping[str, type[Driver]] = {"plain": Driver, "mackie": Mackie, "nanokontrol2": NanoKontrol2}


def driver(profile: Profile) -> Driver:
    """The driver a profile asks for."""
    return DRIVERS[profile.driver](profile)
