"""What each operation of the protocol does: one small function per request type, found by its type. A file
for each group of operations, with a table of its own.

A handler returns the answer's `result`, or raises a MasterdError and has then changed nothing. One that waits for the disk is a
coroutine, and so is one that computes for long; requests are nevertheless served one after the other.
"""

from __future__ import annotations

from masterd.daemon.handlers import analysing, guarding, listening, midi, presets, values, watching
from masterd.daemon.handlers.checks import Handlers

HANDLERS: Handlers = {
    **values.HANDLERS,
    **presets.HANDLERS,
    **watching.HANDLERS,
    **listening.HANDLERS,
    **analysing.HANDLERS,
    **midi.HANDLERS,
    **guarding.HANDLERS,
}
