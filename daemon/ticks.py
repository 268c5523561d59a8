"""What the control loop does by the clock: meters, heartbeat and alarms, the watchdog."""

from __future__ import annotations

import zmq

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
        now = desk.air.collect()
        if now:
            desk.meters.take(now, desk.air.status().sample_rate_hz)
        message = desk.meters.message(now, desk.air.loudness())
        self.sockets.meters.send(meters.frame(message), zmq.NOBLOCK)

    def second(self) -> None:
        """Alarms, heartbeat, STATUS=."""
        desk, count = self.desk, self.desk.meters.latest
        if count:
            desk.health.watch(count, desk.meters.load_percent)
        self._forget_subscriptions()
        desk.events.heartbeat(count.blocks if count else 0, count.xruns if count else 0)
        if (line := in_one_line(desk)) != self._said:
            self._said = line
            self.notifier(STATUS=line)

    def watchdog(self) -> None:
        """WATCHDOG=1, if the loop turns (it does, here) and audio moves or is legitimately waiting for its card."""
        count = self.desk.meters.latest
        if self.pulse.beats(count.blocks if count else 0, self.desk.air.status().state != "running"):
            self.notifier(WATCHDOG=1)

    def _forget_subscriptions(self) -> None:
        """XPUB keeps what subscribers sent until it is read, without a bound."""
        while self.sockets.events.poll(0, zmq.POLLIN):
            self.sockets.events.recv_multipart(zmq.NOBLOCK)
