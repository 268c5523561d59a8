"""Measuring one audio file from its first frame to its last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from masterd.daemon.measuring.clipping import ClipFinder
from masterd.daemon.measuring.meter import ProgrammeMeter, decibels
from masterd.daemon.measuring.spectrum import ProgrammeSpectrum, balance
from masterd.daemon.reading.opening import open_audio
from masterd.daemon.reading.rates import Resampler, engine_rate_hz
from masterd.daemon.reading.reader import AudioReader, Block

DECIMALS = 3
FramesTold = Callable[[int, int], None]
"""Called with frames done and frames in all."""


@dataclass(frozen=True, slots=True)
class ClippedRun:
    """Equal samples in a row at full scale."""

    at_s: float
    frames: int
    channel: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What only a file has, beside its sound. `clipped` lists the first hundred runs; `spectrum_dbfs` has the power of both
    channels in 1/3 octaves from 25 Hz to 20 kHz, `bass_db` and the others what is below 250 Hz, between, and above 4 kHz
    against the whole; they are None when no spectrum was asked for. `bits` is None for a lossy file; `complaints` is what the
    decoder found wrong, and went on."""

    seconds: float
    sample_rate_hz: int
    channels: int
    bits: int | None
    codec: str
    clipped_runs: int
    clipped_longest_frames: int
    clipped_longest_at_s: float
    clipped: tuple[ClippedRun, ...]
    complaints: tuple[str, ...] = ()
    bass_db: float | None = None
    middle_db: float | None = None
    treble_db: float | None = None
    spectrum_dbfs: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """One programme. -200 stands for "nothing": silence, or too short (M 400 ms, S and range 3 s); it is never NaN or infinite.

    A mono file is measured as one channel: 3 LU below the same programme on both sides. `dr_db` is what the Pleasurize
    Music Foundation calls DR before it is rounded; correlation, balance and DC are of the whole programme, 0 in silence;
    `mono_loss_lu` is what the mono sum is less loud, 200 when nothing of it is left.
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
    mono_loss_lu: float
    balance_db: float
    dc_percent: tuple[float, float]
    true_peak_bs1770_dbtp: float | None = None
    """By the filter that BS.1770-5 prints; None unless it was asked for."""
    facts: FileFacts | None = None
    """None for a programme that is no file."""

    def known(self) -> dict[str, Any]:
        """All fields, those of the file among them, but those that were not asked for."""
        fields = asdict(self)
        fields |= fields.pop("facts") or {}
        return {name: value for name, value in fields.items() if value is not None or name == "bits"}


class FileMeter:
    """Takes a file's blocks at the file's own rate: its sample peak and clipped runs are measured there, the rest at the
    engine's rate for it. Any one thread. MissingExtra when that is another rate and soxr is not installed."""

    def __init__(self, reader: AudioReader, bs1770: bool = False, spectrum: bool = True) -> None:
        self.reader, at_hz = reader, engine_rate_hz(reader.sample_rate_hz)
        self.meter = ProgrammeMeter(at_hz, reader.channels, bs1770)
        self._spectrum = ProgrammeSpectrum(at_hz) if spectrum else None
        self._clips, self._peak = ClipFinder(), 0.0
        self._resampler = Resampler(reader.sample_rate_hz, at_hz)

    def add(self, block: Block) -> None:
        """(frames, 2)."""
        channels = block[:, : self.reader.channels].T
        self._clips.add(channels)
        self._peak = max(self._peak, float(np.abs(channels[np.isfinite(channels)]).max(initial=0)))
        self._add(self._resampler.add(block))

    def _add(self, block: Block) -> None:
        self.meter.add(block)
        if self._spectrum:
            self._spectrum.add(block)

    def measurement(self) -> Measurement:
        """The file is over. Once."""
        self._add(self._resampler.end())
        self._clips.end()
        readings = self.meter.readings() | {"sample_peak_dbfs": decibels(self._peak)}
        return _measurement(str(self.reader.path), readings, self._facts())

    def _facts(self) -> FileFacts:
        reader, clips, rate = self.reader, self._clips, self.reader.sample_rate_hz
        runs = tuple(ClippedRun(round(run.start_frames / rate, 6), run.frames, "LR"[run.channel]) for run in clips.first)
        longest = clips.longest
        levels = self._spectrum.levels_dbfs() if self._spectrum else None
        parts = {name: rounded(value) for name, value in asdict(balance(levels)).items()} if levels else {}
        return FileFacts(
            seconds=round(reader.done_frames / rate, 6),
            sample_rate_hz=rate,
            channels=reader.channels,
            bits=reader.bits,
            codec=reader.codec,
            clipped_runs=clips.count,
            clipped_longest_frames=longest.frames if longest else 0,
            clipped_longest_at_s=round(longest.start_frames / rate, 6) if longest else 0.0,
            clipped=runs,
            complaints=tuple(reader.complaints),
            **parts,
            spectrum_dbfs=tuple(round(level, 2) for level in levels) if levels else None,
        )


def measure_file(path: Path | str, bs1770: bool = False, spectrum: bool = True, tell: FramesTold | None = None) -> Measurement:
    """Reads the whole file with the meters that run on air. AudioFileError when it cannot be read to its end."""
    with open_audio(path) as reader:
        meter = FileMeter(reader, bs1770, spectrum)
        for block in reader.blocks():
            meter.add(block)
            if tell:
                tell(reader.done_frames, reader.frames)
        return meter.measurement()


def measurement(name: str, meter: ProgrammeMeter) -> Measurement:
    """What a meter has to say at the end, to a thousandth."""
    return _measurement(name, meter.readings(), None)


def _measurement(name: str, readings: dict[str, Any], facts: FileFacts | None) -> Measurement:
    return Measurement(name, **{key: rounded(value) for key, value in readings.items()}, facts=facts)


def rounded(value: Any) -> Any:
    """To DECIMALS, each of several."""
    return tuple(round(it, DECIMALS) for it in value) if isinstance(value, tuple) else round(value, DECIMALS)
