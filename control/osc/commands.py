"""Addresses that are no values: what a button asks of the daemon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from masterd.control import words
from masterd.control.calls import Question
from masterd.control.errors import BadRequest
from masterd.control.osc.codec import Argument
from masterd.control.protocol import DEFAULT_GLIDE_MS, MAX_GLIDE_MS, Answer

Arguments: TypeAlias = tuple[Argument, ...]
Command: TypeAlias = Question[Answer]
MOST_STEPS = 1000


def pressed(address: str, arguments: Arguments) -> int:
    """How often a button is pressed: once without an argument, by `T`, `N` or `I`; as often as a number says, 0 when let go."""
    if arguments in ((), (None,)):
        return 1
    if len(arguments) == 1 and isinstance(arguments[0], int | float) and arguments[0] in range(MOST_STEPS):
        return int(arguments[0])
    raise BadRequest(f"{address} takes nothing, or 1 for a button that is pressed and 0 when it is let go, or a number of steps")


def undo(arguments: Arguments) -> Command | None:
    """`/undo`."""
    steps = pressed("/undo", arguments)
    return words.undo(steps) if steps else None


def redo(arguments: Arguments) -> Command | None:
    """`/redo`."""
    steps = pressed("/redo", arguments)
    return words.redo(steps) if steps else None


def reset_loudness(arguments: Arguments) -> Command | None:
    """`/loudness/reset`."""
    return words.reset_loudness() if pressed("/loudness/reset", arguments) else None


def load_preset(arguments: Arguments) -> Command | None:
    """`/preset/load NAME [GLIDE_MS]`."""
    name, glide_ms = (*arguments, DEFAULT_GLIDE_MS)[:2] if arguments else (None, None)
    is_glide = isinstance(glide_ms, int | float) and 0 <= glide_ms <= MAX_GLIDE_MS  # not NaN
    if len(arguments) > 2 or not isinstance(name, str) or not is_glide:
        raise BadRequest(f"/preset/load takes the name of a preset, and if you like a glide from 0 to {MAX_GLIDE_MS:g} ms")
    assert isinstance(glide_ms, int | float)
    return words.preset_load(name, glide_ms)


COMMANDS: Mapping[str, Callable[[Arguments], Command | None]] = {
    "/undo": undo,
    "/redo": redo,
    "/loudness/reset": reset_loudness,
    "/preset/load": load_preset,
}
"""What changes something. None: nothing is to be done."""
