"""Everything a request can reach: the parts of a running daemon, put together by `run` and handed to the handlers."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING

from masterd.control.protocol import DaemonStatus, PresetsChanged
from masterd.daemon.config import Config
from masterd.daemon.events import Events
from masterd.daemon.health import Health
from masterd.daemon.meters import MeterDesk
from masterd.daemon.presets import Presets
from masterd.daemon.state import State

if TYPE_CHECKING:
    from masterd.daemon.air import Air


@dataclass
class Desk:
    """One daemon. Control thread."""

    name: str
    config: Config
    state: State
    presets: Presets
    air: Air
    events: Events
    health: Health
    meters: MeterDesk
    version: str = field(default_factory=lambda: version("masterd"))

    def presets_changed(self, origin: str) -> None:
        """Tells that the list of presets is another."""
        self.events(PresetsChanged, origin=origin, names=self.presets.names())

    def reset_loudness(self) -> None:
        """Integrated loudness, range and maxima start anew at both points."""
        self.air.reset_loudness()
        self.meters.reset()

    def presets_broken(self) -> None:
        """Raises or ends the alarm about preset files that could not be read."""
        self.health.set("preset_broken", "; ".join(self.presets.broken.values()) or None)
