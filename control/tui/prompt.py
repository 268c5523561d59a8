"""A line at the bottom in which the operator types, while the meters go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Label

Take = Callable[[str], None]


class Prompt(Horizontal):
    """Closed until something is asked."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "cancel", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self._question = ""
        self._done: Take | None = None
        self._live: Take | None = None
        self._former: Widget | None = None

    @property
    def is_open(self) -> bool:
        """Whether the operator is asked something."""
        return self._done is not None

    def compose(self) -> ComposeResult:
        """The question, and room for the answer."""
        yield Label(markup=False)
        yield Input(compact=True)

    def ask(self, question: str, done: Take, start: str = "", live: Take | None = None) -> None:
        """`done` takes what was typed; a ValueError of it is shown and the line stays open. `live` takes every keystroke."""
        if not self.is_open:
            self._former = self.screen.focused
        self._question, self._done, self._live = question, done, None
        self.query_one(Label).update(question)
        line = self.query_one(Input)
        line.value, line.cursor_position = start, len(start)
        self._live = live
        self.add_class("-open")
        line.focus()

    def close(self) -> None:
        """Back to where the keyboard was."""
        self._done = self._live = None
        self.remove_class("-open")
        self.screen.set_focus(self._former if self._former and self._former.is_attached else None)

    def action_cancel(self) -> None:
        """Nothing was typed."""
        if self._live:
            self._live("")
        self.close()

    def on_input_changed(self, event: Input.Changed) -> None:
        """For those who want every keystroke."""
        event.stop()
        if self._live:
            self._live(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The answer, or once more."""
        event.stop()
        done = self._done
        if done is None:
            return
        try:
            done(event.value.strip())
        except ValueError as reason:
            self.query_one(Label).update(str(reason))
        else:
            if self._done is done:  # it may have asked another question
                self.close()
