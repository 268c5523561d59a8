"""Other people's loudspeakers, as values for a chain of their own: engineering approximations, none of a particular product.

Each is a file like a preset's. They are for listening and comparing, never for the air.
"""

from __future__ import annotations

from pathlib import Path

from masterd.control.errors import UnknownSimulation
from masterd.daemon.presets import Preset, read

FOLDER = Path(__file__).parent
NAMES = ("direct", "mono", "phone", "laptop", "smart_speaker", "earbuds", "car", "tv", "club", "am")


def simulation(name: str) -> Preset:
    """The one of that name, or UnknownSimulation."""
    if name not in NAMES:
        raise UnknownSimulation(f"no simulation {name[:80]!r}; there are {', '.join(NAMES)}")
    return read(FOLDER / f"{name}.toml", factory=True)
