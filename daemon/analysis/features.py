"""What is known of a programme when it is judged: one shape for a file, several references, and a live stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from masterd.daemon.spectra import mid_bands_hz

Float64 = npt.NDArray[np.float64]

BANDS_HZ: Float64 = np.array(mid_bands_hz())
SHAPE_FROM_HZ, SHAPE_TO_HZ = 100.0, 8000.0
"""Spectra are compared after their mean level in this range is taken off: bass and air may differ, the middle decides."""
SILENT_DB = -120.0
BASS_BELOW_HZ = 150.0


@dataclass(frozen=True, slots=True)
class Features:
    """One programme. Names and units are those of `masterd measure`; -200 stands for "nothing".

    `mid_dbfs` and `side_dbfs` are the powers of (L+R)/2 and (L-R)/2 in 1/3 octaves, 25 Hz to 20 kHz; `hum_hz` is a mains hum
    that stands out, 0 for none, and `hum_db` by how much.
    """

    name: str
    seconds: float
    integrated_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    plr_db: float
    psr_min_db: float
    dr_db: float
    correlation: float
    mono_loss_lu: float
    balance_db: float
    dc_percent: tuple[float, float]
    clipped_runs: int
    mid_dbfs: tuple[float, ...]
    side_dbfs: tuple[float, ...]
    hum_hz: float = 0.0
    hum_db: float = 0.0

    @property
    def spectrum_dbfs(self) -> Float64:
        """Power of both channels per band: 2 (mid + side)."""
        return decibels(2 * (power(self.mid_dbfs) + power(self.side_dbfs)))

    @property
    def shape_db(self) -> Float64:
        """The spectrum with its level taken off."""
        return shaped(self.spectrum_dbfs)

    @property
    def width_db(self) -> float:
        """Side over mid, all bands."""
        return float(decibels(power(self.side_dbfs).sum()) - decibels(power(self.mid_dbfs).sum()))

    @property
    def bass_width_db(self) -> float:
        """Side over mid below BASS_BELOW_HZ."""
        low = BANDS_HZ < BASS_BELOW_HZ
        return float(decibels(power(self.side_dbfs)[low].sum()) - decibels(power(self.mid_dbfs)[low].sum()))


def power(levels_db: tuple[float, ...] | Float64) -> Float64:
    """Linear power; what is silent is nothing."""
    levels = np.asarray(levels_db, np.float64)
    powers: Float64 = np.where(levels > SILENT_DB, 10 ** (levels / 10), 0.0)
    return powers


def decibels(powers: Float64 | float) -> Float64:
    """10 log10, not below SILENT_DB."""
    levels: Float64 = 10 * np.log10(np.maximum(powers, 10 ** (SILENT_DB / 10)))
    return levels


def shaped(spectrum_db: Float64) -> Float64:
    """A spectrum less its mean between SHAPE_FROM_HZ and SHAPE_TO_HZ."""
    middle = (BANDS_HZ >= SHAPE_FROM_HZ) & (BANDS_HZ <= SHAPE_TO_HZ)
    shape: Float64 = spectrum_db - spectrum_db[middle].mean()
    return shape
