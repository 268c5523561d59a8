"""The whole job on real parts: music through JACK into a running daemon and back, against `masterd render` of the same music."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from instruments.daemon_on_jack import daemon_on_jack
from instruments.jackd import Server, can_be_realtime, jackd, needs_jack
from instruments.jackplay import PORTS_IN, PORTS_OUT, playing
from instruments.masterctl import masterctl, status
from instruments.music import music, needs_music
from instruments.true_peak_meter import true_peak_dbtp

pytestmark = [pytest.mark.jack, needs_jack, needs_music]

RATE_HZ, PERIOD_FRAMES = 48000, 256
MUSIC_S, FROM_S = 22.0, 30.0
ATTEMPTS = 3
DOUBT_S = 0.5
"""An xrun is told some time after what was lost; a hole is found after it."""

LATE_MS = 1
"""A block that took a whole period was interrupted by the machine; a canary beside it saw most of that."""

UNEXCUSED_XRUNS = 10 * MUSIC_S / 60
"""Most of them, in one run at least, while no canary saw the machine stand still. On a machine of its own there are none; the
canaries run before everything else, so they do not see when other real-time processes took the time."""

HARDER = {
    "eq.6.on": "true", "eq.6.frequency_hz": "120", "eq.6.gain_db": "5", "eq.6.channel": "mid",
    "eq.7.on": "true", "eq.7.type": "notch", "eq.7.frequency_hz": "7300",
    "eq.1.on": "true", "eq.1.type": "low_shelf", "eq.1.gain_db": "3", "eq.1.channel": "side",
    "compressor.on": "true", "compressor.threshold_db": "-32", "compressor.ratio": "4", "compressor.lookahead_ms": "1",
    "compressor.makeup_db": "6",
    "stereo.on": "true", "stereo.width_percent": "110",
    "limiter.drive_db": "14", "limiter.ceiling_dbtp": "-2",
}  # fmt: skip
"""Over the preset `flat`: 12 dB of compression most of the time, and limiting of up to 10 dB on this music.
Leveller and repair are off: they judge every 10 ms, counted since the engine began, so a daemon that ran before the music came
has them at another moment than a rendering that begins with it. So is the clipper: its filters answer some frames
before the sound they clip, and a rendering leaves these frames out."""


def rendered(stereo: np.ndarray, folder: Path, preset: str, settings: dict[str, str]) -> np.ndarray:
    """By the command, in 32-bit float."""
    source, target = folder / "in.wav", folder / "out.wav"
    soundfile.write(source, stereo, RATE_HZ, subtype="FLOAT")
    options = [word for id, value in settings.items() for word in ("--set", f"{id}={value}")]
    command = [sys.executable, "-m", "masterd.daemon.main", "render", str(source), "-o", str(target), "--preset", preset]
    subprocess.run([*command, *options, "--bits", "32f", "--force"], check=True, capture_output=True, timeout=60)
    return soundfile.read(target, dtype="float32")[0]


def on_air(server: Server, stereo: np.ndarray) -> tuple[dict[str, Any], np.ndarray, dict[str, Any], dict[str, Any]]:
    """A fresh daemon turned to HARDER, the music through it: jackplay's report, the capture, and the status before and after."""
    with daemon_on_jack(server, "flat") as daemon:
        masterctl(daemon, "set", *[word for pair in HARDER.items() for word in pair])
        before = status(daemon)
        padded = np.concatenate([stereo, np.zeros((before["latency_frames"], 2), np.float32)])
        with playing(server, padded, PORTS_IN, PORTS_OUT, "--canary") as player:
            report, heard = player.result()
        return report, heard, before, status(daemon)


def first_difference(heard: np.ndarray, expected: np.ndarray, holes: list[list[int]]) -> int | None:
    """The first frame that was captured and is not as it should be, to the last bit."""
    differs = (heard != expected).any(axis=1)
    for frame, frames in holes:
        differs[frame : frame + frames] = False
    return int(np.argmax(differs)) if differs.any() else None


def machine_lost_blocks(report: dict[str, Any], frame: int) -> bool:
    """Whether the server left cycles out about there: then the engine never saw these blocks."""
    clock = np.array(report["clock"])
    losses = [*np.interp(report["xrun_times_s"], clock[:, 1], clock[:, 0]), *(hole[0] for hole in report["holes"])]
    return any(abs(loss - frame) < DOUBT_S * RATE_HZ for loss in losses)


def check_counters(report: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> None:
    """What the daemon says of itself is what the instrument saw."""
    assert (after["host"], after["sample_rate_hz"], after["block_frames"]) == ("jack", RATE_HZ, PERIOD_FRAMES)
    refused = [] if can_be_realtime() else ["realtime_refused"]
    assert (after["preset"], after["dirty"], after["alarms"]) == ("flat", True, refused)
    assert after["nonfinite_samples"] == 0
    more = {counter: after[counter] - before[counter] for counter in ("blocks", "late_blocks", "xruns")}
    assert more["blocks"] >= report["cycles"] - report["xruns"]
    assert more["xruns"] >= report["xruns"]
    assert more["late_blocks"] <= sum(ms > LATE_MS for _, ms in report["stalls"])
    print(f"{more}, {report['cycles']} cycles, xruns {report['xruns']}, unexcused {report['unexcused_xruns']}")


def test_the_capture_is_the_rendering_bit_for_bit(tmp_path: Path) -> None:
    """From the first sample to the last. A run in which the machine lost blocks is the same up to there, and made again."""
    stereo = music(MUSIC_S, RATE_HZ, FROM_S)
    rendering = rendered(stereo, tmp_path, "flat", HARDER)
    with jackd(RATE_HZ, PERIOD_FRAMES) as server:
        unexcused = []
        for _ in range(ATTEMPTS):
            report, heard, before, after = on_air(server, stereo)
            check_counters(report, before, after)
            unexcused.append(report["unexcused_xruns"])
            peak_dbtp, ceiling_dbtp = true_peak_dbtp(heard), float(HARDER["limiter.ceiling_dbtp"])
            assert ceiling_dbtp - 0.2 < peak_dbtp <= ceiling_dbtp
            late = np.concatenate([np.zeros((before["latency_frames"], 2), np.float32), rendering])
            assert len(heard) == len(late)
            differs = first_difference(heard, late, report["holes"])
            print(f"true peak {peak_dbtp:.3f} dBTP, holes {report['holes']}, first difference {differs}")
            if differs is None and unexcused[-1] <= UNEXCUSED_XRUNS:
                return
            assert differs is None or machine_lost_blocks(report, differs), (
                f"frame {differs} differs, and nothing was lost there: {report}"
            )
    assert min(unexcused) <= UNEXCUSED_XRUNS
    pytest.skip("the machine lost blocks in every run")
