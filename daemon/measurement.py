"""Measuring one audio file from its first frame to its last."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from masterd.daemon.audio_files import AudioReader
from masterd.daemon.meter import ProgrammeMeter

DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Measurement:
    """One file. -200 stands for "nothing": silence, or too short (M 400 ms, S and range 3 s); it is never NaN or infinite.

    A mono file is measured as one channel: 3 LU below the same programme on both sides.
    """

    file: str
    integrated_lufs: float
    momentary_max_lufs: float
    short_term_max_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    sample_peak_dbfs: float


def measure_file(path: Path | str) -> Measurement:
    """Reads the whole file with the meters that run on air. AudioFileError when it cannot be read to its end."""
    with AudioReader(path) as reader:
        meter = ProgrammeMeter(reader.sample_rate_hz, reader.channels)
        for block in reader.blocks():
            meter.add(block)
    return measurement(str(path), meter)


def measurement(file: str, meter: ProgrammeMeter) -> Measurement:
    """What a meter has to say at the end, to a thousandth."""
    return Measurement(file, **{name: round(value, DECIMALS) for name, value in meter.readings().items()})
