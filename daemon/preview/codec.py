"""What a codec makes of a file: encoded, decoded, laid beside the original to the frame, and measured.

An encoder changes peaks, since it keeps what is heard and not the waveform: a file at -1 dBTP may come back at +1. How much is a
matter of programme, codec and rate, so it is measured and never assumed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from masterd.daemon.exporting.encoded import EncodedWriter, check_encoding
from masterd.daemon.exporting.formats import FORMATS
from masterd.daemon.exporting.pcm import PcmWriter
from masterd.daemon.measuring.meter import ProgrammeMeter, decibels
from masterd.daemon.reading.opening import open_audio
from masterd.daemon.reading.rates import resampled
from masterd.daemon.reading.reader import AudioFileError, Block

BLOCK_FRAMES = 8192
ALIGNED_OVER_S = 20.0
MOST_LAG_FRAMES = 8192
FULL_SCALE_DBTP = 0.0
FramesTold = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Codec:
    """A lossy format and its rate."""

    suffix: str
    kbps: int

    def __str__(self) -> str:
        return f"{self.suffix[1:]} {self.kbps} kbit/s"


@dataclass(frozen=True, slots=True)
class Preview:
    """`overs` are frames whose decoded samples pass full scale, `lag_frames` how late the decoder was before it was put right;
    `difference_db` is the power of what the codec changed against that of the programme."""

    file: str
    codec: str
    kbps_reached: float
    true_peak_before_dbtp: float
    true_peak_after_dbtp: float
    overs: int
    loudness_before_lufs: float
    loudness_after_lufs: float
    difference_db: float
    lag_frames: int
    difference_file: str = ""

    @property
    def loudness_change_lu(self) -> float:
        """After less before."""
        return self.loudness_after_lufs - self.loudness_before_lufs

    def advice(self, ceiling_dbtp: float) -> str:
        """What to do about peaks above the ceiling; empty when nothing is to be done."""
        over = self.true_peak_after_dbtp - ceiling_dbtp
        if over <= 0:
            return ""
        lower = f"a ceiling {np.ceil(10 * over) / 10:.1f} dB lower keeps it"
        return f"{over:.1f} dB over {ceiling_dbtp:g} dBTP behind the codec: {lower}"


def parsed(text: str) -> Codec:
    """`mp3:128`, `opus`. AudioFileError says what would be right."""
    name, _, rate = text.partition(":")
    form = FORMATS.get(f".{name.strip().lower()}")
    if form is None or form.lossless:
        lossy = ", ".join(suffix[1:] for suffix, it in FORMATS.items() if not it.lossless)
        raise AudioFileError(text, f"is no codec; there are {lossy}, with a rate in kbit/s: mp3:128")
    if rate and not rate.isdecimal():
        raise AudioFileError(text, "its rate must be a whole number of kbit/s: mp3:128")
    codec = Codec(form.suffix, int(rate or form.kbps[1]))
    if wrong := check_encoding(Path(f"preview{form.suffix}"), codec.kbps, None):
        raise AudioFileError(text, wrong[0].partition(": ")[2])
    return codec


def previewed(
    path: Path, codec: Codec, difference: Path | None = None, tell: FramesTold | None = None, force: bool = False
) -> Preview:
    """Encodes into a file of its own, which is gone afterwards. `difference`: where to write what the codec changed, as WAV.
    AudioFileError."""
    with tempfile.TemporaryDirectory(prefix="masterd-preview-") as folder:
        encoded = Path(folder) / f"encoded{codec.suffix}"
        rate_hz, frames = encode(path, encoded, codec, tell)
        kbps = encoded.stat().st_size * 8 / 1000 / (frames / rate_hz)
        lag = lag_frames(path, encoded, rate_hz)
        with ExitStack() as stack:
            writer = stack.enter_context(PcmWriter(difference, rate_hz, "32f", force, frames)) if difference else None
            before, after = ProgrammeMeter(rate_hz), ProgrammeMeter(rate_hz)
            changed, whole, overs = 0.0, 0.0, 0
            for original, decoded in side_by_side(at_rate(path, rate_hz), at_rate(encoded, rate_hz), lag):
                before.add(original)
                after.add(decoded)
                residue = decoded - original
                changed, whole = changed + float((residue**2).sum()), whole + float((original**2).sum())
                overs += int((np.abs(decoded) > 1).any(axis=1).sum())
                if writer:
                    writer.write(residue)
    was, now = before.readings(), after.readings()
    return Preview(
        str(path), str(codec), round(kbps, 1), was["true_peak_dbtp"], now["true_peak_dbtp"], overs, was["integrated_lufs"],
        now["integrated_lufs"], decibels(float(np.sqrt(changed / whole))) if whole else decibels(0.0), lag, str(difference or ""),
    )  # fmt: skip


def encode(path: Path, target: Path, codec: Codec, tell: FramesTold | None) -> tuple[int, int]:
    """At the rate the format has for it; that rate and the frames."""
    with open_audio(path) as reader:
        rate_hz = FORMATS[codec.suffix].rate_for(reader.sample_rate_hz)
        with EncodedWriter(target, rate_hz, codec.kbps) as writer:
            for block in resampled(reader.blocks(BLOCK_FRAMES), reader.sample_rate_hz, rate_hz):
                writer.write(block)
                if tell:
                    tell(reader.done_frames, reader.frames)
    return rate_hz, writer.frames


def at_rate(path: Path, rate_hz: int) -> Iterator[Block]:
    """The file's blocks, at another rate where it has one."""
    with open_audio(path) as reader:
        yield from resampled(reader.blocks(BLOCK_FRAMES), reader.sample_rate_hz, rate_hz)


def lag_frames(path: Path, encoded: Path, rate_hz: int) -> int:
    """How late the decoded programme is, by cross-correlation of its first seconds: 0 where the decoder accounts for it."""
    most = int(ALIGNED_OVER_S * rate_hz)
    original, decoded = (head(at_rate(it, rate_hz), most) for it in (path, encoded))
    length = 1 << (2 * max(len(original), len(decoded), 1) - 1).bit_length()
    product = np.fft.irfft(np.conj(np.fft.rfft(original, length)) * np.fft.rfft(decoded, length), length)
    lags = np.concatenate([product[-MOST_LAG_FRAMES:], product[: MOST_LAG_FRAMES + 1]])
    return int(np.argmax(lags)) - MOST_LAG_FRAMES if lags.max() > 0 else 0


def head(blocks: Iterator[Block], frames: int) -> Block:
    """The middle of the first frames."""
    parts, count = [], 0
    for block in blocks:
        parts.append(block.mean(axis=1))
        count += len(block)
        if count >= frames:
            break
    return np.concatenate([np.zeros(0), *parts])[:frames]


def side_by_side(original: Iterator[Block], decoded: Iterator[Block], lag: int) -> Iterator[tuple[Block, Block]]:
    """Blocks of the same frames, to the end of the original; a decoder that stops before gives silence."""
    late, early = Frames(decoded), Frames(original)
    late.take(max(lag, 0))
    ahead = early.take(max(-lag, 0))
    if len(ahead):
        yield ahead, np.zeros_like(ahead)
    while len(block := early.take(BLOCK_FRAMES)):
        other = late.take(len(block))
        yield block, np.concatenate([other, np.zeros((len(block) - len(other), 2))])


class Frames:
    """Blocks of any length as blocks of the length that is asked for."""

    def __init__(self, blocks: Iterator[Block]) -> None:
        self._blocks, self._held = blocks, np.zeros((0, 2))

    def take(self, frames: int) -> Block:
        """So many; fewer when it is over."""
        parts, count = [self._held], len(self._held)
        while count < frames and (block := next(self._blocks, None)) is not None:
            parts.append(block)
            count += len(block)
        joined = np.concatenate(parts)
        self._held = joined[frames:]
        return joined[:frames]
