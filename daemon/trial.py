"""Changes that go back by themselves unless somebody confirms them: for a hand far away that may have cut itself off.

There is one trial at a time. It knows from where each parameter came that it has turned. Another change to be confirmed joins
it: one token, the newest, stands for both, and the way back leads to before the first. A change without confirmation takes the
parameters that it turns out of the trial, since somebody has decided about them; so does another preset with the preset's name.
When nothing is left to take back, the trial is over.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from masterd.control.errors import BadRequest, NothingToConfirm
from masterd.control.parameters import Value
from masterd.control.protocol import Trial
from masterd.daemon.asker import Asker, asking
from masterd.daemon.history import Moment
from masterd.daemon.state import Change, Return, Saved, State

SHORTEST_S, LONGEST_S = 1.0, 3600.0
REVERT_GLIDE_MS = 500.0
"""As long at least as the way there took, and long enough that nobody is startled."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A trial under way. `preset` is the moment whose preset comes back, `tried` the one that it would replace."""

    asker: Asker
    token: str
    due_s: float
    until: float
    back: Mapping[str, Value]
    preset: Moment | None
    tried: tuple[str, Mapping[str, Value]]
    glide_ms: float

    def seen(self) -> Trial:
        """As others see it."""
        return Trial(who=self.asker.who, address=self.asker.address, until=self.until, parameters=len(self.back))


class Trials:
    """The trial of a state. `tell(outcome, trial or None)` publishes. Control thread."""

    def __init__(self, state: State, tell: Callable[[str, Trial | None], object], clock: Callable[[], float] = time.monotonic):
        self.state, self.tell, self.clock = state, tell, clock
        self.pending: Pending | None = None
        self._asked_s: float | None = None
        self._before = state.history.now
        state.listeners.append(self._follow)

    @contextmanager
    def of(self, confirm_within_s: float | None) -> Iterator[None]:
        """What changes inside is on trial, when a time is given; BadRequest."""
        if confirm_within_s is not None and not (math.isfinite(confirm_within_s) and SHORTEST_S <= confirm_within_s <= LONGEST_S):
            raise BadRequest(f"confirm_within_s: {confirm_within_s:g} is outside {SHORTEST_S:g} to {LONGEST_S:g} s")
        self._asked_s, self._before = confirm_within_s, self.state.history.now
        try:
            yield
        finally:
            self._asked_s = None

    def confirm(self, token: str) -> None:
        """Keeps what was tried; NothingToConfirm."""
        self._expect(token)
        self._end("confirmed")

    def revert(self, token: str) -> Change:
        """Takes it back now; NothingToConfirm."""
        return self._go_back(self._expect(token))

    def expire(self) -> None:
        """Takes back what was not confirmed in time; called often."""
        if self.pending and self.clock() >= self.pending.due_s:
            self._go_back(self.pending)

    def seen(self) -> Trial | None:
        """What others see of it."""
        return self.pending.seen() if self.pending else None

    def saved(self) -> Return | None:
        """What a restart would take back."""
        if (it := self.pending) is None:
            return None
        return Return(it.back, it.preset.preset, it.preset.base) if it.preset else Return(it.back)

    def _expect(self, token: str) -> Pending:
        if self.pending is None or not secrets.compare_digest(token.encode(), self.pending.token.encode()):
            raise NothingToConfirm("nothing waits for this token: it was confirmed, has gone back, or a later change replaced it")
        return self.pending

    def _go_back(self, pending: Pending) -> Change:
        self.pending = None
        change = self.state.go_back(pending.back, pending.preset, glide_ms=max(pending.glide_ms, REVERT_GLIDE_MS))
        self.tell("reverted", None)
        return change

    def _end(self, outcome: str) -> None:
        self.pending = None
        self.tell(outcome, None)

    def _follow(self, change: Change) -> None:
        """Listens to the state: a change either is on trial, or takes its parameters out of the one there is."""
        if self._asked_s is not None:
            self._begin(change, self._asked_s)
        elif self.pending:
            self._lessen(self.pending, change)

    def _begin(self, change: Change, within_s: float) -> None:
        earlier = self.pending
        now = self.state.history.now
        moved = (now.preset, now.base) != (self._before.preset, self._before.base)
        self.pending = Pending(
            asker=asking.get(),
            token=secrets.token_urlsafe(12),
            due_s=self.clock() + within_s,
            until=time.time() + within_s,
            back={id: old for id, (old, _) in change.changes.items()} | dict(earlier.back if earlier else {}),
            preset=(earlier and earlier.preset) or (self._before if moved else None),
            tried=(now.preset, now.base),
            glide_ms=change.glide_ms,
        )
        self.tell("begun", self.pending.seen())

    def _lessen(self, pending: Pending, change: Change) -> None:
        now = self.state.history.now
        back = {id: old for id, old in pending.back.items() if id not in change.changes}
        preset = pending.preset if (now.preset, now.base) == pending.tried else None
        if back or preset:
            self.pending = replace(pending, back=back, preset=preset)
        else:
            self._end("superseded")


def gone_back(saved: Saved) -> Saved:
    """What was saved, without the change that nobody could confirm any more; one revision later when there was one."""
    if (to := saved.unconfirmed) is None:
        return saved
    return replace(
        saved,
        revision=saved.revision + 1,
        preset=saved.preset if to.preset is None else to.preset,
        values={**saved.values, **to.values},
        base=saved.base if to.base is None else to.base,
        unconfirmed=None,
    )
