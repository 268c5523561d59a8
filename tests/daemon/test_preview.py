"""Codecs and loudspeakers: what is told of them, against signals for which it is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from masterd.daemon.commands.preview import preview, translate
from masterd.daemon.preview.codec import Codec, lag_frames, parsed, previewed, side_by_side
from masterd.daemon.preview.translation import SPEAKERS, translated
from masterd.daemon.reading.reader import AudioFileError

RATE_HZ = 48000


def tones(seconds: float = 3.0, right: float = 1.0) -> np.ndarray:
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    left = 0.2 * np.sin(2 * np.pi * 60 * t) + 0.2 * np.sin(2 * np.pi * 1000 * t)
    return np.stack([left, right * left], axis=1)


def made(folder: Path, samples: np.ndarray, name: str = "in.wav", rate_hz: int = RATE_HZ) -> Path:
    soundfile.write(folder / name, samples, rate_hz, subtype="FLOAT")
    return folder / name


@pytest.mark.parametrize("name", ["mp3:320", "opus:320", "m4a:256", "ogg:256"])
def test_a_codec_is_laid_beside_the_original_to_the_frame(tmp_path, name):
    """The difference is smaller than it would be if both were laid one frame apart."""
    noise = 0.1 * np.random.default_rng(2).standard_normal((3 * RATE_HZ, 2))
    smooth = np.stack([np.convolve(side, np.hanning(24) / 12, "same") for side in noise.T], axis=1)
    difference = tmp_path / "difference.wav"
    seen = previewed(made(tmp_path, smooth), parsed(name), difference)
    one_off = 10 * np.log10(np.mean(np.diff(smooth, axis=0) ** 2) / np.mean(smooth**2))
    print(f"{name}: {seen.difference_db:.1f} dB, one frame off {one_off:.1f} dB")
    assert seen.difference_db < one_off - 2
    assert abs(seen.loudness_change_lu) < 0.2
    assert seen.overs == 0
    residue, _ = soundfile.read(difference)
    assert len(residue) == len(smooth)
    assert 10 * np.log10(np.mean(residue**2) / np.mean(smooth**2)) == pytest.approx(seen.difference_db, abs=0.1)
    assert sorted(tmp_path.iterdir()) == [difference, tmp_path / "in.wav"], "the encoded file is gone"


def test_overs_are_counted_and_lowering_the_ceiling_as_advised_ends_them(tmp_path):
    loud = np.clip(3 * np.random.default_rng(4).standard_normal((2 * RATE_HZ, 2)), -1, 1)
    seen = previewed(made(tmp_path, loud), Codec(".mp3", 128))
    assert seen.overs > 100
    assert seen.true_peak_after_dbtp > 1
    lower_db = np.ceil(10 * seen.true_peak_after_dbtp) / 10
    assert f"{lower_db:.1f} dB lower" in seen.advice(0)
    quieter = previewed(made(tmp_path, loud * 10 ** (-(lower_db + 0.3) / 20)), Codec(".mp3", 128))
    assert quieter.overs == 0
    assert quieter.advice(0) == ""


def test_a_late_decoder_is_found_and_put_right(tmp_path):
    noise = 0.1 * np.random.default_rng(6).standard_normal((RATE_HZ, 2))
    for late in (0, 1, 529, -300):
        shifted = np.roll(noise, late, axis=0)
        assert lag_frames(made(tmp_path, noise), made(tmp_path, shifted, "late.wav"), RATE_HZ) == late
    pairs = list(side_by_side(iter([noise]), iter([np.concatenate([np.zeros((77, 2)), noise[:-100]])]), 77))
    original, decoded = (np.concatenate(side) for side in zip(*pairs, strict=True))
    assert np.array_equal(original, noise)
    assert np.array_equal(decoded[:-100], noise[:-100])
    assert not decoded[-100:].any()


@pytest.mark.parametrize(("text", "why"), [("wav", "no codec"), ("mp3:fast", "whole number"), ("mp3:1000", "outside 32 to 320")])
def test_what_is_no_codec_is_refused(text, why):
    with pytest.raises(AudioFileError, match=why):
        parsed(text)


def test_loudspeakers_take_what_they_do_not_play(tmp_path):
    rows = {it.speaker: it for it in translated(made(tmp_path, tones()), folder=tmp_path)}
    assert set(rows) == set(SPEAKERS)
    # half of the power is at 60 Hz: nothing of it is left on a phone (48 dB/oct at 500 Hz), all of it in a car and a club
    assert rows["phone"].bass_lost_db > 60
    assert rows["laptop"].bass_lost_db == pytest.approx(24 * np.log2(220 / 60) - 3, abs=2)
    assert rows["car"].bass_lost_db < 0
    assert all(abs(it.mono_loss_lu) < 0.1 for it in rows.values()), "both sides are alike"
    for it in rows.values():
        assert soundfile.info(it.rendered).frames == 3 * RATE_HZ


def test_mono_loss_is_that_of_the_programme(tmp_path):
    rows = {it.speaker: it for it in translated(made(tmp_path, tones(right=0.5)), ("mono", "phone"))}
    expected = 10 * np.log10((1 + 0.25) / 2 / 0.75**2)
    assert rows["mono"].mono_loss_lu == pytest.approx(expected, abs=0.05)
    assert rows["mono"].loudness_change_lu == pytest.approx(-expected, abs=0.05)
    assert rows["phone"].mono_loss_lu == pytest.approx(expected, abs=0.05)
    cancelled = translated(made(tmp_path, tones(right=-1.0)), ("mono",))[0]
    assert cancelled.mono_loss_lu == 200


def test_the_commands_tell_and_refuse(tmp_path):
    source = made(tmp_path, tones())
    done = CliRunner().invoke(preview, [str(source), "--codec", "mp3:128", "--json", "--difference", str(tmp_path / "d")])
    assert done.exit_code == 0, done.output
    (row,) = json.loads(done.stdout)
    assert row["codec"] == "mp3 128 kbit/s"
    assert Path(row["difference_file"]).exists()
    assert CliRunner().invoke(preview, [str(source), "--codec", "mp3:128", "--ceiling", "-30"]).exit_code == 2
    again = CliRunner().invoke(preview, [str(source), "--codec", "mp3:128", "--difference", str(tmp_path / "d")])
    assert (again.exit_code, "exists already" in again.output) == (1, True)
    assert CliRunner().invoke(preview, [str(source), "--codec", "wav"]).exit_code == 1
    assert CliRunner().invoke(translate, [str(tmp_path / "missing.wav")]).exit_code == 1
    told = CliRunner().invoke(translate, [str(source), "--on", "phone", "--on", "car"])
    assert told.exit_code == 0
    assert "phone" in told.stdout
    assert "club" not in told.stdout
