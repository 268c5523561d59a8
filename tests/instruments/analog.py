"""Analog prototypes and the responses of what was designed to follow them: the equaliser's ruler.

Frequencies are in Hz, responses complex, prototypes polynomials in s/w0 (highest power first), sections of a cascade multiply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

Section = tuple[list[float], list[float]]


def bell(gain_db: float, q: float) -> list[Section]:
    a = 10 ** (gain_db / 40)
    return [([1, a / q, 1], [1, 1 / (a * q), 1])]


def low_shelf(gain_db: float, q: float) -> list[Section]:
    a = 10 ** (gain_db / 40)
    return [([a, a * np.sqrt(a) / q, a * a], [a, np.sqrt(a) / q, 1])]


def high_shelf(gain_db: float, q: float) -> list[Section]:
    a = 10 ** (gain_db / 40)
    return [([a * a, a * np.sqrt(a) / q, a], [1, np.sqrt(a) / q, a])]


def tilt(gain_db: float, q: float) -> list[Section]:
    t = 10 ** (gain_db / 20)
    return [([t, 1], [1, t])]


def notch(gain_db: float, q: float) -> list[Section]:
    return [([1, 0, 1], [1, 1 / q, 1])]


def band_pass(gain_db: float, q: float) -> list[Section]:
    return [([1 / q, 0], [1, 1 / q, 1])]


def all_pass(gain_db: float, q: float) -> list[Section]:
    return [([1, -1 / q, 1], [1, 1 / q, 1])]


ONE_BAND: dict[str, Callable[[float, float], list[Section]]] = {
    "bell": bell,
    "low_shelf": low_shelf,
    "high_shelf": high_shelf,
    "tilt": tilt,
    "notch": notch,
    "band_pass": band_pass,
    "all_pass": all_pass,
}


def butterworth(order: int, kind: str) -> list[Section]:
    """`kind` low_pass or high_pass, -3.01 dB at 1; the sections multiply to the textbook polynomial."""
    poles = np.exp(1j * np.pi * (2 * np.arange(order) + order + 1) / (2 * order))
    denominator = np.poly(poles).real.tolist()
    return [([1.0] if kind == "low_pass" else [1.0] + [0.0] * order, denominator)]


def response(sections: list[Section], f0_hz: float, hz: np.ndarray) -> np.ndarray:
    s = 1j * hz / f0_hz
    product = np.ones(len(hz), complex)
    for numerator, denominator in sections:
        product = product * np.polyval(numerator, s) / np.polyval(denominator, s)
    return product


def db(response: np.ndarray) -> np.ndarray:
    return 20 * np.log10(np.maximum(np.abs(response), 1e-300))


def biquad(svf) -> tuple[np.ndarray, np.ndarray]:
    """(b, a) of a state-variable section, by the transfer function of its trapezoidal integrators."""
    g, k = svf.g, svf.k
    low, band, high = svf.m0 + svf.m2, svf.m1 + k * svf.m0, svf.m0
    up, down, two = np.array([1, 2, 1]), np.array([1, -2, 1]), np.array([1, 0, -1])
    a = g * g * up + k * g * two + down
    b = low * g * g * up + band * g * two + high * down
    return b / a[0], a / a[0]


def designed_response(band, hz: np.ndarray, sample_rate_hz: float) -> np.ndarray:
    """What the designed sections of an equaliser band do at `hz`, evaluated where the bilinear variable is well conditioned."""
    t = 1j * np.tan(np.pi * hz / sample_rate_hz)
    product = np.ones(len(hz), complex)
    for svf in sections_of(band):
        x = t / svf.g
        product = product * (svf.m0 + (svf.m1 * x + svf.m2) / (x * x + svf.k * x + 1))
    return product


def sections_of(band) -> Iterator:
    return (band.section[i] for i in range(band.sections))
