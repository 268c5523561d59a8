"""Turns knobs while a kernel runs, and hears what that adds. A move: frame, values by id, frames of its ramp; in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from instruments.kernel import Kernel
from instruments.signals import sine, stereo
from instruments.spectrum import residual_above_db
from masterd.control.parameters import Value

Values = dict[str, Value]
Move = tuple[int, Values, int]
RAMPS_FRAMES = (0, 1, 63, 700, 3000)


def random_moves(
    seed: int, frames: int, choose: Callable[[np.random.Generator], Values], ramps_frames: Sequence[int] = RAMPS_FRAMES
) -> list[Move]:
    """Sixty of them at random frames, many while the last ramp still runs."""
    random = np.random.default_rng(seed)
    return [(int(at), choose(random), int(random.choice(ramps_frames))) for at in np.sort(random.integers(0, frames, 60))]


def automated(kernel: Kernel, signal: np.ndarray, moves: Iterable[Move], blocks: Iterable[int] = ()) -> np.ndarray:
    """All of the signal; between two moves it goes in blocks of these lengths."""
    at, out = 0, []
    for until, values, ramp_frames in moves:
        out.append(kernel(signal[at:until], blocks))
        kernel.set(values, ramp_frames)
        at = until
    return np.concatenate([*out, kernel(signal[at:], blocks)])


def there_and_back(kernel: Kernel, signal: np.ndarray, change: Values, back: bool) -> np.ndarray:
    """A change over 20 ms at 48 kHz in the middle, and with `back` the way back before it is over."""
    moves: list[Move] = [(14400, change, 960)]
    if back:
        moves.append((14800, dict(kernel.values), 960))
    return automated(kernel, signal, moves)


def residual_of_moves_db(kernel: Kernel, targets: Iterable[Values], ramp_frames: int = 960) -> tuple[float, float]:
    """(worst residual above 5 kHz while a 1 kHz sine is moved from target to target, worst while it stands still before each)."""
    tone = sine(1000, 0.5, -8)
    signal = stereo(tone, 0.3 * tone)
    rest, moving = [], []
    for target in targets:
        kernel(signal), kernel(signal)
        rest.append(kernel(signal))
        kernel.set(target, ramp_frames)
        moving.append(np.concatenate([rest[-1][-4096:], kernel(signal)]))
    worst = [max(residual_above_db(run[:, c], 5000) for run in runs for c in (0, 1)) for runs in (moving, rest)]
    return worst[0], worst[1]
