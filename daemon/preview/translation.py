"""How a finished file translates: through each simulated loudspeaker, what is left of its loudness and bass, and what mono takes.

The simulations are engineering approximations (daemon/translation): they compare, they do not certify.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from masterd.daemon.exporting.pcm import PcmWriter
from masterd.daemon.measuring.meter import ProgrammeMeter
from masterd.daemon.measuring.mono import ALL_LU
from masterd.daemon.measuring.spectrum import ProgrammeSpectrum
from masterd.daemon.reading.reader import Block
from masterd.daemon.rendering.engine_pass import Aligned, engine_for, through_float64
from masterd.daemon.rendering.programme import Programme, facts_of
from masterd.daemon.spectra import FLOOR_DB, mid_bands_hz
from masterd.daemon.translation import NAMES, simulation

BASS_BELOW_HZ = 120.0
SPEAKERS = tuple(name for name in NAMES if name != "direct")


@dataclass(frozen=True, slots=True)
class Translated:
    """Through one of them, against the file. `bass_lost_db`: of the share of power below 120 Hz; `mono_loss_lu`: what its one
    loudspeaker, or the sum of its two, is less loud than two would be."""

    speaker: str
    loudness_lufs: float
    loudness_change_lu: float
    bass_lost_db: float
    mono_loss_lu: float
    rendered: str = ""


class Chain:
    """One simulation, and what is measured behind it."""

    def __init__(self, name: str, sample_rate_hz: float, writer: PcmWriter | None) -> None:
        self.name, self._writer = name, writer
        self._engine = Aligned(engine_for(sample_rate_hz, simulation(name).values), through_float64)
        self._meter, self._spectrum = ProgrammeMeter(sample_rate_hz), ProgrammeSpectrum(sample_rate_hz)

    def add(self, block: Block) -> None:
        """(frames, 2) of the file."""
        self._keep(self._engine.add(block))

    def end(self) -> None:
        """The file is over."""
        self._keep(self._engine.end())

    def _keep(self, block: Block) -> None:
        self._meter.add(block)
        self._spectrum.add(block)
        if self._writer and len(block):
            self._writer.write(block)

    def readings(self) -> tuple[float, float, float]:
        """Loudness, share of the bass in dB, loss in mono."""
        readings = self._meter.readings()
        return readings["integrated_lufs"], bass_share_db(self._spectrum.levels_dbfs()), readings["mono_loss_lu"]


def bass_share_db(levels_dbfs: Sequence[float]) -> float:
    """Power below BASS_BELOW_HZ against all of it."""
    power = np.where(np.array(levels_dbfs) > FLOOR_DB, 10 ** (np.array(levels_dbfs) / 10), 0.0)
    low = np.array(mid_bands_hz()) < BASS_BELOW_HZ
    return float(10 * np.log10(max(power[low].sum(), 1e-20) / max(power.sum(), 1e-20)))


def translated(
    path: Path, speakers: Sequence[str] = SPEAKERS, folder: Path | None = None, force: bool = False
) -> list[Translated]:
    """Through each of them, in one reading of the file. `folder`: where to write what each would play, as WAV of 24 bits.
    AudioFileError, UnknownSimulation; nothing is left of the files then."""
    programme = Programme([facts_of(path)])
    rate_hz, frames = programme.sample_rate_hz, programme.expected_frames[0]
    targets = {name: folder / f"{path.stem} - {name}.wav" for name in speakers} if folder else {}
    writers: dict[str, PcmWriter] = {}
    try:
        for name, target in targets.items():
            writers[name] = PcmWriter(target, rate_hz, "24", force, frames)
        chains = [Chain(name, rate_hz, writers.get(name)) for name in ("direct", *speakers)]
        for block in programme.blocks(meter=False):
            for chain in chains:
                chain.add(block)
        for chain in chains:
            chain.end()
        for writer in writers.values():
            writer.close()
    except BaseException:
        for writer in writers.values():
            writer.abort()
        raise
    lufs, bass_db, mono_loss = chains[0].readings()
    return [compared(chain, lufs, bass_db, mono_loss, str(targets.get(chain.name, ""))) for chain in chains[1:]]


def compared(chain: Chain, lufs: float, bass_db: float, mono_loss_lu: float, rendered: str) -> Translated:
    """One chain against the file. What has one loudspeaker has already lost what mono takes."""
    here_lufs, here_bass_db, here_loss_lu = chain.readings()
    is_mono = simulation(chain.name).values["input.channels"] == "mono"
    loss = mono_loss_lu if is_mono else min(here_loss_lu, ALL_LU)
    return Translated(
        chain.name, round(here_lufs, 2), round(here_lufs - lufs, 2), round(bass_db - here_bass_db, 2), round(loss, 2), rendered
    )
