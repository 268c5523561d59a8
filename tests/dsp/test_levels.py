"""Correlation, balance, width, DC, crest, PSR, PLR and DR: closed forms, and the plain instrument."""

from __future__ import annotations

import os
import random

import numpy as np
import pytest
from instruments import levels_meter as plain
from instruments.levels_kernel import Point
from instruments.signals import noise, sine, stereo

from masterd.native import ffi, lib

RATES = (44100, 48000, 96000, 192000)
NONE, MOST = -200, 200


def programme(rate: float = 48000, seconds: float = 20) -> np.ndarray:
    """Noise in steps of level, partly correlated, leaning to the left."""
    steps = np.repeat(10 ** (np.array([-30, -14, -22, -40, -18]) / 20), round(seconds * rate / 5))
    left, right = noise(seconds, -3, rate).T * steps
    return stereo(left, 0.4 * left + 0.5 * right)


# ---- the picture ----
def test_equal_sides_inverted_sides_and_unrelated_sides():
    tone = sine(997, 3)
    assert Point().feed(stereo(tone)).read().correlation == pytest.approx(1, abs=1e-12)
    assert Point().feed(stereo(tone, -tone)).read().correlation == pytest.approx(-1, abs=1e-12)
    assert Point().feed(stereo(tone, sine(997, 3, -1, phase=np.pi / 2))).read().correlation == pytest.approx(0, abs=0.002)
    assert abs(Point().feed(noise(6)).read().correlation) < 0.05


def test_balance_and_width_of_known_mixtures():
    tone, other = sine(1000, 4, -6), sine(3000, 4, -6)
    leaning = Point().feed(stereo(0.5 * tone, tone)).read()
    assert leaning.balance_db == pytest.approx(6.0206, abs=1e-6)
    assert leaning.width_db == pytest.approx(20 * np.log10(0.25 / 0.75), abs=1e-6)
    middle_and_side = Point().feed(stereo(tone + 0.1 * other, tone - 0.1 * other)).read()
    assert middle_and_side.width_db == pytest.approx(-20, abs=0.01)
    assert Point().feed(stereo(tone)).read().width_db == NONE
    assert Point().feed(stereo(tone, -tone)).read().width_db == MOST
    assert Point().feed(stereo(tone, 0 * tone)).read().balance_db == NONE
    assert Point().feed(stereo(0 * tone, tone)).read().balance_db == MOST


def test_the_picture_follows_with_400_ms():
    """Uncorrelated noise after mono: correlation falls as exp(-t / 0.4 s)."""
    mono, apart = noise(6, -6)[:, 0], noise(2, -6, seed=3)
    mono = stereo(mono)
    for milliseconds in (100, 400, 1000):
        point = Point().feed(np.concatenate([mono, apart[: 48 * milliseconds]]))
        assert point.read().correlation == pytest.approx(np.exp(-milliseconds / 400), abs=0.03)


@pytest.mark.parametrize("rate", RATES)
def test_image_equals_the_plain_meter(rate):
    signal = programme(rate, 5)
    shown, wanted = Point(rate).feed(signal).read(), plain.image(signal, rate)
    for name, value in wanted.items():
        assert getattr(shown, name) == pytest.approx(value, abs=1e-9), name


def test_dc_is_the_mean_of_the_newest_three_seconds():
    signal = stereo(sine(100, 8, -12) + 0.01, sine(100, 8, -12) - 0.002)
    signal[: 48000 * 4] += 0.2
    shown = Point().feed(signal).read()
    assert tuple(shown.dc) == pytest.approx((0.01, -0.002), abs=1e-9)
    assert tuple(shown.programme_dc) == pytest.approx((0.11, 0.098), abs=1e-9)


def test_crest_of_sine_square_and_silence():
    square = np.where(np.arange(48000 * 4) // 240 % 2, 0.25, -0.25)
    tone = Point().feed(stereo(sine(997, 4, -20), sine(12000, 4, -20, phase=np.pi / 4))).read()
    assert tuple(tone.crest_db) == pytest.approx((3.01, 3.01), abs=0.05)  # also where no sample comes near the peak
    square_crest = Point().feed(stereo(square, 0 * square)).read().crest_db
    assert square_crest[1] == NONE
    assert 0 <= square_crest[0] < 3  # between the samples the edges overshoot


# ---- dynamics ----
def test_plr_and_psr_of_a_stationary_sine():
    """1 kHz in phase on both sides at -18 dBFS: -18 dBTP and -18 LUFS, so both are 0; on one side 3 dB."""
    tone = sine(1000, 6, -18)
    both, one = Point().feed(stereo(tone)).read(-18.0), Point().feed(stereo(tone, 0 * tone)).read(-21.0)
    assert both.plr_db == pytest.approx(0, abs=0.01)
    assert both.psr_db == pytest.approx(0, abs=0.05)
    assert both.psr_min_db == pytest.approx(0, abs=0.05)
    assert one.plr_db == pytest.approx(3, abs=0.01)
    assert one.psr_db == pytest.approx(3, abs=0.05)


def test_psr_is_the_plain_meters_every_100_ms():
    signal = programme(48000, 12)
    point, shown = Point(), []
    for at in range(0, len(signal), 4800):
        shown.append(point.feed(signal[at : at + 4800]).read().psr_db)
    wanted = plain.peak_to_short_term(signal, 48000, lib.DETECTOR_DELAY_FRAMES)
    assert set(shown[:29]) == {NONE}  # not before there is a short-term loudness
    assert np.abs(np.array(shown[29:]) - wanted).max() < 0.1
    assert point.read().psr_min_db == pytest.approx(wanted.min(), abs=0.1)


def test_a_burst_counts_in_psr_for_exactly_three_seconds():
    signal = stereo(sine(1000, 9, -30))
    signal[48000 * 4 : 48000 * 4 + 4] = 0.9
    shown = []
    point = Point()
    for at in range(0, len(signal), 480):
        shown.append(point.feed(signal[at : at + 480]).read().psr_db)
    high = np.flatnonzero(np.array(shown) > 20)
    assert (high[0], high[-1]) == (400, 699)


def test_psr_has_no_value_in_silence_and_below_the_gate():
    assert Point().feed(np.zeros((48000 * 4, 2))).read().psr_db == NONE
    assert Point().feed(stereo(sine(1000, 4, -75))).read().psr_db == NONE


def test_dr_of_a_sine_is_0_and_of_a_square_minus_3():
    """Twice the mean square is the peak's square for a sine; a square wave's RMS is 3 dB above its peak by this definition."""
    square = np.where(np.arange(48000 * 12) // 240 % 2, 0.5, -0.5)
    for level_dbfs in (0, -20, -60):
        assert Point().feed(stereo(sine(1000, 12, level_dbfs))).read().dr_db == pytest.approx(0, abs=0.001)
    assert Point().feed(stereo(square)).read().dr_db == pytest.approx(-3.0103, abs=0.001)


def test_dr_takes_the_loudest_fifth_and_the_second_highest_peak():
    """Ten blocks: the loudest two count (at -6 and -12 dBFS), and the one click at 0 dBFS does not."""
    levels = [-40, -6, -40, -12, -30, -40, -40, -40, -40, -40]
    tone = np.concatenate([sine(1000, 3, level) for level in levels])
    tone[100] = 1.0
    rms = np.sqrt((10**-0.6 + 10**-1.2) / 2)
    wanted = 20 * np.log10(10 ** (-6 / 20) / rms)
    assert Point().feed(stereo(tone)).read().dr_db == pytest.approx(wanted, abs=0.002)


def test_dr_of_channels_is_averaged_and_a_silent_one_left_out():
    tone, dynamic = sine(1000, 15, -20), noise(15, -20)[:, 0]
    one, other = (Point().feed(stereo(it, 0 * it)).read().dr_db for it in (tone, dynamic))
    assert Point().feed(stereo(tone, dynamic)).read().dr_db == pytest.approx((one + other) / 2, abs=1e-9)


@pytest.mark.parametrize("rate", RATES)
def test_dr_equals_the_plain_meter(rate):
    """Also at 44.1 kHz, where a block is 132480 frames and ends in the middle of a bin."""
    signal = programme(rate, 40 if rate < 50000 else 20)
    assert Point(rate).feed(signal).read().dr_db == pytest.approx(plain.dynamic_range(signal, rate), abs=0.002)


def test_dr_needs_two_whole_blocks():
    assert Point().feed(stereo(sine(1000, 5.9))).read().dr_db == NONE
    assert Point().feed(stereo(sine(1000, 6.1))).read().dr_db == pytest.approx(0, abs=0.001)


def test_a_day_of_blocks_stays_in_classes_of_a_hundredth():
    """28800 blocks at random levels, given to the book directly."""
    power = 10 ** (np.random.default_rng(5).uniform(-50, -10, 28800) / 10)
    peak = 2 * np.sqrt(power)
    book, reading = ffi.new("levels_book *"), ffi.new("levels_reading *")
    lib.levels_book_reset(book)
    blocks = np.stack([power, power, peak, peak], axis=1)
    lib.levels_book_add_blocks(book, ffi.cast("levels_block *", blocks.ctypes.data), len(blocks))
    lib.levels_book_read(book, -23, reading)
    top = np.sort(power)[::-1][: len(power) // 5]
    assert reading.dr_db == pytest.approx(20 * np.log10(np.sort(peak)[-2]) - 10 * np.log10(2 * top.mean()), abs=0.001)


# ---- as a kernel ----
def test_block_size_leaves_every_bit():
    seed = int(os.environ.get("MASTERD_TEST_SEED", random.randrange(2**32)))
    print(f"MASTERD_TEST_SEED={seed}")
    chance = random.Random(seed)
    for rate in (44100, 48000):
        signal = programme(rate, 5)
        whole = Point(rate).feed(signal)
        cut = Point(rate).feed(signal, (chance.choice([1, 7, 64, 441, 1000, 4096]) for _ in iter(int, 1)))
        assert np.array_equal(whole.journal(), cut.journal())
        assert whole.read().dr_db == cut.read().dr_db


def test_poison_is_gone_with_its_bin():
    signal, clean = noise(5, -12), Point().feed(noise(5, -12)).read()
    for bad in (np.nan, np.inf, 1e300):
        poisoned = signal.copy()
        poisoned[48000] = bad
        point = Point().feed(poisoned)
        journal = point.journal()
        assert np.isfinite(journal).all()
        assert journal[101:, :5] == pytest.approx(Point().feed(signal).journal()[101:, :5])
        assert point.read().correlation == pytest.approx(clean.correlation, abs=1e-6)


def test_silence_has_no_picture_and_no_dynamics():
    shown = Point().feed(np.zeros((48000 * 7, 2))).read(-200)
    assert (shown.correlation, shown.balance_db, shown.width_db, tuple(shown.dc)) == (0, 0, 0, (0, 0))
    assert {*shown.crest_db, shown.psr_db, shown.psr_min_db, shown.plr_db, shown.dr_db} == {NONE}
