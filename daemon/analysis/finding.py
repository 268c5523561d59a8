"""One thing that was heard: the measure, the limit it passed, why it matters, and what could be turned about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from masterd.control.parameters import Value


class Confidence(StrEnum):
    """How far to trust a proposal."""

    SURE = "sure"
    """A fault, whatever the music."""
    LIKELY = "likely"
    """Nearly always better."""
    TASTE = "taste"
    """Unusual; listen first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`moves` are parameters and the values to give them; empty where nothing that masterd can turn would help."""

    measure: str
    value: float
    limit: str
    title: str
    why: str
    confidence: Confidence
    moves: Mapping[str, Value] = field(default_factory=dict)

    @property
    def is_fault(self) -> bool:
        """Whether it is one whatever the programme is to sound like."""
        return self.confidence is Confidence.SURE or self.measure == "hum_db"
