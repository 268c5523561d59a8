"""masterd measure beside ffmpeg's ebur128 on twenty tracks of real music, a minute of each (Debian: asc-music,
drascula-music).

Nearly all that is left of a difference in range is one rank: ffmpeg takes percentiles at n p, Tech 3342 at (n - 1) p + 1.
In a fade, where few values lie far apart, that alone can be 0.3 LU.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from masterd.daemon.measuring.measurement import measure_file

ROCK = sorted(Path("/usr/share/games/asc/music").glob("*.mp3"))
FILM = sorted(Path("/usr/share/scummvm/drascula/audio").glob("*.ogg"), key=lambda path: -path.stat().st_size)
TRACKS = [*ROCK, *FILM[: 20 - len(ROCK)]]
EXCERPT_S = 60

pytestmark = [
    pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed (Debian: ffmpeg)"),
    pytest.mark.skipif(len(TRACKS) < 20, reason="no music to measure (Debian: asc-music, drascula-music)"),
]


def ffmpeg(*words: str) -> str:
    """What it prints."""
    command = ["ffmpeg", "-v", "error", "-nostdin", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def excerpt(track: Path, target: Path) -> Path:
    """48 kHz stereo WAV."""
    ffmpeg("-t", str(EXCERPT_S), "-i", str(track), "-ar", "48000", "-ac", "2", "-c:a", "pcm_s24le", str(target))
    return target


def ffmpeg_reading(path: Path, name: str, padding: str = "anull") -> float:
    """The last value that ebur128 gives, to a thousandth."""
    filters = f"{padding},ebur128=metadata=1,ametadata=mode=print:file=-"
    printed = ffmpeg("-i", str(path), "-af", filters, "-f", "null", "-")
    return float(re.findall(rf"lavfi\.r128\.{name}=(\S+)", printed)[-1])


@pytest.mark.parametrize("track", TRACKS, ids=lambda track: track.stem)
def test_integrated_loudness_and_range(tmp_path, track):
    path = excerpt(track, tmp_path / "excerpt.wav")
    ours = measure_file(path, spectrum=False)
    integrated = ours.integrated_lufs - ffmpeg_reading(path, "I")
    # Tech 3342: silence behind a file before its range is read
    range = ours.loudness_range_lu - ffmpeg_reading(path, "LRA", "apad=pad_dur=1.5")
    print(f"{track.stem}: I {integrated:+.3f} LU, LRA {range:+.3f} LU")
    assert abs(integrated) <= 0.02
    assert abs(range) <= 0.1
