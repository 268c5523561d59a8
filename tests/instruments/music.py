"""Real music for tests: Debian's asc-music, resampled properly. 22.05 kHz mp3 in the package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

FOLDER = Path("/usr/share/games/asc/music")
PIECE = FOLDER / "machine_wars.mp3"

needs_music = pytest.mark.skipif(not PIECE.exists(), reason="no music on this machine (Debian: asc-music)")


def music(
    seconds: float, rate_hz: int = 48000, from_s: float = 0.0, peak: float = 0.9, piece: Path = PIECE
) -> npt.NDArray[np.float32]:
    """(frames, 2) float32, its highest sample at `peak`."""
    import soundfile
    from scipy.signal import resample_poly

    own_rate_hz = soundfile.info(piece).samplerate
    start = int(from_s * own_rate_hz)
    samples, _ = soundfile.read(piece, frames=int(seconds * own_rate_hz), start=start, dtype="float64", always_2d=True)
    stereo = samples[:, [0, -1]]
    shared = np.gcd(own_rate_hz, rate_hz)
    made = resample_poly(stereo, rate_hz // shared, own_rate_hz // shared)
    return np.ascontiguousarray(made * (peak / np.abs(made).max()), np.float32)
