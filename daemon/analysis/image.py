"""Third octaves of middle and side of a whole programme, by the filters that also run beside the engine."""

from __future__ import annotations

import numpy as np

from masterd.daemon.measuring.spectrum import FOR_EVER_S
from masterd.daemon.reading.reader import Block
from masterd.daemon.spectra import BANDS
from masterd.native import ffi, lib


class ImageMeter:
    """Takes a programme block by block. Any one thread; some 0.2 us per frame."""

    def __init__(self, sample_rate_hz: float) -> None:
        self._coefs, self._bank = ffi.new("third_octave_coefs *"), ffi.new("third_octave *")
        lib.third_octave_design(self._coefs, sample_rate_hz, FOR_EVER_S)
        lib.third_octave_reset(self._bank)

    def add(self, block: Block) -> None:
        """(frames, 2), left and right."""
        left, right = block[:, 0], block[:, 1]
        pairs = np.ascontiguousarray(np.stack([(left + right) / 2, (left - right) / 2], axis=1), np.float32)
        lib.third_octave_process(self._bank, self._coefs, ffi.from_buffer("float[]", pairs), len(pairs))

    def levels_dbfs(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Middle and side."""
        levels = np.empty((2, BANDS))
        lib.third_octave_read(self._bank, *(ffi.from_buffer("double[]", row) for row in levels))
        middle, side = np.round(levels, 2).tolist()
        return tuple(middle), tuple(side)
