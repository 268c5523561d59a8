"""The loudness instruments against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import resample

from instruments import ebu, loudness_meter as meter

RATES = (44100, 48000, 96000, 192000)


def level_bins(*steps: tuple[int, float]) -> np.ndarray:
    """(bins, LUFS) after one another."""
    return np.concatenate([np.full(count, 10 ** ((level + 0.691) / 10)) for count, level in steps])


def test_997_hz_is_weighted_by_what_the_offset_takes():
    assert meter.k_response_db(np.array([997.0]))[0] == pytest.approx(0.691, abs=0.001)


@pytest.mark.parametrize("rate", RATES)
def test_full_scale_sine_on_one_channel_is_minus_3_01(rate):
    tone = np.sin(2 * np.pi * 997 / rate * np.arange(4 * rate))
    assert meter.momentary(meter.bins(tone[:, None], rate, (1,)))[-1] == pytest.approx(-3.01, abs=0.005)


@pytest.mark.parametrize("rate", RATES)
def test_carrying_the_table_keeps_gain_at_the_ends_and_the_poles_in_the_circle(rate):
    for section in meter.TABLE:
        b, a = meter.at_rate(section, rate)
        at_dc, at_nyquist = np.sum(b) / np.sum(a), np.dot(b, [1, -1, 1]) / np.dot(a, [1, -1, 1])
        table_b, table_a = section
        assert at_dc == pytest.approx(np.sum(table_b) / np.sum(table_a), abs=1e-6)
        assert at_nyquist == pytest.approx(np.dot(table_b, [1, -1, 1]) / np.dot(table_a, [1, -1, 1]), rel=1e-9)
        assert np.abs(np.roots(a)).max() < 1


def test_carrying_the_table_to_its_own_rate_changes_nothing():
    for section in meter.TABLE:
        for carried, table in zip(meter.at_rate(section, 48000), section, strict=True):
            assert carried == pytest.approx(table, abs=1e-12)


def test_weights_add_as_power():
    tone = np.tile(np.sin(2 * np.pi * 997 / 48000 * np.arange(48000))[:, None], (1, 3))
    one, three = meter.bins(tone[:, :1], 48000, (1,)), meter.bins(tone, 48000, (1, 1, 1.41))
    assert three == pytest.approx(3.41 * one)


def test_windows_are_whole_and_end_on_steps():
    ramp = np.arange(100.0)
    assert len(meter.windows(ramp, 40)) == 61
    assert meter.windows(ramp, 40, 10) == pytest.approx([19.5, 29.5, 39.5, 49.5, 59.5, 69.5, 79.5])
    assert len(meter.windows(ramp, 101)) == 0


def test_gates_by_hand():
    """Half a minute each at -20, -40 and -80: only -20 and the blocks that overlap it stay."""
    value = meter.integrated(level_bins((3000, -20), (3000, -40), (3000, -80)))
    overlaps = [(1 - share) * 10**-2 + share * 10**-4 for share in (0.25, 0.5, 0.75)]  # all above the gate at about -33
    mean = (297 * 10**-2 + sum(overlaps)) / 300
    assert value == pytest.approx(10 * np.log10(mean), abs=1e-9)


def test_nothing_above_the_absolute_gate():
    assert meter.integrated(level_bins((1000, -71))) == meter.NONE
    assert meter.loudness_range(level_bins((1000, -71))) == meter.NONE


def test_range_of_two_plateaus():
    assert meter.loudness_range(level_bins((6000, -20), (6000, -32))) == pytest.approx(12, abs=1e-6)


def test_range_ignores_what_is_20_lu_below():
    assert meter.loudness_range(level_bins((6000, -20), (6000, -45))) < 0.5


def test_tones_have_their_levels_and_lengths():
    rate = 44100
    for case in [*ebu.gating_cases(rate)[:2], *ebu.constant_cases(rate)]:
        assert 20 * np.log10(np.abs(case.signal).max()) == pytest.approx({"1": -23, "2": -33}.get(case.name, -20), abs=0.02)
    assert [round(len(case.signal) / rate, 3) for case in ebu.gating_cases(rate)] == [20, 20, 80, 100, 60.1, 20]
    assert len(ebu.live("11", rate)) == len(ebu.live("14", rate)) == 20
    assert {len(segment) for segment in ebu.live("14", rate)} == {round(0.8 * rate)}


def test_steps_do_not_break_the_phase():
    mono = ebu.tone([(0.0103, -6), (0.0101, -6)], 48000)
    assert mono == pytest.approx(10 ** (-6 / 20) * np.sin(2 * np.pi * 1000 / 48000 * np.arange(len(mono))))


@pytest.mark.parametrize("rate", RATES)
def test_true_peak_signals_have_their_peaks_between_the_samples(rate):
    for name, mono, dbtp in ebu.true_peak_cases(rate):
        middle = mono[len(mono) // 2 - 2048 : len(mono) // 2 + 2048] * np.hanning(
            4096
        )  # the peak is in the middle, or everywhere
        peak = 20 * np.log10(np.abs(resample(middle, 4096 * 64)).max())
        assert -0.15 < peak - dbtp < 0.05, name
    assert np.abs({name: mono for name, mono, _ in ebu.true_peak_cases(rate)}["16"]).max() == pytest.approx(0.5 / np.sqrt(2))
