"""Meters: every signal of EBU Tech 3341 and 3342 that can be synthesised."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from dsp.test_loudness_ebu import FIELDS, energies, show
from dsp.test_truepeak import Meter, db
from instruments import ebu
from instruments.loudness_kernel import Book, Weigher

from plots.sheet import COLOURS, THRESHOLD, Row, save, sheet

RATES = (44100, 48000, 96000, 192000)
Errors = dict[str, list[tuple[float, float]]]
"""case and field -> (measured, expected)"""


def steady(rate: float, found: Errors) -> None:
    for case in [*ebu.gating_cases(rate), *ebu.window_cases(rate), *ebu.range_cases(rate)]:
        for name, value in show(case, rate).items():
            key = f"LRA {case.name}" if name == "LRA" else f"{case.name.split('-')[0]} {name.replace('_', ' ')}"
            found[key].append((value, case.expected[name]))


def constant(rate: float, found: Errors) -> None:
    for case in ebu.constant_cases(rate):
        ((name, since),) = case.from_seconds.items()
        book, shown = Book(), []
        for bin in energies(case, rate):
            shown.append(getattr(book.add(np.array([bin])).read(), FIELDS[name]))
        found[f"{case.name} {name}"] += [(value, case.expected[name]) for value in shown[round(100 * since) :]]


def live(rate: float, found: Errors) -> None:
    for case, field in (("11", "S_max"), ("14", "M_max")):
        weigher, book = Weigher(rate), Book()
        for i, segment in enumerate(ebu.live(case, rate)):
            reading = book.add(weigher.bins(segment)).read()
            found[f"{case} {field.replace('_', ' ')}"].append((getattr(reading, FIELDS[field]), i - 38))


def true_peak(rate: float, found: Errors) -> None:
    for case, wave, expected in ebu.true_peak_cases(rate):
        found[f"{case} TP"].append((db(max(Meter(rate)(wave, wave))), expected))


def readings(rate: float) -> Errors:
    found: Errors = defaultdict(list)
    for part in (steady, constant, live, true_peak):
        part(rate, found)
    return dict(
        sorted(found.items(), key=lambda item: (item[0].startswith("LRA"), int(item[0].split()[item[0].startswith("LRA")])))
    )


def place(name: str) -> tuple[bool, int]:
    """Tech 3341 before 3342, then by the number of the case."""
    words = name.split()
    return words[0] == "LRA", int(words[words[0] == "LRA"])


def farthest(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    return max(pairs, key=lambda pair: abs(pair[0] - pair[1]))


def measure() -> list[Row]:
    by_rate = {rate: readings(rate) for rate in RATES}
    names = list(by_rate[48000])
    loudness, peaks = [n for n in names if not n.endswith("TP")], [n for n in names if n.endswith("TP")]
    left, right = sheet(2, height=4.4, width_ratios=(2, 1))
    for axis, rows in ((left, loudness), (right, peaks)):
        for n, rate in enumerate(RATES):
            for at, name in enumerate(rows):
                wrong = [value - expected for value, expected in by_rate[rate][name]]
                axis.plot(
                    [at + 0.18 * (n - 1.5)] * 2, [min(wrong), max(wrong)], "_-", color=COLOURS[n], markersize=4, linewidth=2
                )
        axis.set_xticks(range(len(rows)), rows, rotation=90)
        axis.grid(visible=False, axis="x")
    for limit in (-0.1, 0.1):
        left.axhline(limit, **THRESHOLD)
    for limit in (-0.4, 0.2):
        right.axhline(limit, **THRESHOLD)
    for n, rate in enumerate(RATES):
        left.plot([], [], color=COLOURS[n], linewidth=2, label=f"{rate / 1000:g} kHz")
    left.set_ylim(-0.15, 0.15)
    left.set_ylabel("Measured - expected / LU, all readings of a case")
    left.legend(loc="upper right", ncols=4)
    right.set_ylim(-0.5, 0.3)
    right.set_ylabel("True peak: measured - expected / dB")
    save("loudness-ebu")
    return [table_row(name, by_rate) for name in names]


def table_row(name: str, by_rate: dict[int, Errors]) -> Row:
    pairs = [farthest(by_rate[rate][name]) for rate in RATES]
    value, expected = farthest(pairs)
    unit = "dBTP" if name.endswith("TP") else "LU" if name.startswith("LRA") else "LUFS"
    tolerance = "+0.2/-0.4" if unit == "dBTP" else "±1" if unit == "LU" else "±0.1"
    title = f"Tech 3342 case {name.split()[1]}, LRA" if unit == "LU" else f"Tech 3341 case {name}"
    return Row(title, f"{expected:.1f} {tolerance} {unit}", f"{value:.3f} {unit}")
