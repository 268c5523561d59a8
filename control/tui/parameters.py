"""Every parameter of the daemon: found by words, turned by keys and wheel, typed."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from masterd.control.curves import Curve
from masterd.control.parameters import Parameter, Value
from masterd.control.scales import filled
from masterd.control.text import range_text, value_text
from masterd.control.tui.cells import Line, joined, span
from masterd.control.tui.list_pane import ListPane
from masterd.control.tui.station import Station

VALUE, RANGE = 15, 22
NOTCHES = 100
"""Turns of the arrow keys over the whole range of a number."""
FINE, COARSE = 0.1, 10.0
WIDE = 84


class Turn(NamedTuple):
    """What `adjust` is asked for."""

    id: str
    amount: float
    travel: bool


class Parameters(ListPane):
    """The table of parameters, with what they are now."""

    TITLE = "PARAMETERS"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,minus", "turn(-1.0)", "turn down", show=False),
        Binding("right,plus", "turn(1.0)", "turn up", show=False),
        Binding("shift+left", f"turn(-{FINE})", "fine", show=False),
        Binding("shift+right", f"turn({FINE})", "fine", show=False),
        Binding("ctrl+left", f"turn(-{COARSE})", "coarse", show=False),
        Binding("ctrl+right", f"turn({COARSE})", "coarse", show=False),
        Binding("enter,equals_sign", "type", "type a value", show=False),
        Binding("space", "flip", "on/off, next choice", show=False),
        Binding("d", "default", "default", show=False),
        Binding("slash", "search", "search", show=False),
        Binding("escape", "search_off", "all", show=False),
    ]

    class Turned(Message):
        """The operator turned."""

        def __init__(self, pane: Parameters, turn: Turn) -> None:
            super().__init__()
            self.pane, self.turn = pane, turn

    class Typed(Message):
        """The operator wants a value."""

        def __init__(self, pane: Parameters, parameter: Parameter, value: Value) -> None:
            super().__init__()
            self.pane, self.parameter, self.value = pane, parameter, value

    class Asks(Message):
        """The operator wants to type: a value, or words to search for."""

        def __init__(self, pane: Parameters, what: Parameter | None) -> None:
            super().__init__()
            self.pane, self.what = pane, what

    def __init__(self, station: Station, id: str | None = None) -> None:
        super().__init__(station, id)
        self.words = ""
        self._key: tuple[object, ...] = ()
        self._found: list[Parameter] = []

    @property
    def found(self) -> list[Parameter]:
        """Those that match the words."""
        key = (self.words, id(self.station.parameters))
        if key != self._key:
            self._key, self._found = key, [it for it in self.station.parameters.values() if matches(it, self.words)]
        return self._found

    @property
    def count(self) -> int:  # noqa: D102
        return len(self.found)

    @property
    def chosen(self) -> Parameter | None:
        """The one under the cursor."""
        return self.found[self.cursor] if self.cursor < self.count else None

    def nothing(self) -> str:  # noqa: D102
        return f"nothing matches {self.words!r}: esc shows all" if self.words else self.station.trouble

    def note(self, width: int) -> Line:  # noqa: D102
        words = span(f"/{self.words}  ", "y") if self.words else span("/ searches  " if width >= 50 else "", "d")
        return joined(words, span(f"{self.cursor + 1 if self.count else 0}/{self.count}", "d"))

    def search(self, words: str) -> None:
        """Shows only what has all these words in id, label or help; the one under the cursor stays chosen where it can."""
        chosen, self.words = self.chosen, words
        self.cursor = next((index for index, it in enumerate(self.found) if it is chosen), 0)
        self.redraw()

    def row(self, index: int, width: int, is_cursor: bool) -> Line:  # noqa: D102
        parameter = self.found[index]
        value = self.station.values.get(parameter.id, parameter.default)
        is_default = value == parameter.default
        mark = span("▸ " if is_cursor else "  ", "w")
        told = span(value_text(parameter, value).rjust(VALUE)[-VALUE:], "d" if is_default else "v")
        last = span(f"  {range_text(parameter)}"[:RANGE].ljust(RANGE), "d") if width >= WIDE else span("")
        name_cells, bar_cells = self._split(width)
        name = span(f"{parameter.id:<{name_cells}}"[:name_cells], "w" if is_cursor else " ")
        return joined(mark, name, bar(parameter, value, bar_cells), told, last)

    def _split(self, width: int) -> tuple[int, int]:
        longest = max((len(it.id) for it in self.station.parameters.values()), default=30) + 1
        room = width - 2 - VALUE - (RANGE if width >= WIDE else 0)
        name_cells = min(longest, max(room - 8, 12))
        return name_cells, max(0, room - name_cells)

    def action_turn(self, notches: float) -> None:  # noqa: D102
        if self.chosen:
            self.post_message(self.Turned(self, turn_of(self.chosen, notches)))

    def action_flip(self) -> None:  # noqa: D102
        if (it := self.chosen) is None:
            return
        value = self.station.values.get(it.id, it.default)
        if it.kind == "switch":
            self.post_message(self.Typed(self, it, not value))
        elif it.choices:
            self.post_message(self.Typed(self, it, it.choices[(it.choices.index(str(value)) + 1) % len(it.choices)]))

    def action_default(self) -> None:  # noqa: D102
        if self.chosen:
            self.post_message(self.Typed(self, self.chosen, self.chosen.default))

    def action_type(self) -> None:  # noqa: D102
        if self.chosen:
            self.post_message(self.Asks(self, self.chosen))

    def action_search(self) -> None:  # noqa: D102
        self.post_message(self.Asks(self, None))

    def action_search_off(self) -> None:  # noqa: D102
        self.search("")

    def wheeled(self, event: events.MouseEvent, direction: int) -> bool:
        """Over bar and value of the chosen row the wheel turns: away from the hand is more. With shift, fine."""
        name_cells, _ = self._split(self.size.width)
        if self.index_at(event.y) != self.cursor or event.x < 2 + name_cells:
            return False
        self.action_turn(-direction * (FINE if event.shift else 1.0))
        return True


def matches(parameter: Parameter, words: str) -> bool:
    """Whether all words are somewhere in what describes it."""
    text = f"{parameter.id} {parameter.label} {parameter.help}".lower()
    return all(word in text for word in words.lower().split())


def turn_of(parameter: Parameter, notches: float) -> Turn:
    """What so many notches are: of a number a hundredth of its range, and at least its step; of others one position."""
    if parameter.kind != "number":
        return Turn(parameter.id, 1.0 if notches > 0 else -1.0, False)
    if parameter.curve is Curve.LOG:
        return Turn(parameter.id, notches / NOTCHES, True)
    steps = round(notches * (parameter.max - parameter.min) / NOTCHES / parameter.step)
    return Turn(parameter.id, (steps or (1 if notches > 0 else -1)) * parameter.step, False)


def bar(parameter: Parameter, value: Value, cells: int) -> Line:
    """Where the value is in its range, or a lamp."""
    if cells < 6:
        return span(" " * cells)
    room = cells - 3
    if parameter.kind == "switch":
        return joined(span(" "), span("●" if value else "○", "o" if value else "d"), span(" " * (cells - 2)))
    text = "".join(filled(parameter.to_travel(value) * room, room))
    return joined(span(" ▕", "d"), span(text, "l"), span("▏", "d"))
