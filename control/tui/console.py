"""The console: decks side by side, one of them in hand, and what the keys do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer

from masterd.control import protocol
from masterd.control.errors import MasterdError
from masterd.control.parameters import Parameter
from masterd.control.protocol import Answer, Request
from masterd.control.text import range_text, value_text
from masterd.control.tui.deck import Deck
from masterd.control.tui.decks import Decks
from masterd.control.tui.help import Help
from masterd.control.tui.link import Link
from masterd.control.tui.pane import Pane
from masterd.control.tui.parameters import Parameters
from masterd.control.tui.plan import PAGES
from masterd.control.tui.presets import Presets
from masterd.control.tui.prompt import Prompt
from masterd.control.tui.strips import Strips
from masterd.control.tui.target import parse_target
from masterd.control.tui.themes import NIGHT, OWN
from masterd.control.tui.turner import Turner

TICK_S = 0.05
UNFOCUSED_TICKS = 5
"""A terminal that has not the keyboard is drawn every so many ticks: it may be the one that hangs on the wall."""


class Desk(Screen[None]):
    """What everything stands on."""

    BLANK = True


class Console(App[None]):
    """One deck for each link; `theme` is any of textual's or one of `themes`."""

    CSS_PATH = Path(__file__).with_name("console.tcss")
    TITLE = "masterd"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(number), f"page('{page}')", page) for number, page in enumerate(PAGES, 1)),
        Binding("b", "compare", "A/B"),
        Binding("u", "undo", "undo"),
        Binding("r", "redo", "redo"),
        Binding("t", "target", "target", show=False),
        Binding("z", "zoom", "zoom"),
        Binding("L", "reset_loudness", "reset", show=False),
        Binding("h", "lock", "hands off", show=False),
        Binding("tab", "next_daemon(1)", "daemon", show=False, priority=True),
        Binding("shift+tab", "next_daemon(-1)", "daemon", show=False, priority=True),
        Binding("question_mark,f1", "help", "help", key_display="?"),
        Binding("q", "quit", "quit"),
    ]

    def __init__(self, links: Sequence[Link], theme: str = NIGHT.name) -> None:
        super().__init__()
        for own in OWN:
            self.register_theme(own)
        self.theme = theme
        self.decks = Decks([Deck(link) for link in links])
        self.strips = Strips([link.station for link in links])
        self.prompt = Prompt()
        self._turners = [Turner(deck.link.ask, partial(self._refused, deck)) for deck in self.decks.all]
        self._has_focus, self._ticks = True, 0

    def get_default_screen(self) -> Screen[None]:
        """One that costs nothing to draw."""
        return Desk(id="_default")

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.strips
        yield self.decks
        yield self.prompt
        yield Footer(compact=True, show_command_palette=False)

    @property
    def deck(self) -> Deck:
        """The one in hand."""
        return self.decks.in_hand

    def on_mount(self) -> None:
        """Everything begins."""
        for deck in self.decks.all:
            self.run_worker(deck.link.run(), name=deck.station.name)
        self._choose(0)
        self.set_interval(TICK_S, self._tick)

    def _tick(self) -> None:
        self._ticks += 1
        if not self._has_focus and self._ticks % UNFOCUSED_TICKS:
            return
        now_s = time.monotonic()
        for deck in self.decks.all:
            if deck.display:
                deck.tick(now_s)
        if self.strips.display:
            self.strips.tick(now_s)

    def on_app_focus(self, event: events.AppFocus) -> None:
        """The keyboard is here."""
        self._has_focus = True

    def on_app_blur(self, event: events.AppBlur) -> None:
        """The keyboard is elsewhere."""
        self._has_focus = False

    # ---- which daemon ----

    def _choose(self, index: int) -> None:
        self.decks.choose(index)
        self.strips.chosen = self.decks.chosen

    def on_decks_shown(self) -> None:
        """What is not shown is told in short."""
        self.strips.display = self.decks.is_any_hidden

    def action_next_daemon(self, step: int) -> None:
        """Takes another daemon in hand."""
        if not self.prompt.is_open:
            self._choose(self.decks.chosen + step)

    def on_strips_chosen(self, message: Strips.Chosen) -> None:
        """The same by mouse."""
        self._choose(message.index)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Whose list is clicked is in hand."""
        for index, deck in enumerate(self.decks.all):
            if deck in event.widget.ancestors and index != self.decks.chosen:
                self._choose(index)

    def _deck_of(self, pane: Pane) -> Deck:
        return next(deck for deck in self.decks.all if pane.station is deck.station)

    # ---- pages ----

    def action_page(self, page: str) -> None:
        """The same page on all decks: they are compared."""
        wanted = next(it for it in PAGES if it == page)
        for deck in self.decks.all:
            deck.turn_to(wanted)
        self.deck.focus_page()

    def action_zoom(self) -> None:
        """Another span of the history, on all decks."""
        for deck in self.decks.all:
            deck.history.zoom()

    def action_help(self) -> None:
        """All keys."""
        self.push_screen(Help())

    def action_target(self) -> None:
        """The loudness that is aimed at."""
        station = self.deck.station

        def aim(text: str) -> None:
            station.target = parse_target(text)

        start = f"{station.target.lufs:g} {station.target.tolerance_lu:g}" if station.target else ""
        self.prompt.ask(f"{station.name}: target in LUFS, tolerance in LU", aim, start)

    # ---- what goes to the daemon ----

    def _request(self, deck: Deck, request: Request, then: Callable[[Answer], object] | None = None) -> None:
        """Asks, waits for nothing, and tells a refusal."""

        async def ask() -> None:
            try:
                answer = await deck.link.ask(request)
            except MasterdError as error:
                self._refused(deck, error)
            else:
                if then:
                    then(answer)

        self.run_worker(ask())

    def _refused(self, deck: Deck, error: MasterdError) -> None:
        deck.station.log.note(f"refused: {error}")
        self.notify(str(error), title=deck.station.name, severity="error", markup=False)

    def action_undo(self) -> None:
        """The last change, whoever made it."""
        self._request(self.deck, protocol.Undo())

    def action_redo(self) -> None:
        """Forward again."""
        self._request(self.deck, protocol.Redo())

    def action_reset_loudness(self) -> None:
        """For everybody who reads this daemon's meters: asked first."""
        deck = self.deck

        def reset(text: str) -> None:
            if text.lower() in ("y", "yes"):
                self._request(deck, protocol.ResetLoudness())

        self.prompt.ask(f"{deck.station.name}: start integrated loudness, range and maxima anew, for everybody? y", reset)

    def action_lock(self) -> None:
        """On air, hands off: nobody else turns, until it is opened again."""
        deck = self.deck

        def lock(note: str) -> None:
            self._request(deck, protocol.TakeLock(note=note))

        def unlock(text: str) -> None:
            if text.lower() in ("y", "yes"):
                self._request(deck, protocol.Unlock())

        if deck.station.lock:
            self.prompt.ask(f"{deck.station.name}: open the lock of {deck.station.lock.who}? y", unlock)
        else:
            self.prompt.ask(f"{deck.station.name}: on air, hands off for everybody else; a note for them", lock)

    def action_compare(self) -> None:
        """A or B."""
        deck, station = self.deck, self.deck.station
        before = dict(station.values)
        if not before:
            return
        wanted = station.compare.wanted(before)

        def switched(answer: Answer | None = None) -> None:
            station.compare.switched(before)
            station.version += 1
            station.log.note(f"{station.compare.on_air} is on air")

        if wanted:
            self._request(deck, protocol.Set(values=wanted, glide_ms=deck.presets.glide_ms), switched)
        else:
            switched()

    def on_parameters_turned(self, message: Parameters.Turned) -> None:
        """By keys or wheel."""
        self._turners[self.decks.all.index(self._deck_of(message.pane))].turn(*message.turn)

    def on_parameters_typed(self, message: Parameters.Typed) -> None:
        """A value."""
        self._request(self._deck_of(message.pane), protocol.Set(values={message.parameter.id: message.value}))

    def on_parameters_asks(self, message: Parameters.Asks) -> None:
        """Room to type in."""
        deck = self._deck_of(message.pane)
        if message.what is None:
            self.prompt.ask("search", lambda text: None, deck.parameters.words, live=deck.parameters.search)
            return
        self._ask_value(deck, message.what)

    def _ask_value(self, deck: Deck, parameter: Parameter) -> None:
        def take(text: str) -> None:
            words = text.removesuffix(parameter.unit).strip().replace(",", ".") if parameter.kind == "number" else text
            try:
                value = parameter.parse(words)
            except MasterdError as error:
                raise ValueError(str(error)) from error
            self._request(deck, protocol.Set(values={parameter.id: value}))

        now = value_text(parameter, deck.station.values.get(parameter.id, parameter.default))
        self.prompt.ask(f"{parameter.id} ({range_text(parameter)}), now {now}", take)

    def on_presets_wished(self, message: Presets.Wished) -> None:
        """What is to be done with a preset."""
        deck, name = self._deck_of(message.pane), message.name

        def save(text: str) -> None:
            if text:
                self._request(deck, protocol.PresetSave(name=text))

        def delete(text: str) -> None:
            if text.lower() in ("y", "yes"):
                self._request(deck, protocol.PresetDelete(name=name))

        match message.wish:
            case "load":
                self._request(deck, protocol.PresetLoad(name=name, glide_ms=deck.presets.glide_ms))
            case "save":
                self.prompt.ask("save the present values as", save, deck.station.preset)
            case "delete":
                self.prompt.ask(f"delete the preset {name!r}? y", delete)
