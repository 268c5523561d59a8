"""The spectrum of a whole programme in 1/3 octaves, by the bank of filters that also runs beside the engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from masterd.daemon.reading.reader import Block
from masterd.daemon.spectra import BANDS, FLOOR_DB, decibels, mid_bands_hz
from masterd.native import ffi, lib

FOR_EVER_S = 1e7
"""Averaging so slow that after a day of programme its first second still counts 99 % of the last."""
BASS_BELOW_HZ, TREBLE_ABOVE_HZ = 250.0, 4000.0


@dataclass(frozen=True, slots=True)
class Balance:
    """Power below 250 Hz, between, and above 4 kHz against the whole, 25 Hz to 20 kHz, in dB; FLOOR_DB in silence."""

    bass_db: float
    middle_db: float
    treble_db: float


class ProgrammeSpectrum:
    """Takes a programme block by block. Any one thread; some 0.2 us per frame."""

    def __init__(self, sample_rate_hz: float) -> None:
        self._coefs, self._bank = ffi.new("third_octave_coefs *"), ffi.new("third_octave *")
        lib.third_octave_design(self._coefs, sample_rate_hz, FOR_EVER_S)
        lib.third_octave_reset(self._bank)

    def add(self, block: Block) -> None:
        """(frames, 2)."""
        pairs = np.ascontiguousarray(block, np.float32)
        lib.third_octave_process(self._bank, self._coefs, ffi.from_buffer("float[]", pairs), len(pairs))

    def levels_dbfs(self) -> tuple[float, ...]:
        """Power of both channels in each band, so that a full-scale sine on both sides has 0 dB."""
        sides = np.empty((2, BANDS))
        lib.third_octave_read(self._bank, *(ffi.from_buffer("double[]", side) for side in sides))
        power = np.where(sides > FLOOR_DB, 10 ** (sides / 10), 0).sum(axis=0)
        return tuple(map(float, np.maximum(decibels(power), FLOOR_DB)))


def balance(levels_dbfs: tuple[float, ...]) -> Balance:
    """How a spectrum is distributed."""
    hz, power = np.array(mid_bands_hz()), 10 ** (np.array(levels_dbfs) / 10)
    whole = power.sum()
    if max(levels_dbfs) <= FLOOR_DB:
        return Balance(FLOOR_DB, FLOOR_DB, FLOOR_DB)
    low, high = hz < BASS_BELOW_HZ, hz > TREBLE_ABOVE_HZ
    parts = (low, ~low & ~high, high)
    return Balance(*map(float, decibels(np.array([power[part].sum() / whole for part in parts]))))
