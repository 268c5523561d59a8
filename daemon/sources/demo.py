"""The built-in programme: four minutes of speech-like and music-like passages, jumps of 15 dB, hot peaks and silence, in a loop.

Made while it plays, bar by bar of two seconds, from a fixed seed: the same bits in every run at a rate, whatever the block size.
A bar takes some 70 ms of a processor, so the next one is made by a thread of its own while this one plays: on a busy machine it
is 300 ms before it is there, and a host that waits as long is taken for dead.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from masterd.daemon.sources.demo_music import BAR_SECONDS, BEAT_SECONDS, Mix, bass, chords, drums, melody
from masterd.daemon.sources.demo_speech import sentence, spoken

Float32: TypeAlias = npt.NDArray[np.float32]
Passage: TypeAlias = Callable[[Mix, int, np.random.Generator], None]

SEED = 1770
TAIL_SECONDS = 1.0
ROOM = ((0.011, 0.12), (0.017, 0.09))  # one early reflection a side: seconds, gain
HOT_GAIN, FULL_SCALE = 3.0, 1.0
TICK_SECONDS, TICK_PEAK = 0.002, 1.3


def silence(mix: Mix, bar: int, random: np.random.Generator) -> None:
    """Digital silence, once the bar before has rung out."""


def speech(mix: Mix, bar: int, random: np.random.Generator) -> None:
    """A sentence from the middle of a small room."""
    for at, syllable in sentence(BAR_SECONDS, random):
        voice = 0.27 * spoken(syllable, mix.rate, random)
        mix.add(at, voice, voice)
        for side, (delay, gain) in enumerate(ROOM):
            echo = [np.zeros_like(voice), np.zeros_like(voice)]
            echo[side] = gain * voice
            mix.add(at + delay, *echo)


def calm(mix: Mix, bar: int, random: np.random.Generator) -> None:
    """Chords and a melody."""
    chords(mix, bar, 0.06)
    melody(mix, 0.06, random)


def band(mix: Mix, bar: int, random: np.random.Generator) -> None:
    """Everybody."""
    chords(mix, bar, 0.05)
    bass(mix, bar, 0.16)
    drums(mix, 0.28, random)
    melody(mix, 0.05, random)


def voice_over(mix: Mix, bar: int, random: np.random.Generator) -> None:
    """Speech on a bed of music."""
    chords(mix, bar, 0.02)
    bass(mix, bar, 0.04)
    speech(mix, bar, random)


def hot(mix: Mix, bar: int, random: np.random.Generator) -> None:
    """The band as it comes from a master that was clipped at full scale: between the samples it goes beyond."""
    band(mix, bar, random)
    np.clip(mix.audio * HOT_GAIN, -FULL_SCALE, FULL_SCALE, out=mix.audio)
    for eighth in range(8):
        tick(mix, round(eighth * BEAT_SECONDS / 2 * mix.rate))


def tick(mix: Mix, at: int) -> None:
    """A quarter of the sample rate, sampled at 45 degrees: no sample beyond 0.92, a true peak of +2.3 dBTP at any rate."""
    frames = round(TICK_SECONDS * mix.rate)
    window = np.hanning(frames)[:, None]
    wave = TICK_PEAK * np.sin(np.pi / 2 * np.arange(frames) + np.pi / 4)[:, None]
    mix.audio[at : at + frames] = (1 - window) * mix.audio[at : at + frames] + window * wave


PROGRAMME: tuple[tuple[Passage, int, float], ...] = (
    (speech, 10, 0),
    (silence, 1, 0),
    (calm, 10, 0),
    (band, 14, 0),
    (band, 4, -15),
    (band, 4, 0),
    (speech, 5, -15),
    (speech, 5, 0),
    (silence, 2, 0),
    (hot, 14, 0),
    (calm, 6, -15),
    (band, 10, 0),
    (voice_over, 14, 0),
    (silence, 3, 0),
    (hot, 4, 0),
    (speech, 8, 0),
    (calm, 5, 0),
    (silence, 1, 0),
)
"""Passage, bars of two seconds, level in dB. It ends in silence, so that every round begins alike."""

BARS: tuple[tuple[Passage, float], ...] = tuple((passage, level_db) for passage, bars, level_db in PROGRAMME for _ in range(bars))


class DemoProgramme:
    """A source: `read` gives stereo float32 for ever, or once through without `loop`. One thread."""

    def __init__(self, sample_rate_hz: float, loop: bool = True) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.loop = loop
        self._bar = 0
        self._bar_frames = round(BAR_SECONDS * sample_rate_hz)
        self._ringing = np.zeros((round(TAIL_SECONDS * sample_rate_hz), 2))
        self._ready = np.empty((0, 2), np.float32)
        self._maker = ThreadPoolExecutor(1, "demo")
        self._ahead: Future[Float32] | None = None

    @property
    def frames(self) -> int:
        """Of one time through."""
        return len(BARS) * self._bar_frames

    def read(self, frames: int) -> Float32:
        """The next frames, (frames, 2); fewer at the end, none when it is over."""
        parts = []
        while frames:
            if not len(self._ready):
                self._ready = self._bar_ahead()
                if not len(self._ready):
                    break
            parts.append(self._ready[:frames])
            self._ready = self._ready[frames:]
            frames -= len(parts[-1])
        return np.concatenate(parts) if parts else np.empty((0, 2), np.float32)

    def _bar_ahead(self) -> Float32:
        """The next bar, nothing after the last one; the one after it is begun."""
        ready = self._ahead.result() if self._ahead else self._next_bar()
        self._ahead = self._maker.submit(self._next_bar)
        return ready

    def _next_bar(self) -> Float32:
        if self._bar == len(BARS) and not self.loop:
            return np.empty((0, 2), np.float32)
        bar = self._bar % len(BARS)
        passage, level_db = BARS[bar]
        mix = Mix(BAR_SECONDS + TAIL_SECONDS, self.sample_rate_hz)
        passage(mix, bar, np.random.default_rng([SEED, bar]))
        audio = mix.audio * 10 ** (level_db / 20)
        audio[: len(self._ringing)] += self._ringing
        self._ringing = audio[self._bar_frames :]
        self._bar = bar + 1
        return np.clip(audio[: self._bar_frames], -FULL_SCALE, FULL_SCALE).astype(np.float32)

    def close(self) -> None:
        """No more bars are made."""
        self._maker.shutdown(wait=False, cancel_futures=True)
