"""masterd render --target: the loudness of the file is what was asked for, the ceiling is kept, and what cannot be is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from instruments import loudness_meter as meter
from instruments.signals import noise, sine, stereo
from instruments.true_peak_meter import true_peak_dbtp

from masterd.daemon.commands.measure import measure
from masterd.daemon.commands.render import render as command
from masterd.daemon.rendering.loudness_target import AIM_LU, MOST_PASSES, gain_values, sought


def programme(path: Path, level_db: float, rate: int = 48000) -> Path:
    """Bursts over a bed: dense enough to limit, with a range."""
    steps = np.repeat(10 ** (np.array([-3, -14, -6, -20, 0, -9]) / 20), rate)
    voices = ((110, 2), (440, 3), (1570, 5), (5000, 4))
    tones = sum(sine(hz, 6, -12, rate, hz) * (1 + 0.5 * sine(beat, 6, 0, rate)) for hz, beat in voices)
    audio = (stereo(tones) + noise(6, -16, rate)) * steps[:, None] * 10 ** (level_db / 20)
    soundfile.write(path, audio, rate, "FLOAT")
    return path


def independent(path: Path) -> tuple[float, float]:
    """LUFS and dBTP by the plain instruments."""
    audio, rate = soundfile.read(path, always_2d=True)
    return meter.integrated(meter.bins(audio, rate)), true_peak_dbtp(audio)


@pytest.mark.parametrize(
    ("level_db", "target", "options"),
    [
        (-20, -8.5, ()),  # up, by way of the limiter
        (-3, -30, ()),  # down, by a trim
        (-10, -9, ("--rate", "44100")),
        (-20, -9.5, ("--set", "compressor.on=on", "--set", "compressor.threshold_db=-30", "--bits", "16")),
    ],
)
def test_loudness_is_reached_and_the_ceiling_kept(tmp_path, level_db, target, options):
    path, out = programme(tmp_path / "in.wav", level_db), tmp_path / "out.wav"
    words = [str(path), "-o", str(out), "--target", str(target), "--ceiling", "-1.5", *options]
    result = CliRunner().invoke(command, words)
    assert result.exit_code == 0, result.output
    loudness, peak = independent(out)
    print(f"{target} LUFS: {loudness:.3f}, {peak:.2f} dBTP")
    assert loudness == pytest.approx(target, abs=0.1)
    assert peak <= -1.5
    assert f"at {loudness:.2f} LUFS"[:8] in result.stdout
    if target > -12:
        assert peak > -2  # the limiter had to work


def test_a_profile_gives_target_and_ceiling(tmp_path):
    path, out = programme(tmp_path / "in.wav", -6), tmp_path / "out.wav"
    assert CliRunner().invoke(command, [str(path), "-o", str(out), "--target", "atsc_a85"]).exit_code == 0
    loudness, peak = independent(out)
    assert loudness == pytest.approx(-24, abs=0.1)
    assert peak <= -2


@pytest.mark.parametrize("suffix", ["wav", "mp3"])
def test_a_mono_file_has_its_own_loudness(tmp_path, suffix):
    path, out = programme(tmp_path / "in.wav", -6), tmp_path / f"out.{suffix}"
    result = CliRunner().invoke(command, [str(path), "-o", str(out), "--target", "podcast_mono", "--mono"])
    assert result.exit_code == 0, result.output
    audio, rate = soundfile.read(out, always_2d=True)
    assert audio.shape[1] == 1
    both = np.repeat(audio, 2, axis=1)
    assert meter.integrated(meter.bins(both, rate)) - 3.01 == pytest.approx(-19, abs=0.1)
    assert true_peak_dbtp(audio) <= -1
    judged = CliRunner().invoke(measure, [str(out), "--profile", "podcast_mono"])
    assert judged.exit_code == 0, judged.output


def test_what_cannot_be_reached_is_said_with_what_was(tmp_path):
    path, out = programme(tmp_path / "in.wav", -20), tmp_path / "out.wav"
    result = CliRunner().invoke(command, [str(path), "-o", str(out), "--target", "-2", "--ceiling", "-6"])
    assert result.exit_code == 1
    assert "NOT at -2 LUFS but at" in result.stdout
    loudness, peak = independent(out)
    assert f"{loudness:.1f}" in result.stdout
    assert peak <= -6


def test_silence_has_no_loudness(tmp_path):
    soundfile.write(tmp_path / "in.wav", np.zeros((48000, 2)), 48000)
    result = CliRunner().invoke(command, [str(tmp_path / "in.wav"), "-o", str(tmp_path / "out.wav"), "--target", "-16"])
    assert result.exit_code == 1
    assert "silence" in result.stdout


@pytest.mark.parametrize("given", ["-71", "3", "loud", "cd"])
def test_nonsense_targets_are_refused(tmp_path, given):
    path = programme(tmp_path / "in.wav", -6)
    result = CliRunner().invoke(command, [str(path), "-o", str(tmp_path / "out.wav"), "--target", given])
    assert result.exit_code == 1
    assert "--target" in result.stderr
    assert not (tmp_path / "out.wav").exists()


@pytest.mark.parametrize("knee", [-30.0, -20.0, -12.0, -9.0])
@pytest.mark.parametrize("start", [-24.0, 0.0, 20.0])
def test_the_search_finds_a_limiter_s_curve(knee, start):
    """Rising by 1 dB per dB to a knee, then ever less: any monotone curve is found, within the bound of passes."""
    seen = []

    def loudness(gain_db: float) -> float:
        seen.append(gain_db)
        linear = -22 + gain_db
        return linear if linear < knee else knee + 6 * (1 - np.exp(-(linear - knee) / 6))

    wanted = knee + 2 if knee < -12 else knee - 1
    reached = sought(wanted, start, loudness)
    assert reached.why_not == ""
    assert abs(loudness(reached.drive_db) - wanted) <= AIM_LU
    assert reached.passes <= MOST_PASSES
    assert all(-24 <= gain <= 24 for gain in seen)


def test_the_search_ends_where_more_gain_gives_nothing():
    reached = sought(-5, 0, lambda gain: min(-20 + gain, -9.0))
    assert reached.reached_lufs == -9
    assert reached.why_not
    assert reached.passes <= MOST_PASSES


def test_gain_below_nothing_is_a_trim_behind_the_limiter():
    assert gain_values(3) == {"limiter.drive_db": 3, "output.trim_db": 0}
    assert gain_values(-3) == {"limiter.drive_db": 0, "output.trim_db": -3}
