"""A controller and a daemon, tied together: moves of knobs become requests, the daemon's state becomes lights.

Pure: MIDI messages, snapshots, events and meters go in, requests and MIDI messages come out, and time comes from outside.
What a hand does goes through turning.py and pressing.py into wishes.py; what the box shows comes from showing.py; which binding
of a control counts says layers.py; what a make needs of its own does its driver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from masterd.control.feedback import PERIOD_S as SHOW_PERIOD_S
from masterd.control.midi.drivers import driver
from masterd.control.midi.encodings import ticks
from masterd.control.midi.layers import Layers
from masterd.control.midi.mapping import Action, Binding, MidiMap
from masterd.control.midi.messages import Kind, Moved
from masterd.control.midi.parser import Parser
from masterd.control.midi.place import Place
from masterd.control.midi.pressing import Pressing
from masterd.control.midi.showing import Showing
from masterd.control.midi.stream import Stream
from masterd.control.midi.turning import Turning
from masterd.control.midi.wishes import Wishes
from masterd.control.midi.words import outcome
from masterd.control.protocol import Changed, Meters, Request, StateSnapshot


class Surface:
    """One box. `origin` is how its requests are known again in events; boxes of one group share `layers`."""

    def __init__(self, map: MidiMap, origin: str, layers: Layers | None = None) -> None:
        self.map = map
        self.origin = origin
        self.layers = layers or Layers()
        self.layers.expect(map)
        self.wishes = Wishes(origin)
        self.driver = driver(map.profile)
        self._turning = Turning(self.wishes)
        self._pressing = Pressing(self.wishes, self.layers)
        self._showing = Showing(map, self.driver, self.wishes, self.layers, self._turning, self._pressing)
        self.feedback = self._showing.feedback
        self._stream = Stream()
        sending = [place for place in map.places if place.control]
        self._by_control = {place.control: place for place in sending}
        self._by_touch = {place.touch: place for place in map.places if place.touch and place.ring}
        self._parser = Parser(control for control in (*self._by_control, *self._by_touch) if control)
        self._active: dict[str, Binding] = {}
        self._turns = -1
        self._replies: list[bytes] = []
        self._is_stale = True
        self._shown_s = float("-inf")
        self.witness: Callable[[Moved, str], None] | None = None
        """While somebody watches: told of every move, and in words what came of it."""
        self._look()

    @property
    def active(self) -> Mapping[str, Binding]:
        """What each control does now, by its place's name."""
        return self._active

    @property
    def wants_meters(self) -> bool:
        """Whether anything of it shows a meter."""
        return bool(self._showing.readings)

    # from the box

    def came(self) -> None:
        """The box was opened: it shows nothing, and nobody knows where its knobs stand."""
        self.layers.join(self.map)
        self._stream = Stream()
        self._turning.forget()
        self._pressing.forget()
        self._replies = self.driver.opened()
        self._again()

    def gone(self) -> None:
        """The box was lost: nothing is held on it any more. The values stay."""
        self._pressing.forget()
        self.layers.leave(self.map)

    def missed(self) -> None:
        """What hands did meanwhile was not heard: nobody knows where its knobs stand."""
        self._turning.forget()
        self._pressing.forget()
        self._again()

    def hear(self, message: Sequence[int], now_s: float) -> None:
        """Bytes came from the box: a message, or any piece of one."""
        for whole in self._stream.feed(message):
            self._replies += self.driver.hear(whole)
            if self.driver.has_woken():
                self._again()
            self._move(self._parser.late(now_s) + self._parser.feed(whole, now_s), now_s)

    def _again(self) -> None:
        """Everything must be shown anew."""
        self.feedback.refresh()
        self._is_stale = True

    def _move(self, moves: Iterable[Moved], now_s: float) -> None:
        for move in moves:
            if touched := self._by_touch.get(move.control):
                self._touch(touched, move)
                continue
            place = self._by_control.get(move.control)
            binding = self._active.get(place.name) if place else None
            is_hand = True
            if place and self.wishes.values:
                is_hand = self._do(place, binding, move, now_s)
                self._settle(place.name)
            if self.witness:
                hint = self.waiting().get(place.name, "") if place else ""
                self.witness(move, outcome(move, binding, self.wishes, hint) if is_hand else "its own echo, ignored")

    def _touch(self, place: Place, move: Moved) -> None:
        is_held = move.value > 0
        if place.ring:
            self.feedback.hold(place.ring.spot, is_held)
        if self.witness:
            self.witness(move, f"a hand {'is on' if is_held else 'has left'} {place.name}")

    def _do(self, place: Place, binding: Binding | None, move: Moved, now_s: float) -> bool:
        """Whether it was a hand's move, and not the box's own echo."""
        if not place.is_relative and self._is_echo(place, move, now_s):
            return False  # a detent may well look like the light that was sent last
        is_known = binding and not (binding.parameter and binding.parameter.id not in self.wishes.values)
        if binding is None or binding.action is not Action.TURN:
            self._push(place, binding if is_known else None, move, now_s)
        elif not is_known:
            return True  # of a daemon that has no such parameter
        elif place.is_relative or move.is_step:
            self._turning.by(binding, move.value if move.is_step else ticks(binding.encoding, move.value), now_s)
        else:
            if place.ring and place.ring.spot == move.control:
                if place.follows:
                    self.feedback.pulled(move.control, now_s)
                else:
                    self.feedback.touched(move.control, move.value, now_s)
            self._turning.to(binding, move.value / move.control.top)
        self._showing.turned(place)
        return True

    def _push(self, place: Place, binding: Binding | None, move: Moved, now_s: float) -> None:
        is_down = move.value > 0 if move.control.kind is Kind.NOTE else move.value >= (move.control.top + 1) // 2
        if is_down and binding and binding.action is not Action.SHOW:
            self._pressing.press(binding, now_s)
        if not is_down or move.control.kind is Kind.PROGRAM:
            self._pressing.release(place.name)
            if place.light:
                self.feedback.released(place.light.spot)

    def _is_echo(self, place: Place, move: Moved, now_s: float) -> bool:
        spots = [shown.spot for shown in (place.ring, place.light) if shown]
        return move.control in spots and self.feedback.is_echo(move.control, move.value, now_s)

    def _settle(self, name: str) -> None:
        """After a hand's move: other controls of the same parameter lose hold of it, another page may have come."""
        for id in self.wishes.take_touched():
            self._release(id, but=name)
        self._look()
        self._is_stale = True

    def _look(self) -> None:
        """Finds out what each control does, when pages, banks or layers were turned, here or on another box of the group."""
        if self._turns == self.layers.turns:
            return
        self._turns = self.layers.turns
        before, self._active = self._active, self.layers.active(self.map)
        for name in {*before, *self._active}:
            if before.get(name) is not self._active.get(name):
                self._turning.release(name)
        self._showing.laid_out()
        self._is_stale = True

    # from the daemon

    def follow(self, snapshot: StateSnapshot) -> None:
        """The daemon's whole state, at the start and whenever events were lost: knobs must be picked up again."""
        moved = [id for id, value in snapshot.values.items() if self.wishes.values.get(id) != value]
        if not self.wishes.values:
            self._pressing.compare.begin(snapshot.values)
        self.wishes.follow(snapshot.values, snapshot.preset, snapshot.dirty)
        for id in moved:
            self._release(id)
        self._is_stale = True

    def changed(self, event: Changed) -> None:
        """The daemon's state moved."""
        is_own = event.origin == self.origin
        asked = self.wishes.has_asked
        foreign = [id for id, (_, new) in event.changes.items() if not (is_own and asked(id, new, event.cause))]
        self.wishes.confirm({id: new for id, (_, new) in event.changes.items()}, event.preset, event.dirty)
        if event.cause == "preset.load":
            self._pressing.compare.begin(self.wishes.values)
        for id in foreign:
            self._release(id)
        self._is_stale = True

    def meters(self, frame: Meters) -> None:
        """A meter frame."""
        self._showing.meters(frame, self._active)

    def lost(self) -> None:
        """The daemon is gone. What was turned for it is dropped: it must not go on air when it comes back."""
        self.wishes.drop()
        for name in self._active:
            self._turning.release(name)

    def refused(self) -> None:
        """The daemon did not do what a request asked."""
        self.wishes.refused()

    def _release(self, id: str, but: str = "") -> None:
        for name, binding in self._active.items():
            if name != but and binding.parameter and binding.parameter.id == id:
                self._turning.release(name)

    # out

    def requests(self, now_s: float) -> list[Request]:
        """What to ask of the daemon now; everything that waited, at most every PERIOD_S."""
        self._move(self._parser.late(now_s), now_s)
        self._pressing.held(now_s)
        return self.wishes.requests(now_s)

    def messages(self, now_s: float) -> list[bytes]:
        """What to send to the box now: answers of its driver at once, and what it should show, 30 times a second at most."""
        self._look()
        if self._is_stale and self.wishes.values and now_s - self._shown_s >= SHOW_PERIOD_S:
            self._is_stale, self._shown_s = False, now_s
            self._showing.update(self._active)
        replies, self._replies = self._replies, []
        return replies + self.feedback.messages(now_s)

    def waiting(self) -> dict[str, str]:
        """Knobs that do nothing until they are picked up, by name, and what each must be turned to."""
        return self._showing.waiting(self._active) if self.wishes.values else {}
