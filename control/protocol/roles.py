"""Who may do what: three roles, each of which may do what the ones before it may."""

from __future__ import annotations

import enum


class Role(enum.IntEnum):
    """What somebody may do. On the wire and in files its name in lower case."""

    VIEWER = 1
    """Reads: values, status, events, meters."""
    OPERATOR = 2
    """Turns: values, presets, history."""
    ADMIN = 3
    """Decides who may turn, and overrides."""

    def __str__(self) -> str:
        return self.name.lower()
