"""EBU Tech 3341 and 3342 through kernel and book. The standard allows 0.1 LU (3342: 1 LU); the gates here are narrower."""

from __future__ import annotations

import numpy as np
import pytest
from instruments import ebu
from instruments.loudness_kernel import Book, Weigher

RATES = (44100, 48000, 96000, 192000)
FIELDS = {
    "M": "momentary_lufs",
    "S": "short_term_lufs",
    "I": "integrated_lufs",
    "LRA": "range_lu",
    "M_max": "momentary_max_lufs",
    "S_max": "short_term_max_lufs",
}


def energies(case: ebu.Case, rate: float) -> np.ndarray:
    """Bins of a signal of two or five channels: one kernel per pair of channels."""
    weighers = [Weigher(rate) for _ in range((len(case.weights) + 1) // 2)]
    out = []
    for at in range(0, len(case.signal), 30 * rate):  # shorter than the journal
        total = 0
        for i, weigher in enumerate(weighers):
            channels = case.signal[at : at + 30 * rate, 2 * i : 2 * i + 2]
            if case.weights != ebu.STEREO:
                channels = channels * np.sqrt(case.weights[2 * i : 2 * i + 2])
            total = total + weigher.bins(channels if channels.shape[1] == 2 else np.pad(channels, ((0, 0), (0, 1))))
        out.append(total)
    return np.concatenate(out)


def show(case: ebu.Case, rate: float) -> dict[str, float]:
    reading = Book().add(energies(case, rate)).read()
    return {name: getattr(reading, FIELDS[name]) for name in case.expected}


@pytest.mark.parametrize("rate", RATES)
def test_3341_gating(rate):
    for case in ebu.gating_cases(rate):
        assert show(case, rate) == pytest.approx(case.expected, abs=0.05), case.name


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("number", range(2))
def test_3341_constant(rate, number):
    """S, and M, keep still from the moment their window is full."""
    case, book = ebu.constant_cases(rate)[number], Book()
    ((name, since),) = case.from_seconds.items()
    shown = []
    for bin in energies(case, rate):
        reading = book.add(np.array([bin])).read()
        shown.append(getattr(reading, FIELDS[name]))
    assert np.array(shown[round(100 * since) :]) == pytest.approx(case.expected[name], abs=0.05)


@pytest.mark.parametrize("rate", RATES)
def test_3341_windows(rate):
    for case in ebu.window_cases(rate):
        tolerance = 0.08 if case.name.startswith("10") else 0.05
        assert show(case, rate) == pytest.approx(case.expected, abs=tolerance), case.name


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    ("name", "field", "tolerance"), [("11", "short_term_max_lufs", 0.08), ("14", "momentary_max_lufs", 0.05)]
)
def test_3341_live(rate, name, field, tolerance):
    weigher, book = Weigher(rate), Book()
    for i, segment in enumerate(ebu.live(name, rate)):
        reading = book.add(weigher.bins(segment)).read()
        assert getattr(reading, field) == pytest.approx(i - 38, abs=tolerance)


@pytest.mark.parametrize("rate", RATES)
def test_3342(rate):
    """Playing a signal again does not change its range."""
    for case in ebu.range_cases(rate):
        bins, book = energies(case, rate), Book()
        for _ in range(2):
            assert book.add(bins).read().range_lu == pytest.approx(case.expected["LRA"], abs=0.1), case.name
