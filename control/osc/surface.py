"""What OSC clients may say, and what they are told.

An address without arguments is a question, one with an argument sets. Single sets of a client that come together go to the daemon
together; a bundle is one set, all or nothing. What clients are told of changes comes from the daemon's events alone.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from masterd.control import words
from masterd.control.errors import BadRequest, MasterdError, Refused
from masterd.control.osc.codec import Argument, Bundle, Message, is_number
from masterd.control.osc.commands import COMMANDS, Command
from masterd.control.osc.leases import Peer
from masterd.control.osc.link import Link
from masterd.control.osc.meters import Viewers
from masterd.control.osc.points import Form, Point
from masterd.control.osc.questions import Questions
from masterd.control.osc.refusals import TooMany, Unsafe
from masterd.control.osc.remotes import Remotes
from masterd.control.parameters import Value, is_unsafe
from masterd.control.protocol import DEFAULT_GLIDE_MS

MOST_WAITING = 64
MOST_AHEAD_S = 60.0
SUBSCRIPTIONS = ("/xremote", "/travel/xremote", "/meters", "/unsubscribe")


@dataclass(slots=True)
class Plan:
    """What a bundle asks for."""

    moves: list[tuple[Point, Argument]] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    rest: list[Message] = field(default_factory=list)
    """Questions and subscriptions, in their order."""


class Surface:
    """All clients and one daemon. Time comes from outside, in seconds from anywhere, forward."""

    def __init__(self, link: Link, allow_unsafe: bool = False, glide_ms: float = DEFAULT_GLIDE_MS) -> None:
        self.link, self.allow_unsafe, self.glide_ms = link, allow_unsafe, glide_ms
        self.viewers = Viewers(link)
        self.remotes = Remotes(link)
        self.questions = Questions(link, self.viewers)
        self._moves: dict[Peer, dict[str, tuple[Point, Value]]] = {}
        self._waiting: list[tuple[float, int, Peer, Bundle]] = []
        self._numbers = itertools.count()
        self._out: list[tuple[Peer, list[Message]]] = []
        self._now_s = 0.0
        self._at = ""
        """The address that is being looked at: what is refused is refused there."""
        link.listener = self

    # from clients

    def hear(self, bundle: Bundle, peer: Peer, now_s: float) -> None:
        """A client said something: done at once, or when its time tag says."""
        self._now_s, self._at = now_s, bundle.messages[0].address
        ahead_s = 0.0 if bundle.due_s is None else bundle.due_s - time.time()
        try:
            self.link.require()
            if ahead_s > 0:
                self._wait(bundle, peer, ahead_s)
            else:
                self._do(bundle, peer)
        except MasterdError as error:
            self._refuse(peer, error)

    def _wait(self, bundle: Bundle, peer: Peer, ahead_s: float) -> None:
        if ahead_s > MOST_AHEAD_S:
            raise BadRequest(f"the time tag is {ahead_s:.1f} s ahead, {MOST_AHEAD_S:g} s are the most; are the clocks together?")
        if len(self._waiting) >= MOST_WAITING:
            raise TooMany(f"{MOST_WAITING} bundles wait for their time already")
        self._plan(bundle.messages)  # what is wrong is told now
        heapq.heappush(self._waiting, (self._now_s + ahead_s, next(self._numbers), peer, bundle))

    def _do(self, bundle: Bundle, peer: Peer) -> None:
        plan = self._plan(bundle.messages)
        if bundle.alone and plan.moves:
            self._move(peer, plan.moves)
            return
        self._send(peer)
        if plan.moves:
            self._at = plan.moves[0][0].address
            self.link.ask(words.set(self._taken(peer, plan.moves), self.glide_ms), origin(peer))
        for command in plan.commands:
            self.link.ask(command, origin(peer))
        for message in plan.rest:
            self._at = message.address
            try:
                self._serve(peer, message)
            except MasterdError as error:
                self._refuse(peer, error)

    def _plan(self, messages: Iterable[Message]) -> Plan:
        plan = Plan()
        for message in messages:
            self._at = message.address
            if make := COMMANDS.get(message.address):
                command = make(message.arguments)
                plan.commands += [command] if command else []
            elif message.arguments and message.address not in SUBSCRIPTIONS:
                plan.moves += self._moved(message)
            else:
                plan.rest.append(message)
        if len(plan.commands) + bool(plan.moves) > 1:
            raise BadRequest("a bundle is one change, all or nothing: sets together, or one command")
        return plan

    def _moved(self, message: Message) -> list[tuple[Point, Argument]]:
        points = self.questions.points.find(message.address)
        for point in points:
            if is_unsafe(point.parameter) and not self.allow_unsafe:
                raise Unsafe(point.parameter.id)
            point.value(message.arguments)
        return [(point, message.arguments[0]) for point in points]

    def _move(self, peer: Peer, moves: list[tuple[Point, Argument]]) -> None:
        hands = [it for it in moves if not self.remotes.is_echo(peer, *it, self._now_s)]
        values = self._taken(peer, hands)
        waiting = self._moves.setdefault(peer, {})
        waiting |= {point.parameter.id: (point, values[point.parameter.id]) for point, _ in hands}

    def _taken(self, peer: Peer, moves: list[tuple[Point, Argument]]) -> dict[str, Value]:
        for point, argument in moves:
            self.remotes.touched(peer, point, argument, self._now_s)
        return {point.parameter.id: point.value((argument,)) for point, argument in moves}

    def _serve(self, peer: Peer, message: Message) -> None:
        match message.address:
            case "/xremote":
                self.remotes.take(peer, Form.UNIT, self._told_at(peer, message), self._now_s)
            case "/travel/xremote":
                self.remotes.take(peer, Form.TRAVEL, self._told_at(peer, message), self._now_s)
            case "/meters":
                self.viewers.take(peer, self.remotes.to(peer) or peer, message.arguments, self._now_s)
            case "/unsubscribe":
                self.remotes.drop(peer)
                self.viewers.drop(peer)
            case address:
                self.link.catch_up()
                self._tell(peer, self.questions.answers(address, self._now_s))

    def _told_at(self, peer: Peer, message: Message) -> Peer:
        """Where `/xremote` wants things to go: where it came from, or another port there, which is its argument."""
        if not message.arguments:
            return peer
        port = message.arguments[0]
        if len(message.arguments) > 1 or not is_number(port) or port not in range(1, 65536):
            raise BadRequest(f"{message.address} takes nothing, or the port from 1 to 65535 on which you want to be told")
        return peer[0], int(port)

    def _tell(self, peer: Peer, messages: list[Message]) -> None:
        self._out.append((self.remotes.to(peer) or peer, messages))

    def _refuse(self, peer: Peer, error: MasterdError) -> None:
        self._tell(peer, [Message("/error", (error.code, str(error), self._at))])

    # to the daemon

    def step(self, now_s: float) -> None:
        """Sends what clients moved since, and what is due."""
        self._now_s = now_s
        for peer in list(self._moves):
            self._send(peer)
        while self._waiting and self._waiting[0][0] <= now_s:
            _, _, peer, bundle = heapq.heappop(self._waiting)
            try:
                self._do(bundle, peer)
            except MasterdError as error:
                self._refuse(peer, error)

    def _send(self, peer: Peer) -> None:
        """What a client moved, as one request; value by value when that is refused: one must not stop the others."""
        moves = self._moves.pop(peer, {})
        if not moves:
            return
        values = {id: value for id, (_, value) in moves.items()}
        self._at = next(iter(moves.values()))[0].address
        try:
            self.link.ask(words.set(values, self.glide_ms), origin(peer))
        except MasterdError as error:
            if len(moves) == 1 or not isinstance(error, Refused):
                self._refuse(peer, error)
                return
            for id, move in moves.items():
                self._moves[peer] = {id: move}
                self._send(peer)

    # from the daemon

    def came(self) -> None:
        """A daemon is followed, with these parameters and values."""
        self.questions.came()
        self.moved(list(self.link.values))

    def moved(self, ids: list[str]) -> None:
        """Values are others now."""
        self.remotes.moved(ids, self._now_s)

    def lost(self, why: MasterdError) -> None:
        """What was asked of the daemon that is gone does not go on air when it comes back."""
        self._moves.clear()
        self._waiting.clear()
        for to in self.remotes.everybody(self._now_s):
            self._out.append((to, [Message("/error", (why.code, str(why), ""))]))

    # to clients

    def messages(self, now_s: float) -> list[tuple[Peer, list[Message]]]:
        """What to tell now, and whom."""
        self._now_s = now_s
        out, self._out = self._out, []
        return [*out, *self.remotes.messages(now_s), *self.viewers.messages(now_s)]


def origin(peer: Peer) -> str:
    """How a client's requests are known again in events."""
    return f"osc {peer[0]}:{peer[1]}"[:64]
