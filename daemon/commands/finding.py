"""What a check of this machine found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `good`, or what was seen and what to do about it."""

    what: str
    good: bool
    seen: str
    todo: str = ""
