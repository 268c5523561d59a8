"""The test signals of EBU Tech 3341 (2023) table 1 and Tech 3342 (2023) table 1, as far as they can be synthesised.

Not here: 3341 cases 7 and 8 and 3342 cases 5 and 6, which are recorded programmes. Tones are 1 kHz sines, in phase on all
channels; levels are peak dBFS per channel. A meter is reset before every signal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from scipy.signal import firwin

STEREO = (1.0, 1.0)
SURROUND = (1.0, 1.0, 1.0, 1.41, 1.41)  # left, right, centre, left and right surround: BS.1770-5 weights


@dataclass(frozen=True)
class Case:
    """One signal (frames, channels) and what the meter must show: M, S, I, LRA, and the largest M and S, in LUFS or LU."""

    name: str
    signal: np.ndarray
    expected: dict[str, float]
    weights: tuple[float, ...] = STEREO
    from_seconds: dict[str, float] = field(default_factory=dict)  # constant readings hold from here on


def tone(steps: Iterable[tuple[float, float | None]], sample_rate_hz: float) -> np.ndarray:
    """(seconds, level_dbfs) after one another without a break of phase; None is silence."""
    levels = [np.full(round(seconds * sample_rate_hz), 0 if level is None else 10 ** (level / 20)) for seconds, level in steps]
    envelope = np.concatenate(levels)
    return envelope * np.sin(2 * np.pi * 1000 / sample_rate_hz * np.arange(len(envelope)))


def both(mono: np.ndarray) -> np.ndarray:
    """The same on two channels, without a copy."""
    return np.broadcast_to(mono[:, None], (len(mono), 2))


def case(
    name: str, steps: list[tuple[float, float | None]], rate: float, since: dict[str, float] | None = None, **expected: float
) -> Case:
    return Case(name, both(tone(steps, rate)), expected, from_seconds=since or {})


def surround(rate: float) -> Case:
    mono = tone([(20, 0)], rate)[:, None]
    return Case("6", mono * 10 ** (np.array([-28, -28, -24, -30, -30]) / 20), {"I": -23}, SURROUND)


def gating_cases(rate: float) -> list[Case]:
    """Tech 3341 cases 1 to 6: integrated loudness and its gates."""
    return [
        case("1", [(20, -23)], rate, M=-23, S=-23, I=-23),
        case("2", [(20, -33)], rate, M=-33, S=-33, I=-33),
        case("3", [(10, -36), (60, -23), (10, -36)], rate, I=-23),
        case("4", [(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], rate, I=-23),
        case("5", [(20, -26), (20.1, -20), (20, -26)], rate, I=-23),
        surround(rate),
    ]


def constant_cases(rate: float) -> list[Case]:
    """Tech 3341 cases 9 and 12: S and M stand still although the level alternates."""
    return [
        case("9", [(1.34, -20), (1.66, -30)] * 5, rate, {"S": 3}, S=-23),
        case("12", [(0.18, -20), (0.22, -30)] * 25, rate, {"M": 1}, M=-23),
    ]


def window_cases(rate: float) -> list[Case]:
    """Tech 3341 cases 10 and 13: twenty files each, the tone at another offset in every one."""
    short = [case(f"10-{i}", [(i * 0.15, None), (3, -23), (1, None)], rate, S_max=-23) for i in range(20)]
    momentary = [case(f"13-{i}", [(i * 0.02, None), (0.4, -23), (1, None)], rate, M_max=-23) for i in range(20)]
    return short + momentary


def live_steps(name: str) -> list[list[tuple[float, float | None]]]:
    """Tech 3341 cases 11 and 14: twenty segments, played as one programme; segment i must show a maximum of i - 38."""
    step, length = (0.15, 3.0) if name == "11" else (0.02, 0.4)
    return [[(i * step, None), (length, i - 38), (length - i * step, None)] for i in range(20)]


def live(name: str, rate: float) -> list[np.ndarray]:
    """The twenty segments of case 11 or 14, to be fed one after another into one meter."""
    return [both(tone(steps, rate)) for steps in live_steps(name)]


def range_cases(rate: float) -> list[Case]:
    """Tech 3342 cases 1 to 4."""
    levels = {"1": (-20, -30), "2": (-20, -15), "3": (-40, -20), "4": (-50, -35, -20, -35, -50)}
    ranges = {"1": 10, "2": 5, "3": 20, "4": 15}
    return [case(name, [(20, level) for level in steps], rate, LRA=ranges[name]) for name, steps in levels.items()]


def faded(mono: np.ndarray, rate: float, seconds: float = 0.01) -> np.ndarray:
    """Raised-cosine ends."""
    frames = round(seconds * rate)
    ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(frames) + 0.5) / frames)
    out = mono.copy()
    out[:frames] *= ramp
    out[-frames:] *= ramp[::-1]
    return out


def steady_peak(divisor: int, amplitude: float, phase_degrees: float, rate: float) -> np.ndarray:
    """A sine at rate/divisor whose samples miss its peak, 1 s with fades of 10 ms."""
    n = np.arange(round(rate))
    return faded(amplitude * np.sin(2 * np.pi * n / divisor + np.radians(phase_degrees)), rate)


def burst_peak(offset: int, rate: float) -> np.ndarray:
    """Cases 20 to 23: one period of rate/4 at full scale inside rate/6 at 0.5, phase-continuous; made at four times the rate,
    then low-passed and decimated at `offset` 0..3."""
    periods = round(rate / 6 / 2)
    quiet = 0.5 * np.sin(2 * np.pi * np.arange(24 * periods) / 24)
    dense = np.concatenate([quiet, np.sin(2 * np.pi * np.arange(16) / 16), quiet])
    low_pass = firwin(511, 0.95 / 4, window=("kaiser", 9))
    return faded(np.convolve(dense, low_pass, "same")[offset::4], rate)


def true_peak_cases(rate: float) -> list[tuple[str, np.ndarray, float]]:
    """Tech 3341 cases 15 to 23: name, mono signal, true peak in dBTP; the standard's tolerance is +0.2/-0.4 dB."""
    steady = [(4, 0.5, 0, -6), (4, 0.5, 45, -6), (6, 0.5, 60, -6), (8, 0.5, 67.5, -6), (4, 1.41, 45, 3)]
    cases = [(str(15 + i), steady_peak(*what, rate), dbtp) for i, (*what, dbtp) in enumerate(steady)]
    return cases + [(str(20 + offset), burst_peak(offset, rate), 0.0) for offset in range(4)]
