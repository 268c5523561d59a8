"""What the control loop does by the clock: meters, heartbeat and alarms, the watchdog."""

from __future__ import annotations

from masterd.daemon import meters
from masterd.daemon.desk import Desk
from masterd.daemon.health import Pulse
from masterd.daemon.notify import Notifier
from masterd.daemon.sockets import Sockets
from masterd.daemon.status import in_one_line


class Ticks:
    """The steps for `rhythm.every`. Control thread; none waits."""

    def __init__(self, desk: Desk, sockets: Sockets, notifier: Notifier) -> None:
        self.desk, self.sockets, self.notifier = desk, sockets, notifier
        self.pulse = Pulse()
        self._said = ""

    def meters(self) -> None:
        """One meter message."""
        desk = self.desk
        if now := desk.air.collect():
            desk.meters.take(now)
        loudness = desk.air.loudness()
        message = desk.meters.message(now, loudness, desk.air.levels(loudness), desk.air.status().load_percent)
        self.sockets.meters.send(meters.frame(message))

    def second(self) -> None:
        """Alarms, MIDI processes that fell silent, heartbeat, STATUS=."""
        desk, air = self.desk, self.desk.air.status()
        desk.health.watch(air.blocks, air.late_blocks, air.load_percent)
        desk.health.watch_input(air.bridge.slips if air.bridge else 0)
        desk.health.set("programme_stopped", desk.air.programme_failure)
        if air.state == "running" and air.host != "simulated":
            desk.health.set("realtime_refused", None if air.realtime else air.realtime_reason)
        desk.midi.tick()
        desk.events.heartbeat(air.blocks, air.xruns)
        if (line := in_one_line(desk)) != self._said:
            self._said = line
            self.notifier(STATUS=line)

    def leveller(self) -> None:
        """Keeps where the leveller stands, for a daemon that is killed."""
        self.desk.keep_leveller()

    def watchdog(self) -> None:
        """WATCHDOG=1, if the loop turns (it does, here), the authenticator answers, and audio moves or is legitimately waiting
        for its card."""
        air = self.desk.air.status()
        if self.pulse.beats(air.blocks, air.state != "running") and self.sockets.zap.alive:
            self.notifier(WATCHDOG=1)
