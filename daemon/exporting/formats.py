"""The files that can be written: how each is recognised, who encodes it, at which rates, and how it is turned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from masterd.daemon.reading.rates import SAMPLE_RATES_HZ

WORDS = {"16": "PCM_16", "24": "PCM_24", "32f": "FLOAT"}
"""Word lengths, as libsndfile calls them."""


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file. Lossless ones have `words` and are libsndfile's; the others are ffmpeg's, with a rate or a quality."""

    suffix: str
    container: str
    words: tuple[str, ...] = ()
    encoder: str = ""
    rates_hz: tuple[int, ...] = SAMPLE_RATES_HZ
    kbps: tuple[int, int, int] = (0, 0, 0)
    """Lowest, default, highest."""
    quality: tuple[float, float] | None = None
    """The encoder's own scale for a variable rate, lowest and highest number; None when it has only rates."""

    @property
    def lossless(self) -> bool:
        """Whether the file holds the very samples."""
        return bool(self.words)

    def rate_for(self, sample_rate_hz: int) -> int:
        """The rate that a programme of that rate is written at: its own, or the highest of its family below, or the highest."""
        if sample_rate_hz in self.rates_hz:
            return sample_rate_hz
        family = [rate for rate in self.rates_hz if rate < sample_rate_hz and sample_rate_hz % rate == 0]
        return max(family or self.rates_hz)


FORMATS = {
    form.suffix: form
    for form in (
        Format(".wav", "WAV", ("16", "24", "32f")),
        Format(".flac", "FLAC", ("16", "24")),
        Format(".mp3", "mp3", (), "libmp3lame", (44100, 48000), (32, 320, 320), (0, 9)),
        Format(".opus", "opus", (), "libopus", (48000,), (16, 160, 510)),
        Format(".m4a", "ipod", (), "aac", (44100, 48000, 88200, 96000), (32, 256, 512)),
        Format(".ogg", "ogg", (), "libvorbis", SAMPLE_RATES_HZ[:-2], (48, 256, 500), (-1, 10)),
    )
}


def format_of(path: Path) -> Format | None:
    """By its ending."""
    return FORMATS.get(path.suffix.lower())


def endings() -> str:
    """For an error text."""
    *others, last = FORMATS
    return f"{', '.join(others)} or {last}"
