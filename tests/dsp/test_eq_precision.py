"""Low frequencies at high sample rates: double precision where naive forms lose half their digits."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.analog import ONE_BAND, designed_response, response
from instruments.equaliser import design, process
from instruments.signals import noise

from masterd.native import ffi, lib

RATE = 192000
LONG = np.longdouble


def extended(svf, x: np.ndarray) -> np.ndarray:
    """The textbook tick of the trapezoidal state-variable filter in extended precision."""
    g, k, m0, m1, m2 = (LONG(value) for value in (svf.g, svf.k, svf.m0, svf.m1, svf.m2))
    a1 = 1 / (1 + g * (g + k))
    a2 = g * a1
    a3 = g * a2
    s1 = s2 = LONG(0)
    y = np.empty(len(x), LONG)
    for n, sample in enumerate(x.astype(LONG)):
        v3 = sample - s2
        v1 = a1 * s1 + a2 * v3
        v2 = s2 + a2 * s1 + a3 * v3
        s1, s2 = 2 * v1 - s1, 2 * v2 - s2
        y[n] = m0 * sample + m1 * v1 + m2 * v2
    return y


def rms_db(x) -> float:
    return float(10 * np.log10(np.mean(np.square(x))))


@pytest.mark.skipif(np.finfo(LONG).nmant < 63, reason="this machine has no extended precision to compare with")
@pytest.mark.parametrize("gain_db", [18, -18])
def test_20_hz_q_10_at_192_khz_against_extended_precision(gain_db):
    coefs = design([("bell", 20, 10, gain_db)], RATE)
    signal = noise(0.5, -1, RATE)
    wanted = extended(coefs.band[0].section[0], signal[:, 0])
    error = process(coefs, signal)[:, 0].astype(LONG) - wanted
    print("error re output", rms_db(error) - rms_db(wanted))
    assert rms_db(error) - rms_db(wanted) <= -200


@pytest.mark.parametrize("q", [0.7071, 10])
@pytest.mark.parametrize("kind", ["bell", "low_shelf", "high_shelf", "notch", "band_pass"])
def test_design_at_20_hz_at_192_khz_is_exact(kind, q):
    """Coefficients carry their digits: what is left against the prototype is the fit's own error, spread evenly up to 20 kHz."""
    hz = np.geomspace(5, 2000, 500)
    coefs = design([(kind, 20, q, 12)], RATE)
    got = designed_response(coefs.band[0], hz, RATE)
    wanted = response(ONE_BAND[kind](12, q), 20, hz)
    assert np.abs(np.abs(got) - np.abs(wanted)).max() < 1e-4 * np.abs(wanted).max()


@pytest.mark.skipif(np.finfo(LONG).nmant < 63, reason="this machine has no extended precision to compare with")
@pytest.mark.parametrize("damping", [0.0125, 0.3, 0.95])
def test_poles_are_matched_z_to_the_last_digits(damping):
    w0 = 2 * LONG(np.pi) * 20 / RATE
    pole = np.exp(-LONG(damping) * w0) * np.exp(np.clongdouble(1j) * w0 * np.sqrt(1 - LONG(damping) ** 2))
    inward, outward, product = np.abs(1 - pole) ** 2, np.abs(1 + pole) ** 2, np.abs(pole) ** 2
    svf = ffi.new("svf_coefs *")
    analog = {"numerator": [1, 4 * damping, 1], "denominator": [1, 2 * damping, 1]}
    assert lib.matched_vicanek(svf, ffi.new("analog_section *", analog), 20, RATE)
    assert abs(svf.g / np.sqrt(inward / outward) - 1) < 1e-13
    assert abs(svf.k / (2 * (1 - product) / np.sqrt(inward * outward)) - 1) < 1e-13
