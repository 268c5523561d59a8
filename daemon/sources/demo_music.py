"""Something like a band: chords with decaying partials, bass, drums, and a melody, one bar of two seconds at a time."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Mono = npt.NDArray[np.float64]

BAR_SECONDS = 2.0  # four beats at 120 a minute
BEAT_SECONDS = BAR_SECONDS / 4
CHORDS = ((57, 60, 64, 67), (53, 57, 60, 64), (48, 55, 64, 67), (55, 59, 62, 67))  # MIDI notes: Am7, Fmaj7, C, G
SCALE = (69, 72, 74, 76, 79, 81)
PARTIALS = 6
FINE_FRAMES = 512


def hertz(note: int) -> float:
    """Frequency of a MIDI note, A4 at 440 Hz."""
    return float(440 * 2 ** ((note - 69) / 12))


def damped(frequency_hz: float, decay_per_s: float, frames: int, rate: float) -> Mono:
    """A sine that dies away: powers of one complex number, as coarse powers times fine ones."""
    step = complex(-decay_per_s, 2 * np.pi * frequency_hz) / rate
    fine = np.exp(step * np.arange(FINE_FRAMES))
    coarse = np.exp(step * FINE_FRAMES * np.arange(-(-frames // FINE_FRAMES)))
    wave = coarse.real[:, None] * fine.imag
    wave += coarse.imag[:, None] * fine.real
    return np.asarray(wave.ravel()[:frames])


def struck(frequency_hz: float, seconds: float, rate: float, brightness: float = 0.6) -> tuple[Mono, Mono]:
    """A struck string, its odd and its even partials apart, which is what makes it wide in stereo; both end at silence."""
    t = np.arange(round(seconds * rate)) / rate
    odd, even = np.zeros_like(t), np.zeros_like(t)
    for k in range(1, PARTIALS + 1):
        stretched_hz = frequency_hz * k * np.sqrt(1 + 0.0004 * k * k)
        if stretched_hz < 0.45 * rate:
            (odd if k % 2 else even)[:] += (
                brightness ** (k - 1) * np.exp(-t * (1.2 + 0.9 * k)) * np.sin(2 * np.pi * stretched_hz * t)
            )
    edges = np.minimum(1, np.minimum(t / 0.003, (t[-1] - t) / 0.05))
    return odd * edges, even * edges


@lru_cache(maxsize=2)
def kick(rate: float) -> Mono:
    """A drum whose pitch drops from 150 to 48 Hz."""
    t = np.arange(round(0.35 * rate)) / rate
    body = np.sin(2 * np.pi * (48 * t + 102 * 0.03 * (1 - np.exp(-t / 0.03))))
    return np.asarray(body * np.exp(-t / 0.09) * np.minimum(1, t / 0.001))


@lru_cache(maxsize=2)
def snare(rate: float) -> Mono:
    """Two modes of the skin and the wires."""
    t = np.arange(round(0.25 * rate)) / rate
    skin = (np.sin(2 * np.pi * 186 * t) + 0.6 * np.sin(2 * np.pi * 331 * t)) * np.exp(-t / 0.05)
    return np.asarray(0.5 * skin + 0.6 * hiss(len(t), 900, 9000, rate, 11) * np.exp(-t / 0.07))


@lru_cache(maxsize=2)
def hat(rate: float) -> Mono:
    """A closed hi-hat."""
    t = np.arange(round(0.08 * rate)) / rate
    return np.asarray(hiss(len(t), 6500, 16000, rate, 12) * np.exp(-t / 0.018))


def hiss(frames: int, low_hz: float, high_hz: float, rate: float, seed: int) -> Mono:
    """Noise between two frequencies, about 1 in peak."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(frames))
    frequency_hz = np.arange(len(spectrum)) * rate / frames
    spectrum[(frequency_hz < low_hz) | (frequency_hz > high_hz)] = 0
    noise = np.fft.irfft(spectrum, frames)
    return np.asarray(noise / np.abs(noise).max())


class Mix:
    """A stereo canvas of a bar and the tail that rings into the next."""

    def __init__(self, seconds: float, rate: float) -> None:
        self.rate = rate
        self.audio = np.zeros((round(seconds * rate), 2))

    def add(self, at_seconds: float, left: Mono, right: Mono) -> None:
        """Cut where the canvas ends."""
        at = round(at_seconds * self.rate)
        frames = min(len(left), len(self.audio) - at)
        self.audio[at : at + frames, 0] += left[:frames]
        self.audio[at : at + frames, 1] += right[:frames]

    def add_panned(self, at_seconds: float, mono: Mono, pan: float, gain: float) -> None:
        """Constant power; pan -1 left .. 1 right."""
        angle = (pan + 1) * np.pi / 4
        self.add(at_seconds, mono * (gain * np.cos(angle) * np.sqrt(2)), mono * (gain * np.sin(angle) * np.sqrt(2)))

    def add_note(self, at_seconds: float, note: int, seconds: float, pan: float, gain: float, brightness: float = 0.6) -> None:
        """A struck note, wide."""
        odd, even = struck(hertz(note), seconds, self.rate, brightness)
        self.add(at_seconds, (gain * (1 - 0.5 * pan)) * (odd + even), (gain * (1 + 0.5 * pan)) * (odd - 0.7 * even))


def chords(mix: Mix, bar: int, gain: float) -> None:
    """One chord, strummed, ringing into the next bar."""
    for i, note in enumerate(CHORDS[bar % len(CHORDS)]):
        mix.add_note(0.012 * i, note, 2.3, (i - 1.5) / 2, gain)


def bass(mix: Mix, bar: int, gain: float) -> None:
    """Eighths on the root, an octave up on the fourth beat."""
    root = CHORDS[bar % len(CHORDS)][0] - 24
    for i in range(8):
        mix.add_note(i * BEAT_SECONDS / 2, root + (12 if i == 6 else 0), 0.3, 0, gain, 0.45)


def drums(mix: Mix, gain: float, random: np.random.Generator) -> None:
    """Kick on one and three, snare on two and four, eighths on the hat."""
    for beat in range(4):
        mix.add_panned(beat * BEAT_SECONDS, snare(mix.rate) if beat % 2 else kick(mix.rate), 0.1 * (beat % 2), gain)
    for eighth in range(8):
        mix.add_panned(eighth * BEAT_SECONDS / 2, hat(mix.rate), 0.4, gain * float(random.uniform(0.2, 0.4)))


def melody(mix: Mix, gain: float, random: np.random.Generator) -> None:
    """Four notes of the scale, wandering across the stage."""
    for beat in range(4):
        note = SCALE[int(random.integers(len(SCALE)))]
        mix.add_note(beat * BEAT_SECONDS, note, 0.9, float(random.uniform(-0.9, 0.9)), gain, 0.5)
