"""All keys on one page."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Everywhere",
        (
            ("1 2 3 4", "on air, parameters, presets, events"),
            ("tab, shift+tab", "next daemon, the one before"),
            ("u, r", "undo, redo the last change, whoever made it"),
            ("b", "A/B: the first time keeps these values as A and goes on with B; then changes sides"),
            ("t", "target loudness and tolerance: -23 1, or off"),
            ("z", "history: 1, 5, 15, 60 minutes"),
            ("L", "loudness, range and maxima start anew, for everybody"),
            ("h", "hands off: locks the daemon for everybody else, or opens the lock"),
            ("? or F1, q", "this page, leave"),
        ),
    ),
    (
        "Parameters",
        (
            ("/", "search: words of id, label or explanation; esc shows all"),
            ("left right or minus plus", "turn by 1 % of the range; with shift fine, with ctrl coarse"),
            ("wheel", "turns over bar and value of the chosen row, elsewhere moves through the rows; with shift fine"),
            ("enter or =", "type a value in the unit shown; esc leaves all as it is"),
            ("space", "on/off, next choice"),
            ("d", "default"),
        ),
    ),
    (
        "Presets",
        (
            ("enter", "load, gliding"),
            ("g", "how long the glide lasts; also that of A/B"),
            ("s", "save the present values under a name"),
            ("x or delete", "delete, after asking"),
        ),
    ),
    ("Events", (("up down, end", "go back, follow the newest again"), ("f", "all, changes only, alarms only"))),
)

SIGNS = (
    ("█ ━ ┃", "RMS over 0.3 s (dBFS), true peak (dBTP), highest true peak of 2 s"),
    ("│", "the limiter's ceiling; yellow begins 9 dB under it, orange-red is over it"),
    ("TP", "the highest true peak since the reset, as I, LRA, PLR and DR"),
    ("▲ ▼", "too loud or over the limit, too soft or squeezed (PSR under 8 dB)"),
    ("3.2 s old", "nothing newer has come: what is shown in grey was true then"),
    ("‖", "the leveller's gate holds its gain"),
)


class Help(ModalScreen[None]):
    """Any of the keys that opened it closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1", "dismiss", "back", show=False)]

    def compose(self) -> ComposeResult:
        """A table of keys, and one of signs."""
        table = Table.grid(padding=(0, 2))
        for title, keys in KEYS:
            table.add_row(Text(title, "bold"), "")
            for key, what in keys:
                table.add_row(Text(f"  {key}"), Text(what))
        table.add_row(Text("Signs", "bold"), "")
        for sign, what in SIGNS:
            table.add_row(Text(f"  {sign}"), Text(what))
        with VerticalScroll():
            yield Static(table)
