"""An independent true-peak meter: 32 times oversampled, 128 taps per phase, Kaiser beta 12, float64. Slow and plain."""

from __future__ import annotations

import numpy as np

RATIO, TAPS, BETA = 32, 128, 12.0
CHUNK = 8192


def polyphase() -> np.ndarray:
    """(taps, phases): column p, applied to samples n-63 .. n+64, gives the waveform at n + p/32."""
    k = np.arange(-(TAPS // 2 - 1), TAPS // 2 + 1)
    distance = np.arange(RATIO)[None, :] / RATIO - k[:, None]
    window = np.i0(BETA * np.sqrt(np.maximum(0, 1 - (distance / (TAPS / 2)) ** 2))) / np.i0(BETA)
    return np.sinc(distance) * window


PHASES = polyphase()


def windows(mono: np.ndarray) -> np.ndarray:
    """(frames, taps): the neighbours of each frame."""
    padded = np.concatenate([np.zeros(TAPS // 2 - 1), np.asarray(mono, dtype=np.float64), np.zeros(TAPS // 2)])
    return np.lib.stride_tricks.sliding_window_view(padded, TAPS)


def peaks(neighbours: np.ndarray, phases: np.ndarray) -> np.ndarray:
    chunks = [neighbours[at : at + CHUNK] @ phases for at in range(0, len(neighbours), CHUNK)]
    return np.concatenate([np.maximum(chunk.max(axis=1), -chunk.min(axis=1)) for chunk in chunks])


def peak_after_each_frame(mono: np.ndarray) -> np.ndarray:
    """For each frame the largest |waveform| from it to just before the next."""
    return peaks(windows(mono), PHASES)


def true_peak(mono: np.ndarray) -> float:
    """Largest |waveform|, linear, over the whole signal and the tails it has before and after."""
    around = np.concatenate([np.zeros(TAPS // 2), mono, np.zeros(TAPS // 2)])
    return float(peak_after_each_frame(around).max())


def true_peak_dbtp(signal: np.ndarray) -> float:
    """The same in dBTP; of a stereo signal (frames, 2) the higher channel."""
    channels = signal.T if signal.ndim == 2 else [signal]
    return 20 * float(np.log10(max(true_peak(channel) for channel in channels)))


class RunningTruePeak:
    """The same over a signal that comes in parts, several times faster; `peak` is linear, of every window of 128 frames so far.

    A waveform below half the rate with the peak M falls by at most (pi/8)^2/2 M = 0.077 M within an eighth of a frame of it
    (Bernstein), so that the highest of four points per frame is near: only what lies within 0.15 M of it is looked at in full.
    """

    def __init__(self) -> None:
        self.before, self.peak = np.zeros(TAPS - 1), 0.0

    def feed(self, mono: np.ndarray) -> None:
        joined = np.concatenate([self.before, mono])
        neighbours = np.lib.stride_tricks.sliding_window_view(joined, TAPS)
        coarse = peaks(neighbours, PHASES[:, :: RATIO // 4])
        near = coarse >= 0.85 * coarse.max()
        near[:-1] |= near[1:]
        self.peak = max(self.peak, float(peaks(neighbours[near], PHASES).max()))
        self.before = joined[1 - TAPS :]
