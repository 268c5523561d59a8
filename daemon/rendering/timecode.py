"""Times as people write them: seconds, [h:]m:s with decimals, or timecode."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

CLOCK = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)")
TIMECODE = re.compile(r"(\d+):(\d\d):(\d\d):(\d\d)(?:@(\d+(?:\.\d+)?))?")
DEFAULT_FPS = "25"


def seconds(given: Any) -> Fraction:
    """Exact seconds of a time in any of these ways, timecode at 25 frames a second unless it says @30 or the like. ValueError."""
    text = f"{given:.9f}" if isinstance(given, float) else str(given).strip()
    if not isinstance(given, bool):
        if match := TIMECODE.fullmatch(text):
            hours, minutes, whole, frames = (int(part) for part in match.groups()[:4])
            fps = Fraction(match[5] or DEFAULT_FPS)
            if minutes < 60 and whole < 60 and fps and frames < fps:
                return 3600 * hours + 60 * minutes + whole + frames / fps
        elif match := CLOCK.fullmatch(text):
            hours, minutes, rest = int(match[1] or 0), int(match[2] or 0), Fraction(match[3])
            if match[2] is None or (rest < 60 and (match[1] is None or minutes < 60)):
                return 3600 * hours + 60 * minutes + rest
    raise ValueError(f"time {given!r} is not seconds, [h:]m:s or timecode h:m:s:f[@frames per second]")
