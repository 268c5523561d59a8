"""masterd measure beside ffmpeg's ebur128 on real music: the tracks of the Debian package asc-music, in excerpts of 40 s."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from instruments import loudness_meter as meter

from masterd.daemon.measurement import measure_file

MUSIC = sorted(Path("/usr/share/games/asc/music").glob("*.mp3"))
EXCERPTS_PER_TRACK, EXCERPT_SECONDS = 7, 40

pytestmark = [
    pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed (Debian: ffmpeg)"),
    pytest.mark.skipif(not MUSIC, reason="no music to measure (Debian: asc-music)"),
]


def excerpt(track: Path, start_seconds: float, target: Path) -> Path:
    """48 kHz stereo WAV."""
    cut = ["ffmpeg", "-v", "error", "-ss", str(start_seconds), "-t", str(EXCERPT_SECONDS), "-i", str(track)]
    subprocess.run([*cut, "-ar", "48000", "-ac", "2", "-c:a", "pcm_s24le", str(target)], check=True, stdin=subprocess.DEVNULL)
    return target


def ffmpeg_reading(path: Path, padding: str = "anull") -> dict[str, float]:
    """The last integrated loudness and range that ebur128 gives, to a thousandth."""
    filters = f"{padding},ebur128=metadata=1,ametadata=mode=print:file=-"
    run = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-af", filters, "-f", "null", "-"],
        check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return {name: float(re.findall(rf"lavfi\.r128\.{name}=(\S+)", run.stdout)[-1]) for name in ("I", "LRA")}


def one_rank_lu(path: Path) -> float:
    """What the range changes when percentiles are taken as ffmpeg does, at rank n p instead of Tech 3342's (n - 1) p + 1.

    Nothing in steady music; tenths of a LU in a fade, where a few values lie far apart.
    """
    signal, rate = soundfile.read(path, always_2d=True)
    energies = np.concatenate([meter.bins(signal, rate), np.zeros(150)])
    levels = np.sort(meter.lufs(meter.gated(meter.windows(energies, 300, 10), -20)))
    low, high = (levels[int(len(levels) * share + 0.5) - 1] for share in (0.10, 0.95))
    return abs(high - low - meter.loudness_range(energies))


@pytest.mark.parametrize("track", MUSIC, ids=lambda track: track.stem)
def test_integrated_loudness_and_range(tmp_path, track):
    length = soundfile.info(track).duration
    for i, start in enumerate(np.linspace(0, length - EXCERPT_SECONDS - 1, EXCERPTS_PER_TRACK)):
        path = excerpt(track, round(start, 1), tmp_path / f"{i}.wav")
        ours, theirs = measure_file(path), ffmpeg_reading(path)
        padded = ffmpeg_reading(path, "apad=pad_dur=1.5")  # Tech 3342: silence behind a file before its range is read
        integrated, range = ours.integrated_lufs - theirs["I"], ours.loudness_range_lu - padded["LRA"]
        rank = one_rank_lu(path)
        print(f"{track.stem} at {start:.1f} s: I {integrated:+.3f} LU, LRA {range:+.3f} LU, of which one rank {rank:.3f}")
        assert abs(integrated) <= 0.02
        assert abs(range) <= 0.1 + rank
