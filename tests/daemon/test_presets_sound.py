"""The factory presets on programme: each does what it says, in sensible amounts, by instruments that are not the product."""

import numpy as np
import pytest
from instruments.loudness_meter import bins, integrated
from instruments.true_peak_meter import true_peak_dbtp

from masterd.daemon import presets
from masterd.daemon.engine import Engine
from masterd.daemon.sources.demo import BAR_SECONDS, PROGRAMME, DemoProgramme

RATE_HZ = 48000


def pink(seconds, level_dbfs, seed=1):
    """Noise with a musical slope and a slow swell, independent channels."""
    frames = int(seconds * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((frames, 2)), axis=0)
    frequency = np.maximum(np.fft.rfftfreq(frames, 1 / RATE_HZ), 20)
    wave = np.fft.irfft(spectrum / np.sqrt(frequency)[:, None], frames, axis=0)
    wave *= (0.6 + 0.4 * np.sin(2 * np.pi * 0.7 * np.arange(frames) / RATE_HZ) ** 2)[:, None]
    return wave / np.sqrt(np.mean(wave**2)) * 10 ** (level_dbfs / 20)


def demo(passage, bars):
    """The first bars of a passage of the built-in programme."""
    source, seconds = DemoProgramme(RATE_HZ), BAR_SECONDS
    before = next(at for at, it in enumerate(PROGRAMME) if it[0].__name__ == passage)
    for _ in range(sum(it[1] for it in PROGRAMME[:before])):
        source.read(round(seconds * RATE_HZ))
    return np.concatenate([source.read(round(seconds * RATE_HZ)) for _ in range(bars)]).astype(np.float64)


PROGRAMMES = {
    "speech": demo("speech", 2),
    "calm music": demo("calm", 2),
    "a band": demo("band", 2),
    "a clipped master": demo("hot", 1),
    "pink, quiet": pink(3, -26),
    "pink, loud": pink(3, -14),
}


def lufs(signal):
    return integrated(bins(signal, RATE_HZ))


def around_the_peak(signal):
    """Half a second about its largest sample: 32 times oversampling takes its time."""
    at = int(np.abs(signal).max(axis=1).argmax())
    return signal[max(0, at - RATE_HZ // 4) : at + RATE_HZ // 4]


def mastered(programme, values):
    engine = Engine(RATE_HZ, "normal", values)
    engine.attach()
    engine.gate(True, 0)
    left, right = (np.ascontiguousarray(programme[:, channel]) for channel in (0, 1))
    engine.process_double(left, right)
    return np.stack([left, right], axis=1)


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
    assert abs(loudness) <= 9
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
