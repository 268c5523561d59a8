"""Everything a request can reach: the parts of a running daemon, put together by `run` and handed to the handlers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from masterd.control.protocol import Analysed, AuditEntry, HostChanged, Lock, LockChanged, PresetsChanged, Trial, TrialChanged
from masterd.daemon.analysis.bench import AnalysisBench, Wish
from masterd.daemon.asker import DAEMON, asking
from masterd.daemon.audit import Audit, now_text
from masterd.daemon.config import Config
from masterd.daemon.events import Events
from masterd.daemon.hands_off import HandsOff
from masterd.daemon.health import Health
from masterd.daemon.meters import MeterDesk
from masterd.daemon.midi_desk import MidiDesk
from masterd.daemon.presets import Presets
from masterd.daemon.state import Saved, State
from masterd.daemon.trial import Trials

if TYPE_CHECKING:
    from masterd.daemon.air import Air, AirEvent
    from masterd.daemon.analysis.report import Report
    from masterd.daemon.monitor import Monitor

log = logging.getLogger(__name__)

LEVELLER_MOVED_DB = 0.1


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
    hands_off: HandsOff
    trials: Trials
    audit: Audit
    analysis: AnalysisBench
    midi: MidiDesk
    monitor: Monitor | None = None
    sounding: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the first block has been played."""
    version: str = field(default_factory=lambda: version("masterd"))

    agc_gain_db: tuple[float, float] | None = None
    """Where the leveller stood when the daemon began, and when it was last kept; None when that is not known."""
    connections: Callable[[], tuple[int, int]] = lambda: (0, 0)
    """How many clients are connected over the network, and how many connections were refused since the start."""
    keep: Callable[[Saved], object] = lambda saved: None
    """Writes to the disk, some time soon."""

    def save(self) -> None:
        """Keeps everything that is to survive a restart."""
        self.agc_gain_db = self.meters.latest.agc_gain_db if self.meters.latest else self.agc_gain_db
        state, lock, unconfirmed = self.state.saved(), self.hands_off.lock, self.trials.saved()
        self.keep(replace(state, agc_gain_db=self.agc_gain_db, lock=lock, unconfirmed=unconfirmed))

    def write_down(self, op: str, code: str = "ok", **fields: Any) -> None:
        """An entry of the audit log about what whoever is asking does."""
        by = asking.get()
        known: dict[str, Any] = {
            "who": by.who,
            "address": by.address,
            "role": str(by.role) if by.role else "",
            "origin": by.origin,
        }
        self.audit(AuditEntry(time=now_text(), op=op, code=code, **known, **fields))

    def keep_leveller(self) -> None:
        """Saves when the leveller has moved noticeably since it was last kept."""
        now, kept = self.meters.latest, self.agc_gain_db or (0.0, 0.0)
        if now and max(abs(a - b) for a, b in zip(now.agc_gain_db, kept, strict=True)) > LEVELLER_MOVED_DB:
            self.save()

    def lock_changed(self, lock: Lock | None) -> None:
        """Tells that somebody has locked or unlocked."""
        self.events.by_hand(LockChanged, lock=lock)
        self.save()

    def trial_changed(self, outcome: str, trial: Trial | None) -> None:
        """Tells what became of a change that is to be confirmed; what happens without a request is written down here."""
        self.events.by_hand(TrialChanged, outcome=outcome, trial=trial)
        if outcome == "reverted" and asking.get() is DAEMON:
            self.write_down("revert", revision=self.state.revision, details={"why": "not confirmed in time"})
        self.save()

    def presets_changed(self, origin: str) -> None:
        """Tells that the list of presets is another."""
        self.events.by_hand(PresetsChanged, origin, names=self.presets.names())

    def reset_loudness(self) -> None:
        """Integrated loudness, range and maxima start anew at both points."""
        self.air.reset_loudness()
        self.meters.reset()

    def presets_broken(self) -> None:
        """Raises or ends the alarm about preset files that could not be read."""
        self.health.set("preset_broken", "; ".join(self.presets.broken.values()) or None)

    def analysed(self, wish: Wish, report: Report | None, origin: str) -> None:
        """Tells that an analysis is through."""
        titles = [it.title for it in report.findings] if report else []
        self.events(Analysed, origin=origin, point=wish.point, ok=report is not None, findings=titles)

    def on_air_event(self, event: AirEvent) -> None:
        """The sound card came, went, or cannot be opened: told to everybody, and an alarm as long as it is away."""
        log.info("host %s %s %s %s", event.host, event.device, event.state, event.reason)
        self.events(HostChanged, state=event.state, host=event.host, device=event.device, reason=event.reason)
        if event.state in ("running", "finished"):
            self.sounding.set()
            self.health.set("host_lost", None)
        elif event.state == "lost" or event.reason:
            self.health.set("host_lost", f"{event.host} {event.device}: {event.reason}; it is being opened again")

    def on_monitor_event(self, event: AirEvent) -> None:
        """The monitor's output came, went, or cannot go on: an alarm as long as something is wrong."""
        log.info("monitor %s %s %s %s", event.host, event.device, event.state, event.reason)
        self.health.set("monitor_lost", f"{event.host} {event.device} {event.state}: {event.reason}" if event.reason else None)
