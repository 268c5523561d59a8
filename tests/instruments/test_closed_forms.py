"""The rulers before the product: each instrument on what has an answer by formula, and on what it must object to."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfreqz

from instruments import analog, clipping, dynamics, hearing, levels_meter, multiband, programme
from instruments.distortion import distortion_and_noise_db, thd_n_db
from instruments.signals import amplitude, impulse, noise, sine, stereo
from instruments.spectrum import residual_above_db

RATES = (44100, 48000, 96000, 192000)


# ---- distortion and spectra ----


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("harmonic_db", [-40, -100, -140])
def test_thd_n_is_the_level_of_the_harmonic(harmonic_db, rate):
    tone = sine(997, 2, -1, rate) + sine(2991, 2, -1 + harmonic_db, rate)
    assert thd_n_db(tone, 997, rate) == pytest.approx(harmonic_db, abs=0.02)


def test_thd_n_counts_noise_by_its_power_below_20_khz_and_nothing_above():
    floor = noise(4, -60)[:, 0]
    wanted_db = 10 * np.log10(np.mean(floor**2) * 20 / 24 / (amplitude(-1) ** 2 / 2))
    assert thd_n_db(sine(997, 4, -1) + floor, 997, 48000) == pytest.approx(wanted_db, abs=0.1)
    assert thd_n_db(sine(997, 4, -1) + sine(22000, 4, -20), 997, 48000) < -200


def test_thd_n_of_a_clean_tone_is_rounding_and_of_two_tones_their_intermodulation():
    assert thd_n_db(sine(997, 4, -1), 997, 48000) < -240
    pair = sine(19000, 4, -6) + sine(20000, 4, -6)
    assert distortion_and_noise_db(pair + sine(1000, 4, -83), 48000, [19000, 20000]) == pytest.approx(-80, abs=0.02)


@pytest.mark.parametrize("rate", RATES)
def test_residual_is_the_strongest_line_above(rate):
    """Within what a line half way between two bins loses, 0.83 dB of Blackman-Harris."""
    tone = sine(200, 0.5, -6, rate)
    assert residual_above_db(tone, 4000, rate) < -120
    assert residual_above_db(tone + sine(6000, 0.5, -96, rate), 4000, rate) == pytest.approx(-90, abs=0.9)
    assert residual_above_db(tone + sine(3000, 0.5, -46, rate), 4000, rate) < -120


def test_residual_of_a_step_is_heard():
    """The gain jumps by 6 dB at the crest of a wave."""
    tone = sine(200, 0.5, -6, phase=np.pi / 2)
    assert residual_above_db(tone * np.repeat([1, 0.5], 12000), 4000) > -70


# ---- filters ----


def test_analog_prototypes_at_the_frequencies_of_the_handbook():
    """Bell 10 kHz, Q 1, +12 dB: computed by hand from the prototype."""
    hz = np.array([1000.0, 2000, 5000, 8000, 10000, 12000, 15000, 18000, 20000])
    got = analog.db(analog.response(analog.bell(12, 1), 10000, hz))
    assert got == pytest.approx([0.162, 0.645, 3.964, 9.648, 12, 10.283, 6.941, 4.875, 3.964], abs=6e-4)


@pytest.mark.parametrize("gain_db", [-18, -3, 6, 24])
def test_shelves_and_tilts_reach_their_gain_and_half_of_it_at_the_corner(gain_db):
    ends = np.array([1e-3, 1, 1e3])
    for kind, wanted in (("low_shelf", (gain_db, gain_db / 2, 0)), ("high_shelf", (0, gain_db / 2, gain_db))):
        got = analog.db(analog.response(analog.ONE_BAND[kind](gain_db, 0.7071), 1, ends))
        assert got == pytest.approx(wanted, abs=0.01)
    assert analog.db(analog.response(analog.tilt(gain_db, 1), 1, ends)) == pytest.approx((-gain_db, 0, gain_db), abs=0.01)


def test_notch_band_pass_and_all_pass_at_their_frequency_and_at_their_edges():
    q = 3.0
    edges = np.array([-1, 1]) / (2 * q) + np.sqrt(1 + 1 / (4 * q * q))  # -3.01 dB, Q being centre over bandwidth
    assert abs(analog.response(analog.notch(0, q), 1, np.ones(1))[0]) < 1e-12
    assert analog.response(analog.band_pass(0, q), 1, np.ones(1))[0] == pytest.approx(1)
    for kind in ("notch", "band_pass"):
        assert analog.db(analog.response(analog.ONE_BAND[kind](0, q), 1, edges)) == pytest.approx([-3.0103] * 2, abs=1e-4)
    assert np.abs(analog.response(analog.all_pass(0, q), 1, np.geomspace(0.01, 100, 99))) == pytest.approx(np.ones(99))


@pytest.mark.parametrize("order", [1, 2, 3, 4, 8, 16])
@pytest.mark.parametrize("kind", ["low_pass", "high_pass"])
def test_butterworth_is_its_closed_form(kind, order):
    ratio = np.geomspace(0.1, 10, 61)
    wanted = -10 * np.log10(1 + (ratio if kind == "low_pass" else 1 / ratio) ** (2 * order))
    assert analog.db(analog.response(analog.butterworth(order, kind), 1, ratio)) == pytest.approx(wanted, abs=1e-8)


class Band:
    """One section of an equaliser band as the C side lays it out."""

    def __init__(self, g: float, k: float, m0: float, m1: float, m2: float):
        self.g, self.k, self.m0, self.m1, self.m2 = g, k, m0, m1, m2
        self.sections, self.section = 1, [self]


def test_a_designed_response_is_that_of_the_same_biquad():
    """A low-pass from the bilinear transform, by both ways of reading a section, against scipy's."""
    band = Band(np.tan(np.pi * 1000 / 48000), np.sqrt(2), 0, 0, 1)
    hz = np.geomspace(20, 20000, 50)
    _, wanted = sosfreqz(butter(2, 1000, fs=48000, output="sos"), hz, fs=48000)
    assert analog.designed_response(band, hz, 48000) == pytest.approx(wanted, abs=1e-12)
    b, a = analog.biquad(band)
    z = np.exp(-2j * np.pi * hz / 48000)
    assert np.polyval(b[::-1], z) / np.polyval(a[::-1], z) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("slope", [24, 48])
def test_crossover_bands_are_6_db_down_at_the_edge_and_sum_to_an_all_pass(slope):
    pulse = impulse(1 << 16)
    parts = multiband.bands(pulse, [1000], slope, 48000)
    spectra = [np.fft.rfft(part[:, 0]) for part in parts]
    at = round(1000 / 48000 * (1 << 16))
    for spectrum in spectra:
        assert 20 * np.log10(abs(spectrum[at])) == pytest.approx(-6.0206, abs=0.01)
    assert np.abs(sum(spectra)) == pytest.approx(np.ones(len(spectra[0])), abs=1e-9)
    assert sum(parts) == pytest.approx(multiband.through_all_passes(pulse, [1000], slope, 48000), abs=1e-12)


# ---- dynamics ----


def test_static_curve_is_that_of_the_paper():
    """Threshold -20, ratio 4, knee 10: by hand."""
    level = np.array([-25, -24, -22, -20, -18, -16, -15, -10, 0])
    wanted = [-25, -24.0375, -22.3375, -20.9375, -19.8375, -19.0375, -18.75, -17.5, -15]
    assert level - dynamics.curve_db(level, -20, 4, 10) == pytest.approx(wanted, abs=1e-9)
    assert dynamics.curve_db(0, -20, 100, 0) == pytest.approx(20)
    assert dynamics.curve_db(0, -20, 4, 0, 6) == pytest.approx(6)


@pytest.mark.parametrize(("attack_ms", "release_ms"), [(1, 50), (10, 100), (30, 300)])
def test_ballistics_cover_63_percent_in_their_times(attack_ms, release_ms):
    rate = 48000
    wanted = np.repeat([0.0, 6.0, 0.0], [100, 3 * rate, 3 * rate])
    p = {"attack_ms": attack_ms, "release_ms": release_ms, "auto_release": False}
    found = dynamics.ballistics(wanted, p, rate)
    for part, ms in ((found[100 : 100 + 3 * rate], attack_ms), (found[100 + 3 * rate :], release_ms)):
        assert 1000 * dynamics.seconds_until(part, 1 - np.exp(-1), rate) == pytest.approx(ms, rel=0.01)


def test_a_steady_signal_has_its_level_at_every_frame_and_gain_is_read_to_the_last_digit():
    source = dynamics.steady(-20, 0.1)
    assert 20 * np.log10(np.abs(source)) == pytest.approx(np.full(4800, -20.0))
    late = np.concatenate([np.zeros(7), source[:-7] / 2])
    assert dynamics.gain_db(late, source, 7) == pytest.approx(np.full(4793, -6.0206), abs=1e-4)
    assert dynamics.rms_db(sine(1000, 1, 0)) == pytest.approx(-3.0103, abs=1e-4)


# ---- clipping ----


def test_the_clipping_curve_is_flat_outside_straight_inside_and_smooth_between():
    x = np.linspace(-3, 3, 601)
    assert clipping.curve(x, 1, 0) == pytest.approx(np.clip(x, -1, 1))
    soft = clipping.curve(x, 1, 0.5)
    assert soft[np.abs(x) <= 0.5] == pytest.approx(x[np.abs(x) <= 0.5])
    assert np.abs(soft[np.abs(x) >= 1.5]) == pytest.approx(np.full((np.abs(x) >= 1.5).sum(), 1.0))
    assert np.abs(np.diff(soft, 2)).max() <= 1.5 * 0.01**2  # the slope falls by 1 over 1, at most 1.5 times as fast
    assert clipping.curve(np.ones(1), 1, 1)[0] == pytest.approx(2 * (1 / 2 - 1 / 8 + 1 / 32))  # twice u - u^3 + u^4/2 at 1/2


def test_a_clipped_sine_has_the_harmonics_of_fourier():
    """Amplitude 2 into a threshold of 1: first and third by the closed form, exact where no aliasing is."""
    period = 4800
    x = 2 * np.sin(2 * np.pi * np.arange(period) / period)
    got = np.abs(clipping.clipped_spectrum(x, 1, 0)) * 2 / period
    a = np.arcsin(0.5)
    first = (2 / np.pi) * 2 * (a + 0.5 * np.cos(a))
    third = (2 / np.pi) * 2 * (np.sin(2 * a) / 2 - np.sin(4 * a) / 4) + (4 / np.pi) * np.cos(3 * a) / 3
    assert got[1] == pytest.approx(first, abs=1e-6)
    assert got[3] == pytest.approx(third, abs=1e-6)
    assert got[2] < 1e-9


def test_aliasing_is_what_is_no_harmonic():
    tone = sine(5003, 2, 0) + sine(10006, 2, -20)
    assert clipping.aliasing_db(tone, 5003, 48000) < -200
    power_db = 10 * np.log10(1 + 0.01 + 1e-7)
    assert clipping.aliasing_db(tone + sine(7777, 2, -70), 5003, 48000) == pytest.approx(-70 - power_db, abs=0.02)


# ---- hearing, levels, programme ----


def test_a_weighting_is_the_table_of_the_standard():
    """IEC 61672-1, nominal frequencies at their exact values, to the tenth the table gives."""
    exact = 1000 * 10 ** (np.array([-10, -3, 0, 3, 10]) / 10)  # 100 Hz, 500 Hz, 1, 2, 10 kHz
    assert 10 * np.log10(hearing.a_weight(exact)) == pytest.approx([-19.1, -3.2, 0, 1.2, -2.5], abs=0.06)


def test_the_threshold_of_hearing_is_lowest_near_3_khz():
    hz = np.geomspace(20, 20000, 999)
    assert 3000 < hz[np.argmin(hearing.threshold_db(hz))] < 4000
    assert hearing.threshold_db(np.array([1000.0]))[0] == pytest.approx(3.64 - 6.5 * np.exp(-0.6 * 2.3**2) + 0.001)
    assert hearing.audibility(np.array([10.0]))[0] == 0


def test_the_picture_of_what_is_alike_turned_apart_and_one_sided():
    left, right = programme.pink(4).T
    for pair, correlation in ((stereo(left), 1), (stereo(left, -left), -1), (programme.with_correlation(4, 0.4), 0.4)):
        with np.errstate(divide="ignore"):
            assert levels_meter.image(pair, 48000)["correlation"] == pytest.approx(correlation, abs=0.05)
    found = levels_meter.image(stereo(left, left / 2), 48000)
    assert found["balance_db"] == pytest.approx(-6.0206, abs=1e-4)
    assert found["width_db"] == pytest.approx(20 * np.log10(1 / 3), abs=1e-4)
    assert abs(levels_meter.image(stereo(left, right), 48000)["correlation"]) < 0.3


@pytest.mark.parametrize("rate", [44100, 48000])
def test_dr_of_a_sine_is_0_and_of_quiet_blocks_between_loud_ones_their_distance(rate):
    """By its rule a full-scale sine has an RMS of 0 dB."""
    assert levels_meter.dynamic_range(stereo(sine(1000, 31, -3, rate)), rate) == pytest.approx(0, abs=0.01)
    pulse = stereo(sine(1000, 31, -20, rate))
    pulse[:: rate * 3 // 2] = amplitude(-8)
    assert levels_meter.dynamic_range(pulse, rate) == pytest.approx(12, abs=0.05)


def test_psr_of_a_sine_is_its_peak_over_its_loudness():
    """997 Hz on both sides: 0 dBFS of peak is 0 LUFS."""
    found = levels_meter.peak_to_short_term(stereo(sine(997, 3.5, -10)), 48000)
    assert found[:-1] == pytest.approx(np.zeros(len(found) - 1), abs=0.02)  # the end is cut hard, and rings


@pytest.mark.parametrize("rate", RATES)
def test_third_octave_level_of_a_tone_is_the_tone_s_in_its_band_and_nothing_beside_it(rate):
    tone = sine(1000, 2, -20, rate)
    assert levels_meter.third_octave_level(tone, 1000, rate) == pytest.approx(-23.0103, abs=1e-3)
    assert levels_meter.third_octave_level(tone, 2000, rate) < -150


def test_pink_noise_has_its_level_and_the_same_in_every_third_octave():
    signal = programme.pink(20, -26)
    assert 10 * np.log10((signal**2).mean(axis=0)) == pytest.approx([-26, -26])
    thirds = [levels_meter.third_octave_level(signal[:, 0], 1000 * 10 ** (i / 10), 48000) for i in range(-10, 12)]
    assert np.ptp(thirds) < 0.4
    assert np.mean(thirds) == pytest.approx(-26 - 10 * np.log10(30), abs=0.2)  # 20 Hz to 20 kHz are 30 bands
