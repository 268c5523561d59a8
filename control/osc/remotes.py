"""Clients that are told of every change (`/xremote`): all values when they come, then what becomes another one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from masterd.control.feedback import Feedback
from masterd.control.osc.codec import Argument, Message
from masterd.control.osc.leases import Leases, Peer
from masterd.control.osc.link import Link
from masterd.control.osc.points import Form, Point

PRESET = "/preset"
SAME_TRAVEL = 1e-6
"""Travels as close as this are one fader position: what 32 bits and a curve leave of a value that came and went."""

Arguments: TypeAlias = tuple[Argument, ...]


@dataclass(slots=True)
class Remote:
    """One client in one form, and what it shows."""

    to: Peer
    feedback: Feedback[str, Arguments] = field(default_factory=Feedback)


class Remotes:
    """All of them. Time comes from outside."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._leases: dict[Form, Leases[Remote]] = {form: Leases() for form in Form}

    def take(self, peer: Peer, form: Form, to: Peer, now_s: float) -> None:
        """Subscribes the client, or renews it. TooMany."""

        def make() -> Remote:
            remote = Remote(to)
            self._want(form, remote, self._link.values)
            return remote

        self._leases[form].take(peer, make, now_s).to = to

    def drop(self, peer: Peer) -> None:
        """Ends the client's subscriptions."""
        for leases in self._leases.values():
            leases.drop(peer)

    def to(self, peer: Peer) -> Peer | None:
        """Where the client wants to be told, if it has subscribed."""
        return next((remote.to for leases in self._leases.values() if (remote := leases.get(peer))), None)

    def moved(self, ids: Iterable[str], now_s: float) -> None:
        """The daemon says that these values are others, or the preset is."""
        ids = list(ids)
        for form, leases in self._leases.items():
            for remote in leases.living(now_s):
                self._want(form, remote, ids)

    def is_echo(self, peer: Peer, point: Point, argument: Argument, now_s: float) -> bool:
        """Whether the client only sends back what it was told just now."""
        remote = self._leases[point.form].get(peer)
        return remote is not None and remote.feedback.is_echo(point.address, (argument,), now_s)

    def touched(self, peer: Peer, point: Point, argument: Argument, now_s: float) -> None:
        """The client moves a fader of its own, and shows where it stands."""
        value = point.value((argument,))
        for form, leases in self._leases.items():
            if remote := leases.get(peer):
                shown = Point(point.parameter, form)
                remote.feedback.touched(shown.address, (_stands_at(shown, point, argument, shown.argument(value)),), now_s)

    def messages(self, now_s: float) -> Iterator[tuple[Peer, list[Message]]]:
        """What to tell now, and whom."""
        for leases in self._leases.values():
            for remote in leases.living(now_s):
                if due := remote.feedback.due(now_s):
                    yield remote.to, [Message(address, arguments) for address, arguments in due]

    def everybody(self, now_s: float) -> list[Peer]:
        """Where the clients want to be told, each once."""
        return list(dict.fromkeys(remote.to for leases in self._leases.values() for remote in leases.living(now_s)))

    def _want(self, form: Form, remote: Remote, ids: Iterable[str]) -> None:
        for id in ids:
            if parameter := self._link.parameters.get(id):
                point = Point(parameter, form)
                remote.feedback.want(point.address, (point.argument(self._link.values[id]),))
        remote.feedback.want(PRESET, (self._link.preset, int(self._link.dirty)))


def _stands_at(shown: Point, moved: Point, argument: Argument, told: Argument) -> Argument:
    """Where a fader stands that was moved: where its value would put it, unless it stands beside the detent of its value."""
    if shown.form is not Form.TRAVEL or moved.form is not Form.TRAVEL:
        return told
    assert isinstance(argument, int | float)
    assert isinstance(told, int | float)
    return told if math.isclose(argument, told, abs_tol=SAME_TRAVEL) else argument
