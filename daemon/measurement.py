"""Measuring one audio file from its first frame to its last."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from masterd.daemon.audio_files import AudioReader
from masterd.daemon.meter import ProgrammeMeter

DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Measurement:
    """One file. -200 stands for "nothing": silence, or too short (M 400 ms, S and range 3 s); it is never NaN or infinite.

    A mono file is measured as one channel: 3 LU below the same programme on both sides. `dr_db` is what the Pleasurize
    Music Foundation calls DR before it is rounded; correlation, balance and DC are of the whole programme, 0 in silence.
    """

    file: str
    integrated_lufs: float
    momentary_max_lufs: float
    short_term_max_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    sample_peak_dbfs: float
    plr_db: float
    psr_min_db: float
    dr_db: float
    correlation: float
    balance_db: float
    dc_percent: tuple[float, float]
    true_peak_bs1770_dbtp: float | None = None
    """By the filter that BS.1770-5 prints; None unless it was asked for."""

    def known(self) -> dict[str, Any]:
        """All fields but those that were not asked for."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def measure_file(path: Path | str, bs1770: bool = False) -> Measurement:
    """Reads the whole file with the meters that run on air. AudioFileError when it cannot be read to its end."""
    with AudioReader(path) as reader:
        meter = ProgrammeMeter(reader.sample_rate_hz, reader.channels, bs1770)
        for block in reader.blocks():
            meter.add(block)
    return measurement(str(path), meter)


def measurement(file: str, meter: ProgrammeMeter) -> Measurement:
    """What a meter has to say at the end, to a thousandth."""
    return Measurement(file, **{name: rounded(value) for name, value in meter.readings().items()})


def rounded(value: Any) -> Any:
    """To DECIMALS, each of several."""
    return tuple(round(it, DECIMALS) for it in value) if isinstance(value, tuple) else round(value, DECIMALS)
