"""The bext chunk of a Broadcast Wave, version 2: who, when, where in time, and how loud (EBU Tech 3285)."""

from __future__ import annotations

import datetime
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

UNKNOWN = 0x7FFF
INFO = "@256s32s32s10s8sIIh64s5h180sI"
"""libsndfile's SF_BROADCAST_INFO without its coding history, which libsndfile writes itself."""
LOUDNESS_AT = 256 + 32 + 32 + 10 + 8 + 4 + 4 + 2 + 64
VERSION = 2


@dataclass(frozen=True, slots=True)
class Description:
    """What a Broadcast Wave says about itself. `start_frames` is the time reference: samples since midnight."""

    description: str = ""
    originator: str = "masterd"
    reference: str = ""
    start_frames: int = 0
    when: datetime.datetime | None = None

    def info(self) -> bytes:
        """As SF_BROADCAST_INFO, loudness not known yet."""
        when = self.when or datetime.datetime.now()
        texts = self.description.encode(), self.originator.encode(), self.reference.encode()
        date, clock = when.strftime("%Y-%m-%d").encode(), when.strftime("%H:%M:%S").encode()
        low, high = self.start_frames & 0xFFFFFFFF, self.start_frames >> 32
        return struct.pack(INFO, *texts, date, clock, low, high, VERSION, b"", *[UNKNOWN] * 5, b"", 0) + bytes(256)


@dataclass(frozen=True, slots=True)
class Loudness:
    """None where there is no value."""

    integrated_lufs: float | None
    range_lu: float | None
    true_peak_dbtp: float | None
    momentary_max_lufs: float | None
    short_term_max_lufs: float | None

    def packed(self) -> bytes:
        """Hundredths, rounded; out of range counts as unknown."""
        values = self.integrated_lufs, self.range_lu, self.true_peak_dbtp, self.momentary_max_lufs, self.short_term_max_lufs
        return struct.pack("<5h", *(UNKNOWN if it is None or abs(it) >= 100 else round(100 * it) for it in values))


def write_loudness(path: Path, loudness: Loudness) -> None:
    """Into the bext chunk of a complete file. ValueError when it has none."""
    with path.open("r+b") as file:
        file.seek(bext_at(file) + LOUDNESS_AT)
        file.write(loudness.packed())


def bext_at(file: BinaryIO) -> int:
    """Where the content of the bext chunk begins."""
    file.seek(12)
    while len(head := file.read(8)) == 8:
        name, size = struct.unpack("<4sI", head)
        if name == b"bext":
            return file.tell()
        if name == b"data":
            break
        file.seek(size + size % 2, 1)
    raise ValueError("no bext chunk before the audio")
