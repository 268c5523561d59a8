"""Spectra at the engine's measuring points, made when somebody asks: levels in 1/3 octaves, and lines of an FFT."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from masterd.daemon.engine import Engine, Float32, Float64
from masterd.native import ffi, lib

MOST_FRAMES = int(lib.SPECTRUM_FRAMES)
BANDS = int(lib.THIRD_OCTAVE_BANDS)
AVERAGING_S = 1.0  # "slow" of IEC 61672-1
FFT_FRAMES, FFT_HOP_FRAMES, FFT_AVERAGES = 8192, 2048, 8
FLOOR_DB = -200.0

Levels = tuple[Sequence[float], Sequence[float], Sequence[float]]
"""Frequencies in Hz; left and right in dBFS RMS, in which a full-scale sine reads -3.01."""


class Analyser:
    """One measuring point. Any thread; takes some 10 ms after a pause, during which the interpreter is free for others."""

    def __init__(self, point: int) -> None:
        self.point = point
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._coefs, self._bank = ffi.new("third_octave_coefs *"), ffi.new("third_octave *")
        self._from, self._lost = ffi.new("uint64_t *"), ffi.new("uint64_t *")

    def third_octave(self, engine: Engine) -> Levels:
        """IEC 61260-1 class 1, 25 Hz to 20 kHz, averaged over AVERAGING_S. The filters go on where the last call left them, or
        begin with the 2.7 s (at 48 kHz) before this one."""
        with self._lock:
            self._turn_to(engine)
            pairs = self._newest(engine, self._from)
            if self._lost[0]:
                lib.third_octave_reset(self._bank)
                self._lost[0] = 0
            lib.third_octave_process(self._bank, self._coefs, ffi.from_buffer("float[]", pairs), len(pairs))
            levels = np.empty((2, BANDS))
            lib.third_octave_read(self._bank, *(ffi.from_buffer("double[]", side) for side in levels))
        return mid_bands_hz(), *rounded(levels)

    def fft(self, engine: Engine) -> Levels:
        """Power of 8192 frames under a Hann window, the mean of eight that overlap by three quarters: the newest half second at
        48 kHz. A sine reads its RMS level when it falls on a line, and up to 1.42 dB less between two."""
        ring = lib.engine_spectrum(engine.pointer, self.point)
        wanted = FFT_FRAMES + (FFT_AVERAGES - 1) * FFT_HOP_FRAMES
        at = ffi.new("uint64_t *", max(0, int(lib.spectrum_written(ring)) - wanted))
        pairs = self._newest(engine, at)
        pairs = np.concatenate([np.zeros((max(0, wanted - len(pairs)), 2), np.float32), pairs])[:wanted]
        return lines_hz(engine.sample_rate_hz), *rounded(welch_dbfs(pairs))

    def _turn_to(self, engine: Engine) -> None:
        if engine is self._engine:
            return
        lib.third_octave_design(self._coefs, engine.sample_rate_hz, AVERAGING_S)
        lib.third_octave_reset(self._bank)
        self._engine, self._from[0], self._lost[0] = engine, 0, 0

    def _newest(self, engine: Engine, at: object) -> Float32:
        pairs = np.empty((MOST_FRAMES, 2), np.float32)
        ring = lib.engine_spectrum(engine.pointer, self.point)
        count = lib.spectrum_collect(ring, at, ffi.from_buffer("float[]", pairs, require_writable=True), MOST_FRAMES, self._lost)
        return pairs[:count]


def mid_bands_hz() -> list[float]:
    """Exact mid-band frequencies, to a tenth of a hertz."""
    return [round(lib.third_octave_mid_hz(band), 1) for band in range(BANDS)]


def lines_hz(sample_rate_hz: float) -> list[float]:
    """Where the lines of the FFT are."""
    return [round(line * sample_rate_hz / FFT_FRAMES, 3) for line in range(FFT_FRAMES // 2 + 1)]


def welch_dbfs(pairs: Float32) -> Float64:
    """(2, lines) of the mean over all overlapping windows; what is not finite counts as silence."""
    clean = np.nan_to_num(pairs.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    windows = np.lib.stride_tricks.sliding_window_view(clean, FFT_FRAMES, axis=0)[::FFT_HOP_FRAMES]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT_FRAMES) / FFT_FRAMES)
    amplitude = np.abs(np.fft.rfft(windows * hann, axis=-1)) * 2 / hann.sum()
    power = np.mean(amplitude**2, axis=0) / 2
    power[:, [0, -1]] /= 2  # these two lines have no mirror image
    return decibels(power)


def decibels(power: Float64) -> Float64:
    """10 log10 with a floor."""
    levels: Float64 = 10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10)))
    return levels


def rounded(levels: npt.NDArray[np.float64]) -> tuple[list[float], list[float]]:
    """To a hundredth of a decibel: what a client can use."""
    left, right = np.round(np.maximum(levels, FLOOR_DB), 2).tolist()
    return left, right
