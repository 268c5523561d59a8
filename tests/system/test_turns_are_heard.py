"""What a hand turns is in the programme, when it was turned and as far: by `masterctl set`, and by a knob on a JACK MIDI port.

A steady tone goes through the daemon. What is captured is measured by demodulation; and it is, bit for bit, what the engine gives
when exactly that change is published to it at one of the blocks in which it can have come.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from instruments.box import Box
from instruments.daemon_on_jack import daemon_on_jack
from instruments.jackd import jackd, needs_jack
from instruments.jackplay import PORTS_IN, PORTS_OUT, Player, playing
from instruments.masterctl import masterctl, status
from instruments.on_air import eventually

from masterd.control.parameters import PARAMETERS, Value, defaults
from masterd.daemon.engine import Engine

pytestmark = [pytest.mark.jack, needs_jack]
pytest.importorskip("rtmidi")

RATE_HZ, PERIOD_FRAMES = 48000, 256
TONE_HZ, TONE_DBFS, TONE_S = 1000, -30.0, 7.0
GLIDE_MS = 400
FELL_MS = 60
"""After the answer to a request, or after the knob's message, the change may need as long to be in the output: a block, a poll of
MIDI, and a machine shared with others."""

START: dict[str, Value] = {"eq.1.on": True, "eq.1.frequency_hz": float(TONE_HZ), "eq.1.gain_db": 0.0}
DRIVE, GAIN = "limiter.drive_db", "eq.1.gain_db"
CC, CC_VALUE = 7, 90
MAP = f"""
port = "^box"
[[control]]
cc = {CC}
parameter = "{GAIN}"
takeover = "jump"
"""


@dataclass
class Turn:
    """One change: between which moments (CLOCK_MONOTONIC) it was made, to what, with which glide."""

    from_s: float
    to_s: float
    values: dict[str, Value]
    glide_ms: float


def tone() -> np.ndarray:
    mono = 10 ** (TONE_DBFS / 20) * np.sin(2 * np.pi * TONE_HZ * np.arange(int(TONE_S * RATE_HZ)) / RATE_HZ)
    return np.stack([mono, mono], axis=1).astype(np.float32)


def turn_both(daemon: Any, box: Box, player: Player) -> list[Turn]:
    """A second of tone, the command, a good second, the knob."""
    player.wait_until_playing()
    time.sleep(1)
    turns = []
    for values, glide_ms, act in (
        ({DRIVE: 6.0}, GLIDE_MS, lambda: masterctl(daemon, "set", DRIVE, "6", "--glide-ms", str(GLIDE_MS))),
        ({GAIN: PARAMETERS[GAIN].from_travel(CC_VALUE / 127)}, 20, lambda: box.send((0xB0, CC, CC_VALUE))),
    ):
        began = time.monotonic()
        act()
        turns.append(Turn(began, time.monotonic(), values, glide_ms))
        time.sleep(1.5)
    return turns


def level_db(mono: np.ndarray) -> np.ndarray:
    """The tone's level around each frame, over ten periods of it, in dB over what was played."""
    frames = np.arange(len(mono))
    turned = mono * np.exp(-2j * np.pi * TONE_HZ / RATE_HZ * frames)
    window = 10 * RATE_HZ // TONE_HZ
    amplitude = 2 * np.abs(np.convolve(turned, np.ones(window) / window, mode="same"))
    return 20 * np.log10(np.maximum(amplitude, 1e-9)) - TONE_DBFS


def engine_with(stereo: np.ndarray, values: dict[str, Value], published: list[tuple[int, Turn]]) -> np.ndarray:
    """The engine alone, with changes published before these frames."""
    engine = Engine(RATE_HZ, "normal", values)
    engine.attach()
    engine.gate(True, 0)
    out, at = [], 0
    for frame, turn in published:
        out.append(engine.process(stereo[at:frame]))
        at, values = frame, values | turn.values
        engine.publish(values, turn.glide_ms)
    return np.concatenate([*out, engine.process(stereo[at:])])


def differing(heard: np.ndarray, made: np.ndarray) -> np.ndarray:
    """Frames that were captured (what was not, is NaN) and are not what was made, to the last bit."""
    return ((heard != made) & ~np.isnan(heard)).any(axis=1)


def when_published(heard: np.ndarray, stereo: np.ndarray, before: list[tuple[int, Turn]], turn: Turn, latency: int) -> int:
    """The frame before which publishing `turn` gives what was heard, up to the end of the glide."""
    differs = int(np.argmax(differing(heard, engine_with(stereo, defaults() | START, before))))
    last = differs // PERIOD_FRAMES * PERIOD_FRAMES
    until = differs + int(turn.glide_ms * RATE_HZ / 1000) + 2 * latency
    for frame in range(last, last - latency - 2 * PERIOD_FRAMES, -PERIOD_FRAMES):
        made = engine_with(stereo[:until], defaults() | START, [*before, (frame, turn)])
        if not differing(heard[:until], made).any():
            return frame
    raise AssertionError(f"no block before frame {differs} at which {turn} gives what was heard")


def check(heard: np.ndarray, report: dict[str, Any], turns: list[Turn], latency: int) -> None:
    stereo, clock = tone()[: len(heard)], np.array(report["clock"])
    for at, frames in report["holes"]:
        heard[at : at + frames] = np.nan
    published: list[tuple[int, Turn]] = []
    for turn in turns:
        frame = when_published(heard, stereo, published, turn, latency)
        published.append((frame, turn))
        sent_s = np.interp(frame, clock[:, 0], clock[:, 1])
        print(f"{turn.values}: {1000 * (sent_s - turn.from_s):.1f} ms after the hand began")
        assert turn.from_s - PERIOD_FRAMES / RATE_HZ <= sent_s <= turn.to_s + FELL_MS / 1000
    made = engine_with(stereo, defaults() | START, published)
    assert not differing(heard, made).any()
    check_levels(level_db(np.where(np.isnan(heard), made, heard)[:, 0].astype(float)), published, latency)


def check_levels(level: np.ndarray, published: list[tuple[int, Turn]], latency: int) -> None:
    """By the instrument: 0 dB, then the drive, then the drive and the band; half way through the glide the gain is half way."""
    (drive_at, drive), (gain_at, gain) = ((frame + latency, turn) for frame, turn in published)
    to_db, band_db = float(drive.values[DRIVE]), float(gain.values[GAIN])  # type: ignore[arg-type]
    glide = GLIDE_MS * RATE_HZ // 1000
    assert level[drive_at - 9600 : drive_at - 960] == pytest.approx(0, abs=0.01)
    assert 0.2 * to_db < level[drive_at + glide // 2] < 0.8 * to_db
    assert np.diff(level[drive_at : drive_at + glide : 480]).min() > 0
    assert level[drive_at + glide + 960 : gain_at - 960] == pytest.approx(to_db, abs=0.01)
    assert level[gain_at + 9600 : gain_at + 48000] == pytest.approx(to_db + band_db, abs=0.01)


def test_a_set_and_a_knob_are_heard_when_they_were_turned(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(MAP)
    for _ in range(3):
        with jackd(RATE_HZ, PERIOD_FRAMES) as server:
            box = Box(server)
            try:
                with daemon_on_jack(server, "flat", midi_map=tmp_path / "map.toml") as daemon:
                    masterctl(daemon, "set", *[str(it).lower() for pair in START.items() for it in pair])
                    eventually(lambda: "following" in daemon.log and "ready" in daemon.log, daemon.log)
                    with playing(server, tone(), PORTS_IN, PORTS_OUT, "--canary") as player:
                        turns = turn_both(daemon, box, player)
                        report, heard = player.result()
                    latency = status(daemon)["latency_frames"]
            finally:
                box.close()
        try:
            check(heard, report, turns, latency)
            return
        except AssertionError:
            if not report["xruns"] and not report["holes"]:
                raise
    pytest.skip("the machine lost blocks in every run")
