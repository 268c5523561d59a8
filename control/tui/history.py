"""Loudness of the last hour, for drawing at any width and span."""

from __future__ import annotations

from collections import deque

from masterd.control.protocol import SILENCE_DB

BUCKET_S = 0.5
LONGEST_S = 3600.0
BEFORE_S = 1e-6
"""A bucket ends so much before the next one begins."""
SPANS_S = (60.0, 300.0, 900.0, 3600.0)


class LoudnessHistory:
    """The highest momentary and the last short-term loudness of each half second. Gaps stay gaps."""

    def __init__(self) -> None:
        self._buckets: deque[tuple[int, float, float]] = deque(maxlen=round(LONGEST_S / BUCKET_S))

    def take(self, now_s: float, momentary_lufs: float, short_term_lufs: float) -> None:
        """`now_s` counts from anywhere, forward."""
        number = int(now_s / BUCKET_S)
        if self._buckets and self._buckets[-1][0] == number:
            momentary_lufs = max(momentary_lufs, self._buckets.pop()[1])
        self._buckets.append((number, momentary_lufs, short_term_lufs))

    def columns(self, now_s: float, span_s: float, count: int) -> tuple[list[float | None], list[float | None]]:
        """Momentary and short-term loudness in `count` columns, the newest last. Columns begin at whole multiples of their
        width, so that a curve moves by whole columns and is not drawn anew in between."""
        first = column_number(now_s, span_s, count) - count + 1
        momentary: list[float | None] = [None] * count
        short_term: list[float | None] = [None] * count
        for number, loudest, last in self._since(first * span_s / count):
            begin = max(column_number(number * BUCKET_S, span_s, count) - first, 0)
            end = column_number((number + 1) * BUCKET_S - BEFORE_S, span_s, count) - first
            for column in range(begin, min(end + 1, count)):
                momentary[column] = loudest if (was := momentary[column]) is None else max(was, loudest)
                short_term[column] = last
        return _heard(momentary), _heard(short_term)

    def _since(self, begin_s: float) -> list[tuple[int, float, float]]:
        oldest = int(begin_s / BUCKET_S)
        return [bucket for bucket in self._buckets if bucket[0] >= oldest]


def column_number(now_s: float, span_s: float, count: int) -> int:
    """Changes when there is another column to draw."""
    return int(now_s * count / span_s)


def _heard(levels: list[float | None]) -> list[float | None]:
    return [None if level is None or level <= SILENCE_DB + 1 else level for level in levels]
