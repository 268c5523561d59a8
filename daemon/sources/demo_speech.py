"""Something like a speaker: pulses of the voice and hiss of the consonants through formants, in syllables, words and breaths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Mono = npt.NDArray[np.float64]

VOWELS_HZ = ((730, 1090, 2440), (530, 1840, 2480), (270, 2290, 3010), (570, 840, 2410), (300, 870, 2240), (640, 1190, 2390))
"""First three formants of a, e, i, o, u and the open o-a between (Peterson and Barney, JASA 24, 1952: male averages)."""
BANDWIDTHS_HZ = (80.0, 100.0, 140.0)
FORMANT_GAINS = (1.0, 0.5, 0.25)
HISS_HZ = ((5500.0, 2500.0), (3200.0, 1500.0), (1800.0, 1200.0), (7000.0, 3000.0))  # s, sh, k, f: centre and width
PITCH_HZ = 118.0
HIGHEST_HZ = 15000
RING_SECONDS = 0.04  # what a formant needs to die away


@dataclass(frozen=True, slots=True)
class Syllable:
    """A consonant and a vowel."""

    vowel: int
    hiss: int
    hiss_seconds: float
    seconds: float
    pitch_hz: float
    fall: float  # pitch at the end over pitch at the start
    level: float


def sentence(seconds: float, random: np.random.Generator) -> list[tuple[float, Syllable]]:
    """Syllables with their onsets: four to five a second in words of one to four, then a breath."""
    at, out = float(random.uniform(0.02, 0.1)), []
    while at < seconds - 0.4:
        for _ in range(int(random.integers(1, 5))):
            syllable = drawn(at / seconds, random)
            out.append((at, syllable))
            at += syllable.seconds + syllable.hiss_seconds
            if at > seconds - 0.4:
                break
        at += float(random.choice([0.03, 0.06, 0.35], p=[0.55, 0.35, 0.1]))
    return out


def drawn(progress: float, random: np.random.Generator) -> Syllable:
    """A syllable somewhere in a sentence, whose melody falls towards its end."""
    return Syllable(
        vowel=int(random.integers(len(VOWELS_HZ))),
        hiss=int(random.integers(len(HISS_HZ))),
        hiss_seconds=float(random.uniform(0.02, 0.09)),
        seconds=float(random.uniform(0.11, 0.22)),
        pitch_hz=PITCH_HZ * (1.25 - 0.4 * progress) * float(random.uniform(0.92, 1.1)),
        fall=float(random.uniform(0.82, 1.05)),
        level=float(random.uniform(0.6, 1.0)),
    )


def spoken(syllable: Syllable, rate: float, random: np.random.Generator) -> Mono:
    """One syllable, peaking at its level."""
    hiss, vowel = consonant(syllable, rate, random), voiced(syllable, rate, random)
    overlap = min(len(hiss), round(0.012 * rate))
    out = np.zeros(len(hiss) + len(vowel) - overlap)
    out[: len(hiss)] = 0.15 * hiss / np.abs(hiss).max()
    out[len(hiss) - overlap :] += vowel / np.abs(vowel).max()
    return syllable.level * out


def voiced(syllable: Syllable, rate: float, random: np.random.Generator) -> Mono:
    """The vowel: opening and closing of the glottis with a little jitter and breath, through three formants."""
    frames = round(syllable.seconds * rate)
    pitch = np.linspace(syllable.pitch_hz, syllable.pitch_hz * syllable.fall, frames) * (
        1 + 0.01 * np.sin(np.arange(frames) * 35 / rate)
    )
    phase = np.cumsum(pitch) / rate % 1
    flow = np.where(phase < 0.6, np.sin(np.pi * phase / 0.6) ** 2 * phase, 0) + 0.0005 * random.standard_normal(frames)
    return filtered(np.diff(flow, prepend=0) * rate / 3000 * envelope(frames, rate), formants(VOWELS_HZ[syllable.vowel]), rate)


def consonant(syllable: Syllable, rate: float, random: np.random.Generator) -> Mono:
    """A burst of hiss."""
    frames = round(syllable.hiss_seconds * rate)
    centre_hz, width_hz = HISS_HZ[syllable.hiss]
    noise = random.standard_normal(frames) * envelope(frames, rate) * np.sqrt(rate / 48000)
    return filtered(filtered(noise, ((centre_hz, width_hz, 1.0),), rate), ((centre_hz, width_hz, 1.0),), rate)


def formants(frequencies_hz: tuple[int, ...]) -> tuple[tuple[float, float, float], ...]:
    """Frequency, bandwidth and gain of each."""
    return tuple(zip(map(float, frequencies_hz), BANDWIDTHS_HZ, FORMANT_GAINS, strict=True))


def envelope(frames: int, rate: float) -> Mono:
    """Rises in 15 ms, falls over the last third."""
    t = np.arange(frames) / max(frames, 1)
    rise = np.minimum(np.arange(frames) / (0.015 * rate), 1)
    return np.asarray(rise * np.minimum((1 - t) * 3, 1) ** 1.5)


def filtered(source: Mono, resonances: tuple[tuple[float, float, float], ...], rate: float) -> Mono:
    """`source` through parallel second-order resonances, in one step in the frequency domain, with time to ring out."""
    frames = len(source) + round(RING_SECONDS * rate)
    size = 1 << (frames - 1).bit_length()
    spectrum = np.fft.rfft(source, size)
    audible = round(HIGHEST_HZ * size / rate)
    frequency_hz = np.arange(audible) * rate / size
    spectrum[audible:] = 0
    spectrum[:audible] *= sum(
        gain * 1j * frequency_hz * width_hz / (centre_hz**2 - frequency_hz**2 + 1j * frequency_hz * width_hz)
        for centre_hz, width_hz, gain in resonances
    )
    return np.fft.irfft(spectrum, size)[:frames]
