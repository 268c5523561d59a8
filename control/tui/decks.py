"""Decks side by side, as many as have room; the one in hand is always among them."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message

from masterd.control.tui.deck import Deck

NARROWEST_DECK = 58


class Decks(Container):
    """One deck for each daemon."""

    BLANK = True  # the decks cover it

    class Shown(Message):
        """Other decks are shown than before."""

    def __init__(self, decks: Sequence[Deck]) -> None:
        super().__init__()
        self.all = list(decks)
        self.chosen = 0

    @property
    def in_hand(self) -> Deck:
        """The one that the keys are for."""
        return self.all[self.chosen]

    @property
    def is_any_hidden(self) -> bool:
        """Whether there is no room for all."""
        return not all(deck.display for deck in self.all)

    def compose(self) -> ComposeResult:
        """All of them."""
        yield from self.all

    def on_resize(self) -> None:
        """As many as have room."""
        self._show()

    def choose(self, index: int) -> None:
        """Takes another in hand; counts round."""
        self.chosen = index % len(self.all)
        for deck in self.all:
            deck.head.is_chosen = len(self.all) > 1 and deck is self.in_hand
        self._show()
        self.in_hand.focus_page()

    def _show(self) -> None:
        room = max(1, self.size.width // NARROWEST_DECK)
        first = min(max(0, self.chosen - room + 1), max(0, len(self.all) - room))
        for index, deck in enumerate(self.all):
            deck.display = first <= index < first + room
            deck.set_class(index > first, "-beside")
        self.post_message(self.Shown())
