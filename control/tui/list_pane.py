"""A pane with rows to choose from, by keys and by mouse."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from masterd.control.tui.cells import Line, span
from masterd.control.tui.pane import Pane
from masterd.control.tui.station import STATE_OLD_S

WHEEL_ROWS = 3


class ListPane(Pane, can_focus=True):
    """Fill in `count` and `row`. The row under the cursor stays in sight."""

    OLD_S = STATE_OLD_S
    PERIOD_S = 0.1
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home", "move(-100000)", "first", show=False),
        Binding("end", "move(100000)", "last", show=False),
    ]
    cursor = 0
    top = 0

    @property
    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def row(self, index: int, width: int, is_cursor: bool) -> Line:
        """One of them."""
        raise NotImplementedError

    def nothing(self) -> str:
        """What to say when there are none."""
        return ""

    def age_s(self, now_s: float) -> float:  # noqa: D102
        return self.station.state_age_s(now_s)

    @property
    def shown_rows(self) -> int:
        """How many rows have room under the title."""
        return max(1, self.size.height - bool(self.TITLE))

    def body(self, width: int, height: int, now_s: float) -> list[Line]:  # noqa: D102
        if not self.count:
            return [span(f"  {self.nothing()}", "d")]
        self._keep_in_sight(max(1, height))
        rows = range(self.top, min(self.top + height, self.count))
        return [self.row(index, width, index == self.cursor) for index in rows]

    def _keep_in_sight(self, height: int) -> None:
        self.cursor = min(max(self.cursor, 0), self.count - 1)
        self.top = min(max(self.top, self.cursor - height + 1), self.cursor)
        self.top = max(0, min(self.top, self.count - height))

    def move_to(self, index: int) -> None:
        """Puts the cursor there."""
        self.cursor = min(max(index, 0), max(0, self.count - 1))
        self.redraw()

    def redraw(self) -> None:
        """Now, not when it is due."""
        self.tick(self._due_s, is_forced=True)

    def action_move(self, rows: int) -> None:  # noqa: D102
        self.move_to(self.cursor + rows)

    def action_page(self, pages: int) -> None:  # noqa: D102
        self.move_to(self.cursor + pages * max(1, self.shown_rows - 1))

    def index_at(self, y: int) -> int | None:
        """The row at a line of the pane."""
        index = self.top + y - bool(self.TITLE)
        return index if y - bool(self.TITLE) >= 0 and index < self.count else None

    def on_click(self, event: events.Click) -> None:
        """A click chooses."""
        if (index := self.index_at(event.y)) is not None:
            self.move_to(index)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves through the rows."""
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The same, back."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, direction: int) -> None:
        event.stop()
        if not self.wheeled(event, direction):
            self.move_to(self.cursor + direction * WHEEL_ROWS)

    def wheeled(self, event: events.MouseEvent, direction: int) -> bool:
        """Whether the wheel was meant for what is under it."""
        return False
