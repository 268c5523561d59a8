"""The recorded input of a daemon on JACK, and its log, render to what another program captured from its output, bit for bit."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from instruments.daemon_on_jack import daemon_on_jack
from instruments.jackd import jackd, needs_jack
from instruments.jackplay import PORTS_IN, PORTS_OUT, playing
from instruments.music import music, needs_music

pytestmark = [pytest.mark.jack, needs_jack, needs_music]

RATE_HZ, PERIOD_FRAMES = 48000, 512
MUSIC_S, FROM_S = 5.0, 30.0
SEED = int(os.environ.get("MASTERD_TEST_SEED", random.randrange(2**32)))


def test_what_was_captured_is_rendered_again(tmp_path: Path) -> None:
    print(f"MASTERD_TEST_SEED={SEED}")
    hand = random.Random(SEED)
    stereo = music(MUSIC_S, RATE_HZ, FROM_S)
    config = f'[record]\nsession = "{tmp_path / "sessions"}"'
    with jackd(RATE_HZ, PERIOD_FRAMES) as server:  # noqa: SIM117
        with daemon_on_jack(server, "pop_rock", config=config) as daemon, playing(server, stereo, PORTS_IN, PORTS_OUT) as player:
            until_s = time.monotonic() + MUSIC_S - 1
            while time.monotonic() < until_s:
                values = {"limiter.drive_db": round(hand.uniform(0, 12), 1), "eq.3.gain_db": round(hand.uniform(-9, 9), 1)}
                assert daemon.ask(op="set", values=values, glide_ms=hand.choice([0, 20, 300]))["ok"]
                time.sleep(0.05)
            report, heard = player.result()
    (take,) = (tmp_path / "sessions").iterdir()
    again = tmp_path / "again.wav"
    subprocess.run([sys.executable, "-m", "masterd.daemon.main", "replay", str(take), "-o", str(again)], check=True, timeout=120)
    rendered, came_in = soundfile.read(again, dtype="float32")[0], soundfile.read(take / "input.wav", dtype="float32")[0]
    compared = 0
    for start, end in whole(report["holes"], len(heard)):
        at, same = found(stereo[start:end], came_in)
        assert np.array_equal(heard[start : start + same], rendered[at : at + same])
        compared += same if np.abs(heard[start : start + same]).max(initial=0) > 0.1 else 0
    print(f"{compared} of {len(heard)} frames compared, holes {report['holes']}")
    assert compared > RATE_HZ / 2


def whole(holes: list[list[int]], frames: int) -> list[tuple[int, int]]:
    """The stretches of the capture between what the server left out."""
    starts = [0, *(frame + length for frame, length in holes)]
    return list(zip(starts, [*(frame for frame, _ in holes), frames], strict=True))


def found(played: np.ndarray, came_in: np.ndarray) -> tuple[int, int]:
    """Where the engine met this stretch of the music, and for how many frames without a block lost."""
    probe = first_sound(played)
    at = came_in.tobytes().find(played[probe : probe + 64].tobytes()) // came_in.itemsize // 2 - probe
    if len(played) < 128 or at < 0:
        return 0, 0
    there = came_in[at : at + len(played)]
    differs = (there != played[: len(there)]).any(axis=1)
    return at, int(np.argmax(differs)) if differs.any() else len(there)


def first_sound(stereo: np.ndarray) -> int:
    return int(np.argmax((stereo != 0).any(axis=1)))
