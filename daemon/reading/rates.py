"""Sample rates: which the engine runs at, and the way from any other (soxr at its very high quality).

a rate                the engine's rate for it
44.1 .. 192 kHz       itself
below                 the lowest multiple that is one of them, or 48 kHz
above                 176.4 or 192 kHz, of the same family
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from masterd.control.errors import MasterdError
from masterd.daemon.reading.reader import Block

SAMPLE_RATES_HZ = (44100, 48000, 88200, 96000, 176400, 192000)
QUALITY = "VHQ"


class MissingExtra(MasterdError):
    """An optional library is not installed; the text says how to get it."""

    code = "missing_extra"

    def __init__(self, what_for: str, extra: str) -> None:
        super().__init__(f"{what_for} needs a library that is not installed: pip install 'masterd[{extra}]'")


def engine_rate_hz(sample_rate_hz: int) -> int:
    """The engine's rate for a file of that rate."""
    if sample_rate_hz in SAMPLE_RATES_HZ:
        return sample_rate_hz
    if sample_rate_hz > SAMPLE_RATES_HZ[-1]:
        return 176400 if sample_rate_hz % 44100 == 0 else 192000
    multiples = (rate for rate in SAMPLE_RATES_HZ if rate % sample_rate_hz == 0)
    return next(multiples, 48000)


def resampled_frames(frames: int, from_hz: int, to_hz: int) -> int:
    """How long a programme is after conversion; where a cut at `frames` comes to lie."""
    return (2 * frames * to_hz + from_hz) // (2 * from_hz)


class Resampler:
    """Takes a programme block by block and gives it at another rate, aligned and as long as `resampled_frames` says.

    MissingExtra when there is something to convert and no soxr. One thread.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self.from_hz, self.to_hz = from_hz, to_hz
        self._stream = _stream(from_hz, to_hz) if from_hz != to_hz else None
        self._taken, self._given = 0, 0

    def add(self, block: Block) -> Block:
        """What is ready of it: any number of frames, also none."""
        if self._stream is None:
            return block
        out: Block = self._stream.resample_chunk(np.ascontiguousarray(block))
        self._taken, self._given = self._taken + len(block), self._given + len(out)
        return out

    def end(self) -> Block:
        """The programme is over: the rest."""
        if self._stream is None:
            return np.empty((0, 2))
        rest = self._stream.resample_chunk(np.empty((0, 2)), last=True)
        wanted = resampled_frames(self._taken, self.from_hz, self.to_hz) - self._given
        return np.concatenate([rest, np.zeros((max(0, wanted - len(rest)), 2))])[:wanted]


def resampled(blocks: Iterable[Block], from_hz: int, to_hz: int) -> Iterator[Block]:
    """The same programme at another rate. MissingExtra."""
    resampler = Resampler(from_hz, to_hz)
    for block in blocks:
        if len(out := resampler.add(block)):
            yield out
    if len(out := resampler.end()):
        yield out


def _stream(from_hz: int, to_hz: int) -> Any:
    try:
        import soxr
    except ImportError:
        raise MissingExtra(f"converting {from_hz} to {to_hz} Hz", "files") from None
    return soxr.ResampleStream(from_hz, to_hz, 2, dtype="float64", quality=QUALITY)
