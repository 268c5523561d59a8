"""Clients that are sent meters (`/meters`): each at its own pace and in its own form, and none misses a peak between two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from masterd.control.errors import BadRequest, Unreachable
from masterd.control.levels import merged
from masterd.control.osc.codec import Argument, Message, is_number
from masterd.control.osc.leases import LEASE_S, Leases, Peer
from masterd.control.osc.link import Link
from masterd.control.osc.readings import Form, readings, told
from masterd.control.protocol import Meters

RATES_HZ = (1, 30)
DEFAULT_RATE_HZ = 10
FRESH_S = 0.2


@dataclass(slots=True)
class Viewer:
    """One client."""

    to: Peer
    form: Form = Form.LIST
    rate_hz: int = DEFAULT_RATE_HZ
    next_s: float = 0.0
    frame: Meters | None = None

    def asked(self, arguments: tuple[Argument, ...]) -> None:
        """Form and rate from what `/meters` was given, in any order. BadRequest."""
        for argument in arguments:
            if isinstance(argument, str) and argument in list(Form):
                self.form = Form(argument)
            elif is_number(argument) and argument in range(RATES_HZ[0], RATES_HZ[1] + 1):
                self.rate_hz = int(argument)
            else:
                forms = ", ".join(Form)
                raise BadRequest(f"/meters takes one of {forms} and messages a second, {RATES_HZ[0]} to {RATES_HZ[1]}")


class Viewers:
    """All of them. Meters are only taken from the daemon while somebody wants them. Time comes from outside."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._leases: Leases[Viewer] = Leases()
        self._latest: tuple[float, Meters] | None = None
        self._wanted_until_s = float("-inf")

    def take(self, peer: Peer, to: Peer, arguments: tuple[Argument, ...], now_s: float) -> None:
        """Subscribes the client, or renews it and changes what it wants. BadRequest, TooMany."""
        Viewer(to).asked(arguments)  # refused before there is a lease
        viewer = self._leases.take(peer, lambda: Viewer(to), now_s)
        viewer.to = to
        viewer.asked(arguments)

    def drop(self, peer: Peer) -> None:
        """Ends the client's subscription."""
        self._leases.drop(peer)

    def now(self, now_s: float) -> dict[str, float]:
        """Every level now, by address, for a question. Unreachable."""
        self._wanted_until_s = now_s + LEASE_S
        if self._latest is None or now_s - self._latest[0] > FRESH_S:
            self._take(self._link.meters(FRESH_S), now_s)
        if self._latest is None or now_s - self._latest[0] > FRESH_S:
            raise Unreachable(f"no meters came within {FRESH_S:g} s")
        return readings(self._latest[1])

    def messages(self, now_s: float) -> Iterator[tuple[Peer, list[Message]]]:
        """What to send now, and whom."""
        viewers = self._leases.living(now_s)
        if not viewers and now_s > self._wanted_until_s:
            self._link.rest_meters()
            return
        self._take(self._link.meters(), now_s)
        for viewer in viewers:
            if viewer.frame and now_s >= viewer.next_s:
                yield viewer.to, told(viewer.frame, viewer.form)
                viewer.frame = None
                viewer.next_s = max(viewer.next_s + 1 / viewer.rate_hz, now_s)

    def _take(self, frame: Meters | None, now_s: float) -> None:
        if frame is None:
            return
        self._latest = now_s, frame
        for viewer in self._leases.living(now_s):
            viewer.frame = merged(viewer.frame, frame) if viewer.frame else frame
