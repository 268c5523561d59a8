"""What was measured in the last minute, second by second: largest and mean, the same for everybody who asks."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

KEPT_S = 60


@dataclass(slots=True)
class Second:
    """All values of one second of the clock."""

    number: int
    largest: float
    total: float
    count: int


class Seconds:
    """One value over the last KEPT_S to KEPT_S + 1 seconds. Time comes from outside, in seconds from anywhere, forward."""

    def __init__(self) -> None:
        self._seconds: deque[Second] = deque(maxlen=KEPT_S + 1)

    def add(self, value: float, now_s: float) -> None:
        """It was measured now."""
        last = self._seconds[-1] if self._seconds else None
        if last is None or last.number != int(now_s):
            self._seconds.append(Second(int(now_s), value, value, 1))
        else:
            last.largest = max(last.largest, value)
            last.total += value
            last.count += 1

    def largest(self, now_s: float) -> float | None:
        """The largest, None when nothing was measured."""
        return max((second.largest for second in self._within(KEPT_S, now_s)), default=None)

    def mean(self, span_s: int, now_s: float) -> float | None:
        """The mean of the last `span_s`, None when nothing was measured."""
        seconds = self._within(span_s, now_s)
        count = sum(second.count for second in seconds)
        return sum(second.total for second in seconds) / count if count else None

    def _within(self, span_s: int, now_s: float) -> list[Second]:
        return [second for second in self._seconds if second.number >= int(now_s) - span_s]
