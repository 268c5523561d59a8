"""What needs a person: alarms with stable codes, told once when they begin and once when they are over.

host_lost            the sound card or its server is gone; it is being reopened
late_blocks          more than one block in a hundred took longer than it lasts
load_high            processing takes more than 75 % of the time there is; over when below 65 %
input_slipping       an input with a clock of its own had to be centred anew within the last 10 s
programme_stopped    the file that plays, the recording or the session cannot go on; the air does
state_not_saved      the disk refuses the state; it is tried again
state_set_aside      a saved state could not be used at the start
preset_missing       the configured preset does not exist; another one is used
preset_broken        a user preset could not be read
config_refused       a reload found errors; the configuration before stays
restart_needed       a reload found changes that only a restart can make
midi_stopped         the MIDI process ended and is started again
osc_stopped          the OSC process did
metrics_stopped      the metrics process did
mdns_stopped         the mDNS process did
monitor_lost         the monitor's output is gone or cannot go on; the air does
audio_runaway        a real-time thread did not pause for 200 ms; after 2 s of that the process is ended
network_down         the sockets cannot be bound on the network; it is tried again
clients_refused      clients.toml has errors; who was trusted before still is
stranger_refused     a connection without a trusted key was refused within the last minute
connections_full     more connections from the network than are kept; over after a minute
authenticator_down   the authenticator does not answer; nobody new gets in
audit_not_written    the disk refuses the audit log; it is tried again
realtime_refused     the audio thread runs without real-time scheduling
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

LOAD_ALARM_PERCENT = 75.0
LOAD_OVER_PERCENT = 65.0
LATE_RATIO = 0.01
LATE_OVER_S = 10
"""Over how many seconds blocks are counted."""

log = logging.getLogger(__name__)


class Health:
    """The alarms that stand. `tell(code, message, active)` publishes. Control thread."""

    def __init__(self, tell: Callable[[str, str, bool], None]) -> None:
        self.tell = tell
        self.alarms: dict[str, str] = {}
        self._counts: deque[tuple[int, int]] = deque(maxlen=LATE_OVER_S + 1)
        self._slips: deque[int] = deque(maxlen=LATE_OVER_S + 1)

    def set(self, code: str, message: str | None) -> None:
        """Raises the alarm with its message, or ends it with None; nothing is told when that is known already."""
        if message is None:
            if code in self.alarms:
                del self.alarms[code]
                log.warning("over: %s", code)
                self.tell(code, "over", False)
        elif self.alarms.get(code) != message:
            self.alarms[code] = message
            log.error("%s: %s", code, message)
            self.tell(code, message, True)

    def watch(self, blocks: int, late_blocks: int, load_percent: float) -> None:
        """Judges the engine's counters; once a second."""
        self._counts.append((blocks, late_blocks))
        blocks, late = (now - then for now, then in zip(self._counts[-1], self._counts[0], strict=True))
        many = late > 1 and late > LATE_RATIO * blocks
        if many and "late_blocks" not in self.alarms:
            self.set("late_blocks", f"{late} of {blocks} blocks came too late within {LATE_OVER_S} s")
        elif not late:
            self.set("late_blocks", None)
        if load_percent > LOAD_ALARM_PERCENT and "load_high" not in self.alarms:
            self.set("load_high", f"processing takes {load_percent:.0f} % of the time there is")
        elif load_percent < LOAD_OVER_PERCENT:
            self.set("load_high", None)

    def watch_input(self, slips: int) -> None:
        """Judges the bridge from an input with a clock of its own, 0 without one; once a second."""
        self._slips.append(slips)
        now = max(0, slips - self._slips[0])
        if now and "input_slipping" not in self.alarms:
            self.set("input_slipping", "the input lost time, or its clock cannot be followed: it faded out and in again")
        elif not now:
            self.set("input_slipping", None)


class Pulse:
    """Whether the watchdog may be told that all is well: the loop asks, and audio has moved since it asked before.

    While a host is being reopened there are no blocks; waiting for a card is legitimate, and a restart would not bring it back.
    """

    def __init__(self) -> None:
        self._blocks = -1

    def beats(self, blocks: int, reopening: bool) -> bool:
        """True when WATCHDOG=1 may be sent."""
        moved = blocks != self._blocks
        self._blocks = blocks
        return moved or reopening
