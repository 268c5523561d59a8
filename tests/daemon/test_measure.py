"""masterd measure: against the plain meter, on every kind of file, and as a command."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from instruments import ebu, levels_meter as plain, loudness_meter as meter
from instruments.signals import noise, sine, stereo

from masterd.daemon.commands.measure import measure as command
from masterd.daemon.measuring.measurement import measure_file

FIELDS = [
    "file", "integrated_lufs", "momentary_max_lufs", "short_term_max_lufs", "loudness_range_lu", "true_peak_dbtp",
    "sample_peak_dbfs", "plr_db", "psr_min_db", "dr_db", "correlation", "mono_loss_lu", "balance_db",
    "dc_percent",
]  # fmt: skip
OF_FILES = [
    "seconds", "sample_rate_hz", "channels", "bits", "codec", "clipped_runs", "clipped_longest_frames", "clipped_longest_at_s",
    "clipped", "complaints", "bass_db", "middle_db", "treble_db", "spectrum_dbfs",
]  # fmt: skip


def numbers(shown) -> dict:
    """What was measured, without what only a file has."""
    return {name: value for name, value in shown.known().items() if name in FIELDS and name != "file"}


def programme(rate: int, seconds: float = 20) -> np.ndarray:
    """Noise in steps of level, different on both sides."""
    steps = np.repeat(10 ** (np.array([-30, -14, -22, -50, -18]) / 20), round(seconds * rate / 5))
    return noise(seconds, -3, rate) * steps[:, None] * [1, 0.7]


@pytest.mark.parametrize("rate", [44100, 48000, 88200, 96000, 176400, 192000])
def test_equals_the_plain_meter(tmp_path, rate):
    signal = programme(rate).astype(np.float32)
    soundfile.write(tmp_path / "in.wav", signal, rate, "FLOAT")
    ours, energies = measure_file(tmp_path / "in.wav"), meter.bins(signal.astype(float), rate)
    assert ours.integrated_lufs == pytest.approx(meter.integrated(energies), abs=0.001)
    assert ours.momentary_max_lufs == pytest.approx(meter.momentary(energies).max(), abs=0.001)
    assert ours.short_term_max_lufs == pytest.approx(meter.short_term(energies).max(), abs=0.001)
    with_tail = np.concatenate([energies, np.zeros(150)])
    assert ours.loudness_range_lu == pytest.approx(meter.loudness_range(with_tail), abs=0.02)
    assert ours.sample_peak_dbfs == pytest.approx(20 * np.log10(np.abs(signal).max()), abs=0.001)


def test_mono_is_3_lu_below_the_same_on_both_sides(tmp_path):
    soundfile.write(tmp_path / "mono.wav", noise(5)[:, 0], 48000, "FLOAT")
    soundfile.write(tmp_path / "both.wav", stereo(noise(5)[:, 0]), 48000, "FLOAT")
    mono, both = measure_file(tmp_path / "mono.wav"), measure_file(tmp_path / "both.wav")
    assert both.integrated_lufs - mono.integrated_lufs == pytest.approx(3.0103, abs=0.002)
    assert both.true_peak_dbtp == mono.true_peak_dbtp


def test_true_peak_between_the_samples_and_at_the_very_end(tmp_path):
    tone = sine(12000, 1, 0, 48000, np.pi / 4)
    soundfile.write(tmp_path / "tone.wav", stereo(tone), 48000, "FLOAT")
    shown = measure_file(tmp_path / "tone.wav")
    assert shown.sample_peak_dbfs == pytest.approx(-3.01, abs=0.01)
    assert shown.true_peak_dbtp >= -0.05
    last = np.zeros((48000, 2))
    last[-1] = 0.5
    soundfile.write(tmp_path / "last.wav", last, 48000, "FLOAT")
    assert measure_file(tmp_path / "last.wav").true_peak_dbtp == pytest.approx(-6.02, abs=0.05)


def test_silence_is_minus_200_and_never_infinite(tmp_path):
    soundfile.write(tmp_path / "silence.wav", np.zeros((48000 * 5, 2)), 48000)
    shown = measure_file(tmp_path / "silence.wav")
    values = numbers(shown)
    assert (values.pop("correlation"), values.pop("balance_db"), values.pop("dc_percent")) == (0, 0, (0, 0))
    assert values.pop("mono_loss_lu") == 0
    assert set(values.values()) == {-200.0}
    assert {*shown.facts.spectrum_dbfs, shown.facts.bass_db, shown.facts.middle_db, shown.facts.treble_db} == {-200.0}


def test_shorter_than_its_windows(tmp_path):
    soundfile.write(tmp_path / "click.wav", noise(0.3), 48000)
    shown = measure_file(tmp_path / "click.wav")
    assert shown.integrated_lufs == shown.momentary_max_lufs == shown.short_term_max_lufs == -200
    assert shown.sample_peak_dbfs == pytest.approx(-12, abs=0.1)


def test_poisoned_float_file_gives_numbers(tmp_path):
    signal = noise(5)
    signal[1000], signal[2000, 0] = np.nan, np.inf
    soundfile.write(tmp_path / "poison.wav", signal, 48000, "FLOAT")
    values = numbers(measure_file(tmp_path / "poison.wav"))
    assert np.isfinite([*values.pop("dc_percent"), *values.values()]).all()
    assert values["integrated_lufs"] == pytest.approx(meter.integrated(meter.bins(noise(5), 48000)), abs=0.05)


def test_dynamics_and_picture_equal_the_plain_meter(tmp_path):
    signal = programme(48000).astype(np.float32)
    soundfile.write(tmp_path / "in.wav", signal, 48000, "FLOAT")
    ours, signal = measure_file(tmp_path / "in.wav"), signal.astype(float)
    psr = plain.peak_to_short_term(signal, 48000, 68)
    left, right = signal.T
    assert ours.plr_db == pytest.approx(ours.true_peak_dbtp - ours.integrated_lufs, abs=0.002)
    assert ours.psr_min_db == pytest.approx(psr.min(), abs=0.1)
    assert ours.dr_db == pytest.approx(plain.dynamic_range(signal, 48000), abs=0.002)
    assert ours.correlation == pytest.approx(np.mean(left * right) / np.sqrt(np.mean(left**2) * np.mean(right**2)), abs=0.001)
    assert ours.balance_db == pytest.approx(10 * np.log10(np.mean(right**2) / np.mean(left**2)), abs=0.001)
    assert ours.dc_percent == pytest.approx(100 * signal.mean(axis=0), abs=0.001)


def test_psr_of_a_mono_file_is_that_of_its_one_channel(tmp_path):
    tone = sine(1000, 5, -18)
    soundfile.write(tmp_path / "mono.wav", tone, 48000, "FLOAT")
    shown = measure_file(tmp_path / "mono.wav")
    assert (shown.psr_min_db, shown.plr_db) == pytest.approx((3.0, 3.0), abs=0.05)
    assert (shown.correlation, shown.balance_db) == (1, 0)


def test_the_filter_of_bs1770_on_request(tmp_path):
    tone = ebu.steady_peak(6, 0.5, 60, 48000)
    soundfile.write(tmp_path / "17.wav", stereo(tone), 48000, "FLOAT")
    result = CliRunner().invoke(command, [str(tmp_path / "17.wav"), "--json", "--bs1770"])
    (row,) = json.loads(result.stdout)
    assert list(row) == [*FIELDS, "true_peak_bs1770_dbtp", *OF_FILES]
    assert row["true_peak_bs1770_dbtp"] == pytest.approx(-6.3, abs=0.05)
    assert row["true_peak_dbtp"] == pytest.approx(-6.02, abs=0.02)


def files(tmp_path) -> list[str]:
    soundfile.write(tmp_path / "one.wav", noise(5), 48000, "PCM_24")
    soundfile.write(tmp_path / "two.flac", noise(5, -20), 44100, "PCM_16")
    return [str(tmp_path / "one.wav"), str(tmp_path / "two.flac")]


def test_json_is_a_list_in_order_with_exactly_these_fields(tmp_path):
    names = files(tmp_path)
    result = CliRunner().invoke(command, [*names, "--json"])
    assert result.exit_code == 0, (result.exception, result.output)
    rows = json.loads(result.stdout)
    assert [list(row) for row in rows] == [[*FIELDS, *OF_FILES]] * 2
    assert [row["file"] for row in rows] == names


def test_a_broken_file_is_named_and_the_others_go_on(tmp_path):
    good, missing = files(tmp_path), str(tmp_path / "missing.wav")
    result = CliRunner().invoke(command, [good[0], missing, good[1], "--json"])
    assert result.exit_code == 1
    assert [row["file"] for row in json.loads(result.stdout)] == good
    assert missing in result.stderr


def test_table_lines_up(tmp_path):
    result = CliRunner().invoke(command, files(tmp_path))
    head, *rows = result.stdout.splitlines()
    assert len(rows) == 2
    assert len({line.index(name) for line, name in zip([head, *rows], ["file", str(tmp_path), str(tmp_path)], strict=True)}) == 1
