"""Two clocks: the resampler at steady ratios, and two simulated cards that drift apart for two hours."""

from __future__ import annotations

import numpy as np
from dsp.test_bridge import FFT_FRAMES, SETTLED_S, SURE_S, purity_db, rms, treble_db, two_hours
from dsp.test_resampler import RATE_HZ, TONES_HZ, level_error_db, purity_db as resampled_db
from instruments.two_clocks import Run
from scipy.signal.windows import blackmanharris

from plots.sheet import THRESHOLD, Row, audible, save, sheet

DRIFTS_PPM = (200, -200)
STEADY_PPM = (100, -100, 200, -200)
TREBLE_HZ = (10000, 20000)


def spectrum_db(it: Run) -> tuple[np.ndarray, np.ndarray]:
    wave = it.heard[-FFT_FRAMES:, 0] * blackmanharris(FFT_FRAMES, sym=False)
    size = np.abs(np.fft.rfft(wave))
    return np.fft.rfftfreq(FFT_FRAMES, 1 / RATE_HZ), 20 * np.log10(size / size.max() + 1e-12)


def draw(runs: dict[int, Run]) -> None:
    ratio, spectrum = sheet(2, height=3.4)
    for ppm, it in runs.items():
        early = it.seconds < 300
        ratio.plot(it.seconds[early], it.reading("ratio_ppm", 0, 300) - ppm, label=f"{ppm:+d} ppm", linewidth=0.9)
    for limit in (-5, 5):
        ratio.axhline(limit, **THRESHOLD)
    ratio.set_ylim(-20, 20)
    ratio.set_xlabel("Time / s")
    ratio.set_ylabel("Ratio less the drift / ppm")
    ratio.legend()
    spectrum.plot(*spectrum_db(runs[DRIFTS_PPM[0]]), linewidth=0.6)
    spectrum.axhline(-120, **THRESHOLD)
    audible(spectrum)
    spectrum.set_ylim(-200, 5)
    spectrum.set_title("1 kHz after two hours")
    spectrum.set_ylabel("dB")
    save("two-clocks")


def steady() -> list[Row]:
    rows = []
    for hertz in (1000, *TREBLE_HZ):
        worst_db = max(resampled_db(hertz, ppm) for ppm in STEADY_PPM)
        rows.append(Row(f"resampler alone, {hertz // 1000} kHz at ±100 and ±200 ppm: THD+N", "-145 dB", f"{worst_db:.0f} dB"))
    flat_db = max(level_error_db(hertz, rate_hz) for hertz in TONES_HZ for rate_hz in (44100, 48000))
    return [*rows, Row("resampler alone, level from 20 Hz to 20 kHz", "±0.00001 dB", f"±{flat_db:.1e} dB")]


def measure() -> list[Row]:
    runs = {ppm: two_hours(ppm) for ppm in DRIFTS_PPM}
    draw(runs)
    rows = steady()
    early = max(rms(it.reading("ratio_ppm", SETTLED_S, SURE_S) - ppm) for ppm, it in runs.items())
    late = max(rms(it.reading("ratio_ppm", SURE_S) - ppm) for ppm, it in runs.items())
    rows += [
        Row("2 h at ±200 ppm: slips", "0", str(max(it.statuses[-1].slips for it in runs.values()))),
        Row("2 h at ±200 ppm: ratio, 30 to 200 s", "5 ppm rms", f"{early:.1f} ppm rms"),
        Row("2 h at ±200 ppm: ratio, from 200 s on", "1 ppm rms", f"{late:.2f} ppm rms"),
        Row(
            "2 h at ±200 ppm: THD+N of 1 kHz at the end", "-120 dB", f"{max(purity_db(it, 1000) for it in runs.values()):.0f} dB"
        ),
    ]
    treble = max(treble_db(hertz, ppm) for hertz in TREBLE_HZ for ppm in (100, -200))
    return [*rows, Row("10 min at +100 and -200 ppm: THD+N of 10 and 20 kHz", "-105 dB", f"{treble:.0f} dB")]
