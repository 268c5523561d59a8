"""Which of its bindings a control has now: the page, the positions of the banks, the shift layers that are on, flipped or not.

Boxes of one group share one of these. `turns` counts its changes, so that each of them sees when to look again. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from masterd.control.midi.mapping import Bank, Binding, MidiMap, Slot


class Layers:
    """Begins on the first page, with every bank at its first position."""

    def __init__(self) -> None:
        self.turns = 0
        self.page = ""
        self.flipped = False
        self.banks: dict[str, int] = {}
        self.on: set[str] = set()
        self._maps: list[MidiMap] = []
        self._pages: list[str] = []
        self._known: dict[str, Bank] = {}

    def expect(self, map: MidiMap) -> None:
        """A box may come: what it needs to know where it is."""
        self.banks = {bank.name: bank.first for bank in map.tables.banks.values()} | self.banks
        self.page = self.page or next(iter(map.tables.pages), "")
        self.turns += 1

    def join(self, map: MidiMap) -> None:
        """A box is there: its pages and banks count."""
        if not any(other is map for other in self._maps):
            self._maps.append(map)
            self._count()

    def leave(self, map: MidiMap) -> None:
        """A box is gone, and the banks are so much narrower. The last one leaves everything as it is."""
        self._maps = [other for other in self._maps if other is not map]
        if self._maps:
            self._count()

    def _count(self) -> None:
        """A bank is as wide as all of its boxes together."""
        maps = self._maps
        self._pages = list(dict.fromkeys(page for map in maps for page in map.tables.pages))
        banks = [
            Bank(bank.name, bank.first, bank.last, bank.width + map.profile.offset)
            for map in maps
            for bank in map.tables.banks.values()
        ]
        self._known = {bank.name: bank for bank in sorted(banks, key=lambda it: it.width)}
        self.banks = {bank.name: bank.first for bank in banks} | self.banks
        if self.page not in self._pages:
            self.page = self._pages[0] if self._pages else ""
        self.turns += 1

    def active(self, map: MidiMap) -> dict[str, Binding]:
        """What each control of a box does now, by its place's name."""
        counting: dict[str, Slot] = {}
        for slot in map.tables.slots:
            is_on = slot.page in ("", self.page) and (not slot.layer or slot.layer in self.on)
            if is_on and ((other := counting.get(slot.place.name)) is None or slot.rank >= other.rank):
                counting[slot.place.name] = slot
        found = {name: self._variant(map, slot) for name, slot in counting.items()}
        if self.flipped:
            self._flip(map, found)
        return {name: binding for name, binding in found.items() if binding}

    def _variant(self, map: MidiMap, slot: Slot) -> Binding | None:
        at = self.banks[slot.bank] - map.tables.banks[slot.bank].first if slot.bank else 0
        return slot.variants[at] if 0 <= at < len(slot.variants) else None

    def _flip(self, map: MidiMap, found: dict[str, Binding | None]) -> None:
        places = {place.name: place for place in map.places}
        for first, second in map.tables.flips:
            one, other = found.get(first), found.get(second)
            found[first] = other.at(places[first]) if other else None
            found[second] = one.at(places[second]) if one else None

    def go_to_page(self, name: str) -> None:
        """Turns to that page."""
        self.turns += name != self.page
        self.page = name

    def step_page(self, steps: int) -> None:
        """So many pages to the right; stays at the ends."""
        if self._pages:
            at = self._pages.index(self.page) + steps
            self.go_to_page(self._pages[min(max(at, 0), len(self._pages) - 1)])

    def step_bank(self, name: str, channels: int | None = None, right: bool = True) -> None:
        """So many channels, or the whole width, to the right or left; its last position fills the boxes."""
        bank = self._known[name]
        steps = (bank.width if channels is None else channels) * (1 if right else -1)
        self.go_to_bank(name, self.banks[name] + steps)

    def go_to_bank(self, name: str, position: int) -> None:
        """To that position, held at the ends."""
        bank = self._known[name]
        position = max(min(position, bank.last - bank.width + 1), bank.first)
        self.turns += position != self.banks[name]
        self.banks[name] = position

    def shift(self, layer: str, is_on: bool) -> None:
        """Turns a layer on or off."""
        self.turns += is_on != (layer in self.on)
        (self.on.add if is_on else self.on.discard)(layer)

    def flip(self) -> None:
        """Flips, or flips back."""
        self.flipped = not self.flipped
        self.turns += 1

    def drop(self, layers: Iterable[str]) -> None:
        """The box whose buttons held these layers is gone."""
        for layer in layers:
            self.shift(layer, False)
