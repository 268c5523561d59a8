"""masterd measure: what only files have - clipping, spectrum, mono sum, other rates - and the command with profiles and CSV."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from instruments.signals import noise, sine, stereo

from masterd.daemon.commands.measure import measure as command
from masterd.daemon.measuring.clipping import FULL_SCALE, ClipFinder
from masterd.daemon.measuring.measurement import measure_file
from masterd.daemon.spectra import mid_bands_hz


def written(path, audio, rate=48000, subtype="FLOAT"):
    soundfile.write(path, audio, rate, subtype)
    return path


def plain_runs(channels: np.ndarray) -> list[tuple[int, int, int]]:
    """(start, frames, channel) of every run, sample by sample."""
    runs = []
    for channel, samples in enumerate(channels):
        start = 0
        for at in range(1, len(samples) + 1):
            if at == len(samples) or samples[at] != samples[start]:
                if at - start >= 3 and abs(samples[start]) >= FULL_SCALE:
                    runs.append((start, at - start, channel))
                start = at
    return runs


@pytest.mark.parametrize("seed", range(5))
def test_every_clipped_run_is_found_whatever_the_blocks(seed):
    random = np.random.default_rng(seed)
    levels = np.array([-1.0, -0.5, 0.0, 0.9999, 1.0, 1.5])
    channels = np.repeat(random.choice(levels, (2, 400)), random.integers(1, 6, 400), axis=1)
    finder, at = ClipFinder(), 0
    while at < channels.shape[1]:
        size = int(random.integers(0, 50))
        finder.add(channels[:, at : at + size])
        at += size
    finder.end()
    wanted = plain_runs(channels)
    assert finder.count == len(wanted)
    assert {(run.start_frames, run.frames, run.channel) for run in finder.first} <= set(wanted)
    assert len(finder.first) == min(len(wanted), 100)
    assert finder.longest.frames == max(frames for _, frames, _ in wanted)


def test_clipped_music_is_told_with_its_times(tmp_path):
    audio = noise(3, -6)
    audio[48000:48003] = 1
    audio[60000:60007, 1] = -1
    shown = measure_file(written(tmp_path / "in.wav", audio, subtype="PCM_16"))
    assert [(run.at_s, run.frames, run.channel) for run in shown.facts.clipped] == [(1, 3, "L"), (1, 3, "R"), (1.25, 7, "R")]
    assert (shown.facts.clipped_runs, shown.facts.clipped_longest_frames, shown.facts.clipped_longest_at_s) == (3, 7, 1.25)
    clean = measure_file(written(tmp_path / "clean.wav", noise(1, -0.1)))
    assert (clean.facts.clipped_runs, clean.facts.clipped) == (0, ())


@pytest.mark.parametrize(
    ("right", "loss"), [(lambda x, y: x, 0.0), (lambda x, y: y, 3.01), (lambda x, y: -x, 200.0), (lambda x, y: 0 * x, 3.01)]
)
def test_what_the_mono_sum_loses(tmp_path, right, loss):
    left, other = noise(10, -12).T
    shown = measure_file(written(tmp_path / "in.wav", stereo(left, right(left, other))))
    assert shown.mono_loss_lu == pytest.approx(loss, abs=0.05)


def test_spectrum_and_balance(tmp_path):
    audio = stereo(sine(100, 10, -20) + sine(1000, 10, -26) + sine(10000, 10, -32))
    shown = measure_file(written(tmp_path / "in.wav", audio)).facts
    bands = dict(zip(mid_bands_hz(), shown.spectrum_dbfs, strict=True))
    assert [bands[hz] for hz in (100.0, 1000.0, 10000.0)] == pytest.approx([-20, -26, -32], abs=0.3)
    whole = 10 * np.log10(1 + 10**-0.6 + 10**-1.2)
    assert (shown.bass_db, shown.middle_db, shown.treble_db) == pytest.approx((-whole, -6 - whole, -12 - whole), abs=0.3)


def test_the_first_second_counts_as_much_as_the_last(tmp_path):
    early, late = (
        np.concatenate(parts) for parts in ((sine(1000, 1, -6), np.zeros(48000 * 9)), (np.zeros(48000 * 9), sine(1000, 1, -6)))
    )
    one, two = (measure_file(written(tmp_path / "in.wav", stereo(tone))).facts.spectrum_dbfs for tone in (early, late))
    band = mid_bands_hz().index(1000.0)
    assert one[band] == pytest.approx(-16, abs=0.3)
    assert two[band] == pytest.approx(one[band], abs=0.02)


@pytest.mark.parametrize("rate", [8000, 22050, 32000, 384000])
def test_any_rate_is_measured(tmp_path, rate):
    shown = measure_file(written(tmp_path / "in.wav", stereo(sine(1000, 8, -20, rate)), rate))
    assert shown.integrated_lufs == pytest.approx(-20, abs=0.05)
    assert (shown.true_peak_dbtp, shown.sample_peak_dbfs) == pytest.approx((-20, -20), abs=0.15)
    assert (shown.facts.sample_rate_hz, shown.facts.seconds) == (rate, 8)


def test_csv_has_every_number_in_a_column(tmp_path):
    paths = [str(written(tmp_path / name, noise(4, -12))) for name in ("a.wav", "b.wav")]
    result = CliRunner().invoke(command, [*paths, "--csv", "--profile", "r128"])
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["file"] for row in rows] == paths
    for row in rows:
        texts = {"file", "codec", "complaints", "r128", "bits"}
        assert all(np.isfinite(float(value)) for name, value in row.items() if name not in texts)
        assert {"band_1000_hz_dbfs", "dc_left_percent", "clipped_runs", "mono_loss_lu"} <= set(row)
        assert row["r128"] == "fail"


def test_profiles_pass_fail_and_say_by_how_much(tmp_path):
    tone = sine(1000, 20, -23)
    good, loud = written(tmp_path / "good.wav", stereo(tone)), written(tmp_path / "loud.wav", stereo(4 * tone))
    passed = CliRunner().invoke(command, [str(good), "--profile", "r128", "--profile", "spotify"])
    assert passed.exit_code == 0, passed.output
    assert "r128: pass" in passed.stdout
    assert "spotify: pass" in passed.stdout
    assert "advice  integrated_lufs" in passed.stdout
    failed = CliRunner().invoke(command, [str(good), str(loud), "--json", "--profile", "r128"])
    assert failed.exit_code == 2
    rows = json.loads(failed.stdout)
    assert [row["delivery"][0]["passed"] for row in rows] == [True, False]
    assert rows[1]["delivery"][0]["verdicts"][0]["off_by"] == pytest.approx(12.04 - 0.2, abs=0.05)


def test_a_broken_file_outweighs_a_failed_profile(tmp_path):
    loud = written(tmp_path / "loud.wav", noise(5))
    result = CliRunner().invoke(command, [str(loud), str(tmp_path / "missing.wav"), "--profile", "r128"])
    assert result.exit_code == 1
    assert "missing.wav" in result.stderr
    assert "r128: FAIL" in result.stdout


def test_a_folder_by_several_processes(tmp_path):
    for name in ("a", "b", "c"):
        written(tmp_path / f"{name}.wav", noise(1, -12))
    (tmp_path / "broken.wav").write_text("no audio" * 20)
    result = CliRunner().invoke(command, [str(tmp_path), "--json", "--no-spectrum", "-j", "2"])
    assert result.exit_code == 1
    assert [row["file"][-5:] for row in json.loads(result.stdout)] == ["a.wav", "b.wav", "c.wav"]
    assert "broken.wav" in result.stderr
