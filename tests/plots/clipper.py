"""Clipper: the spectrum of a tone driven 6 dB into it, harmonics and what folds back."""

from __future__ import annotations

from itertools import product

import numpy as np
from dsp.test_clipper import LATENCIES, RATES, clipper
from instruments.clipping import aliasing_db, split_spectrum
from instruments.signals import sine, stereo

from plots.sheet import Row, save, sheet

TONE_HZ = 5003


def driven(latency: str, rate: int, softness: int) -> np.ndarray:
    out = clipper(rate, latency, drive_db=6, softness_percent=softness)(stereo(sine(TONE_HZ, 2.5, 0, rate)))
    return out[-2 * rate :, 0]


def spectra() -> None:
    naive = np.clip(2 * sine(TONE_HZ, 2, 0), -1, 1)
    what = {"naive, for comparison": naive, "hard": driven("normal", 48000, 0), "soft": driven("normal", 48000, 50)}
    for axis, (name, mono) in zip(sheet(3, height=3.4, sharey=True), what.items(), strict=True):
        hz, power, harmonic = split_spectrum(mono, TONE_HZ, 48000)
        level_db = 10 * np.log10(power / power.max() + 1e-30)
        for wanted, colour, label in ((True, "#0b5394", "tone and harmonics"), (False, "#cc0000", "folded back")):
            axis.vlines(hz[harmonic == wanted] / 1000, -180, level_db[harmonic == wanted], color=colour, linewidth=1, label=label)
        axis.axvline(20, color="#666666", linewidth=1, linestyle=":", label="end of what is counted")
        axis.set_title(f"{name}: {aliasing_db(mono, TONE_HZ, 48000):.0f} dB")
        axis.set_xlim(0, 24)
        axis.set_ylim(-170, 5)
        axis.set_xlabel("Frequency / kHz")
    axis.figure.axes[0].set_ylabel("Level / dB")
    axis.figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    save("clipper-aliasing")


def measure() -> list[Row]:
    spectra()
    rows = []
    for latency, rate in product(LATENCIES, RATES):
        for softness, name, aim in ((0, "hard", -80), (50, "soft", -100)):
            found = aliasing_db(driven(latency, rate, softness), TONE_HZ, rate)
            reached = f"{found:.1f} dB" + (" *(short)*" if found > aim else "")
            rows.append(Row(f"{name}, {rate / 1000:g} kHz, {latency} latency", f"{aim} dB", reached))
    return rows
