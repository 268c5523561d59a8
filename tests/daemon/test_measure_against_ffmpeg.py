"""masterd measure beside ffmpeg's ebur128 on real music: the tracks of the Debian package asc-music, in excerpts of 30 s.

Nearly all that is left of a difference in range is one rank: ffmpeg takes percentiles at n p, Tech 3342 at (n - 1) p + 1.
In a fade, where few values lie far apart, that alone can be 0.3 LU.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from masterd.daemon.measuring.measurement import measure_file

MUSIC = sorted(Path("/usr/share/games/asc/music").glob("*.mp3"))
EXCERPTS_PER_TRACK, EXCERPT_SECONDS = 7, 30

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


@pytest.mark.parametrize("track", MUSIC, ids=lambda track: track.stem)
def test_integrated_loudness_and_range(tmp_path, track):
    length = soundfile.info(track).duration
    for i, start in enumerate(np.linspace(0, length - EXCERPT_SECONDS - 1, EXCERPTS_PER_TRACK)):
        path = excerpt(track, round(start, 1), tmp_path / f"{i}.wav")
        ours, theirs = measure_file(path), ffmpeg_reading(path)
        padded = ffmpeg_reading(path, "apad=pad_dur=1.5")  # Tech 3342: silence behind a file before its range is read
        integrated, range = ours.integrated_lufs - theirs["I"], ours.loudness_range_lu - padded["LRA"]
        print(f"{track.stem} at {start:.1f} s: I {integrated:+.3f} LU, LRA {range:+.3f} LU")
        assert abs(integrated) <= 0.02
        assert abs(range) <= 0.1
