"""The true-peak filter as BS.1770-5 prints it: what meters built from the table read on the signals of EBU Tech 3341."""

from __future__ import annotations

import numpy as np
import pytest
from instruments import ebu
from instruments.levels_kernel import printed_true_peak_dbtp

from masterd.native import ffi, lib

CASES = {name: (signal, expected) for name, signal, expected in ebu.true_peak_cases(48000)}


def test_the_table_is_symmetric_and_its_phases_pass_low_frequencies():
    coefs = ffi.new("truepeak_fir_coefs *")
    lib.truepeak_fir_design(coefs, ffi.NULL)
    taps = np.array([list(phase) for phase in coefs.tap])
    assert np.array_equal(taps[3], taps[0][::-1])
    assert np.array_equal(taps[2], taps[1][::-1])
    assert taps.sum(axis=1) == pytest.approx(1, abs=0.03)
    assert (taps * 2**13 == np.round(taps * 2**13)).all()  # as printed: multiples of 2^-13


@pytest.mark.parametrize(("case", "reads"), [("15", -6.2), ("17", -6.3)])
def test_reads_what_the_printed_filter_reads(case, reads):
    assert printed_true_peak_dbtp(CASES[case][0]) == pytest.approx(reads, abs=0.05)


@pytest.mark.parametrize("case", CASES)
def test_within_the_tolerance_of_tech_3341(case):
    signal, expected = CASES[case]
    assert expected - 0.4 <= printed_true_peak_dbtp(signal) <= expected + 0.2


def test_equals_a_convolution():
    noise = np.random.default_rng(4).uniform(-1, 1, 5000)
    coefs = ffi.new("truepeak_fir_coefs *")
    lib.truepeak_fir_design(coefs, ffi.NULL)
    peak = max(np.abs(np.convolve(noise, list(phase))).max() for phase in coefs.tap)
    assert printed_true_peak_dbtp(noise) == pytest.approx(20 * np.log10(peak), abs=1e-9)
