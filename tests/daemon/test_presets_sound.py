"""The factory presets on programme: each does what it says, in sensible amounts, by instruments that are not the product."""

import re

import numpy as np
import pytest
from instruments.loudness_meter import bins, integrated, loudness_range
from instruments.true_peak_meter import true_peak_dbtp

from masterd.daemon import presets
from masterd.daemon.engine import Engine
from masterd.daemon.macros import moved
from masterd.daemon.sources.demo import BAR_SECONDS, BARS, DemoProgramme

RATE_HZ = 48000
EDGE_FRAMES = 240


def pink(seconds, level_dbfs, seed=1):
    """Noise with a musical slope and a slow swell, independent channels."""
    frames = int(seconds * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((frames, 2)), axis=0)
    frequency = np.maximum(np.fft.rfftfreq(frames, 1 / RATE_HZ), 20)
    wave = np.fft.irfft(spectrum / np.sqrt(frequency)[:, None], frames, axis=0)
    wave *= (0.6 + 0.4 * np.sin(2 * np.pi * 0.7 * np.arange(frames) / RATE_HZ) ** 2)[:, None]
    return wave / np.sqrt(np.mean(wave**2)) * 10 ** (level_dbfs / 20)


SETTLE_SECONDS = 30
EXCERPT_BARS = 69
"""Through the first clipped passage: speech, silence, music and jumps of 15 dB have been by then."""

BAR_FRAMES = round(BAR_SECONDS * RATE_HZ)
DEMO = DemoProgramme(RATE_HZ).read(EXCERPT_BARS * BAR_FRAMES).astype(np.float64)


def demo(passage, bars):
    """The first bars of a passage of the built-in programme."""
    first = next(at for at, (made, _) in enumerate(BARS) if made.__name__ == passage)
    return DEMO[first * BAR_FRAMES : (first + bars) * BAR_FRAMES]


PROGRAMMES = {
    "speech": demo("speech", 2),
    "calm music": demo("calm", 2),
    "a band": demo("band", 2),
    "a clipped master": demo("hot", 1),
    "pink, quiet": pink(3, -26),
    "pink, loud": pink(3, -14),
}


DENSEST = ("news", "urban", "am")
"""Formats that exist to lift what is quiet."""


def lufs(signal):
    return integrated(bins(signal, RATE_HZ))


def around_the_peak(signal):
    """Half a second about its largest sample: 32 times oversampling takes its time."""
    at = int(np.abs(signal).max(axis=1).argmax())
    piece = signal[max(0, at - RATE_HZ // 4) : at + RATE_HZ // 4].copy()
    fade = np.hanning(2 * EDGE_FRAMES)[:EDGE_FRAMES, None]  # a cut through a loud wave would ring by itself
    piece[:EDGE_FRAMES] *= fade
    piece[-EDGE_FRAMES:] *= fade[::-1]
    return piece


def mastered(programme, values):
    engine = Engine(RATE_HZ, "normal", values)
    engine.attach()
    engine.gate(True, 0)
    left, right = (np.ascontiguousarray(programme[:, channel]) for channel in (0, 1))
    engine.process_double(left, right)
    return np.stack([left, right], axis=1)


def at_position(name, less_more_percent):
    """A factory preset's values with its knob turned."""
    preset = presets.Presets(presets.FACTORY_FOLDER / "none").load(name)
    return {**preset.values, **moved(preset.macros, {"macro.less_more_percent": less_more_percent})}


@pytest.fixture(scope="module", params=presets.FACTORY)
def preset(request, tmp_path_factory):
    return request.param, presets.load(request.param, tmp_path_factory.mktemp("presets"))


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_a_preset_moves_loudness_sensibly_and_keeps_peaks_under_its_ceiling(preset, programme):
    name, values = preset
    before, out = PROGRAMMES[programme], mastered(PROGRAMMES[programme], values)
    loudness = lufs(out) - lufs(before)
    peak = true_peak_dbtp(around_the_peak(out))
    print(f"{name} on {programme}: {loudness:+.1f} LU, {peak:.2f} dBTP")
    assert peak <= values["limiter.ceiling_dbtp"] + 0.1
    assert abs(loudness) <= (10 if name in DENSEST else 9)
    assert np.isfinite(out).all()


@pytest.mark.parametrize("name", ["speech", "music", "broadcast", "streaming"])
def test_what_is_far_apart_comes_closer(name, tmp_path):
    """15 dB between two passages are clearly fewer afterwards, and the louder one stays the louder one."""
    quiet, loud = pink(4, -29), pink(4, -14)
    values = presets.load(name, tmp_path)
    apart = lufs(mastered(loud, values)) - lufs(mastered(quiet, values))
    print(f"{name}: 15.0 LU become {apart:.1f} LU")
    assert 3 <= apart <= 13


def test_broadcast_is_denser_than_streaming_and_streaming_than_music(tmp_path):
    band = PROGRAMMES["a band"]
    loudness = [lufs(mastered(band, presets.load(name, tmp_path))) for name in ("music", "streaming", "broadcast")]
    print(loudness)
    assert loudness == sorted(loudness)


def test_flat_is_the_programme_itself_below_the_ceiling(tmp_path):
    quiet = PROGRAMMES["pink, quiet"]
    out = mastered(quiet, presets.load("flat", tmp_path))
    latency = Engine(RATE_HZ, "normal", presets.load("flat", tmp_path)).latency_frames
    np.testing.assert_array_equal(out[latency:], quiet[: len(quiet) - latency])


TARGETS_LUFS = {"podcast": -16, "r128": -23, "atsc": -24, "streaming_14": -14, "streaming_16": -16}
CEILINGS_DBTP = {"atsc": -2, "streaming_14": -2}
CORRIDOR = re.compile(r"Corridor at 50: about (-\d+) to (-\d+) LUFS")
DENSITY = [name for name in presets.FACTORY if name != "flat" and name not in TARGETS_LUFS]


def settled(signal):
    return signal[SETTLE_SECONDS * RATE_HZ :]


EXCERPT = demo("calm", EXCERPT_BARS - 11)


@pytest.mark.parametrize(("name", "target_lufs"), TARGETS_LUFS.items())
def test_a_preset_with_a_target_lands_on_it_and_keeps_its_peaks(name, target_lufs):
    """Music, speech, 15 dB up and down, silence and clipped masters, once the leveller had half a minute."""
    values = at_position(name, 50)
    out = settled(mastered(EXCERPT, values))
    energies, before = bins(out, RATE_HZ), bins(settled(EXCERPT), RATE_HZ)
    loudness, peak = integrated(energies), true_peak_dbtp(around_the_peak(out))
    ranges = loudness_range(before), loudness_range(energies)
    print(f"{name}: {integrated(before):.1f} -> {loudness:.1f} LUFS, {peak:.2f} dBTP, LRA {ranges[0]:.1f} -> {ranges[1]:.1f} LU")
    assert values["limiter.ceiling_dbtp"] == CEILINGS_DBTP.get(name, -1)
    assert loudness == pytest.approx(target_lufs, abs=2)
    assert peak <= values["limiter.ceiling_dbtp"]
    assert ranges[1] < ranges[0]


@pytest.mark.parametrize("name", DENSITY)
def test_more_is_never_quieter_and_fifty_is_in_the_corridor_it_names(name):
    """The corridor is that of a band at a usual level, the knob at 50, the leveller at rest."""
    band = demo("band", 3)
    low, high = map(int, CORRIDOR.search(presets.Presets(presets.FACTORY_FOLDER / "none").load(name).description).groups())
    loudness = [lufs(mastered(band, at_position(name, position))) for position in (0, 50, 100)]
    print(f"{name}: {lufs(band):.1f} becomes {', '.join(f'{it:.1f}' for it in loudness)} LUFS; corridor {low} to {high}")
    assert loudness == sorted(loudness)
    assert loudness[2] - loudness[0] >= 1
    assert low <= loudness[1] <= high
