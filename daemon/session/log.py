"""The file `session.jsonl` of a take: a line of JSON for its beginning, one for each order, one for its end.

{"masterd": "0.1.0", "began": 1795450364.6, "sample_rate_hz": 48000, "latency": "normal", "values": {...}, "agc_gain_db": [0, 0]}
{"frame": 51200, "values": {"limiter.drive_db": 3.0}, "ramp_frames": 960}     only what is other than before
{"frame": 0, "gate": true, "fade_frames": 1440}
{"frames": 960000, "lost_frames": 0, "lost_orders": 0}

A take without its last line was cut short by a crash or a power failure; what is there is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import msgspec

from masterd.control.errors import MasterdError
from masterd.control.parameters import Value

LOG, INPUT = "session.jsonl", "input.wav"


class SessionRefused(MasterdError):
    """A folder does not hold a session that can be rendered again."""

    code = "session"


class Begun(msgspec.Struct, forbid_unknown_fields=True):
    """The first line."""

    masterd: str
    began: float
    sample_rate_hz: float
    latency: str
    values: dict[str, Value]
    agc_gain_db: tuple[float, float] | None = None


class Turned(msgspec.Struct, forbid_unknown_fields=True):
    """From `frame` on the values go here, within `ramp_frames`."""

    frame: int
    values: dict[str, Value]
    ramp_frames: int


class Gated(msgspec.Struct, forbid_unknown_fields=True):
    """From `frame` on the output fades in or out."""

    frame: int
    gate: bool
    fade_frames: int


class Ended(msgspec.Struct, forbid_unknown_fields=True):
    """The last line: frames of input that the take holds, and what was lost, which is 0 unless the disk was too slow."""

    frames: int
    lost_frames: int
    lost_orders: int


Line: TypeAlias = Begun | Turned | Gated | Ended


class LogWriter:
    """Appends lines, each on the disk's way as soon as it is written. OSError when the disk refuses."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb", buffering=0)
        self._values: Mapping[str, Value] = {}

    def begin(self, line: Begun) -> None:
        """First."""
        self._values = line.values
        self._write(line)

    def turned(self, frame: int, values: Mapping[str, Value], ramp_frames: int) -> None:
        """Complete values; what is other than before is written."""
        changed = {id: value for id, value in values.items() if self._values.get(id) != value}
        self._values = values
        self._write(Turned(frame, changed, ramp_frames))

    def gated(self, frame: int, open: bool, fade_frames: int) -> None:
        """The gate was moved."""
        self._write(Gated(frame, open, fade_frames))

    def end(self, line: Ended) -> None:
        """Last."""
        self._write(line)
        self._file.close()

    def _write(self, line: Line) -> None:
        self._file.write(msgspec.json.encode(line) + b"\n")


def read(path: Path) -> Iterator[Line]:
    """The lines of a log; a last one that was cut short is left out. SessionRefused names the line that is wrong."""
    kinds = {"masterd": Begun, "values": Turned, "gate": Gated, "frames": Ended}
    text = path.read_bytes()
    for number, line in enumerate(text.splitlines(), 1):
        try:
            fields = msgspec.json.decode(line)
            kind = next(kind for key, kind in kinds.items() if key in fields)
            yield msgspec.convert(fields, kind)
        except (msgspec.MsgspecError, StopIteration, TypeError) as reason:
            if number > 1 and not text.endswith(b"\n") and number == len(text.splitlines()):
                return
            raise SessionRefused(f"{path}: line {number} is not a line of a session: {reason}") from None
