"""The loudness that is aimed at, and how far from it is still right."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_TOLERANCE_LU = 1.0
"""EBU R 128 for live programmes."""
LOUDEST_LUFS, QUIETEST_LUFS = 0.0, -70.0


@dataclass(frozen=True, slots=True)
class Target:
    """A corridor."""

    lufs: float
    tolerance_lu: float = DEFAULT_TOLERANCE_LU

    @property
    def low_lufs(self) -> float:
        """Its lower edge."""
        return self.lufs - self.tolerance_lu

    @property
    def high_lufs(self) -> float:
        """Its upper edge."""
        return self.lufs + self.tolerance_lu

    def off_lu(self, loudness_lufs: float) -> float:
        """How far outside: above 0 too loud, below 0 too soft, 0 inside."""
        return max(0.0, loudness_lufs - self.high_lufs) + min(0.0, loudness_lufs - self.low_lufs)

    def __str__(self) -> str:
        return f"{self.lufs:g} ±{self.tolerance_lu:g} LU"


def parse_target(text: str) -> Target | None:
    """`-23`, `-23 1`, `-23±1`; None for nothing or `off`. ValueError says what would be right."""
    words = text.replace("±", " ").replace(",", " ").split()
    if not words or words == ["off"]:
        return None
    try:
        lufs, *rest = map(float, words)
    except ValueError:
        raise ValueError(f"{text!r} is no loudness: -23, or -23 1 with the tolerance in LU, or off") from None
    tolerance_lu = rest[0] if rest else DEFAULT_TOLERANCE_LU
    if len(rest) > 1 or not QUIETEST_LUFS <= lufs <= LOUDEST_LUFS or not 0 < tolerance_lu <= 20:
        raise ValueError(f"{text!r}: a target from -70 to 0 LUFS, and a tolerance above 0 and up to 20 LU")
    return Target(lufs, tolerance_lu)
