"""Listening to a file, as it is or as a chain would make it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from masterd.control.parameters import Value
from masterd.daemon.analysis.features import Features
from masterd.daemon.analysis.listener import Listener
from masterd.daemon.analysis.matching import Outcome
from masterd.daemon.measuring.clipping import ClipFinder
from masterd.daemon.measuring.meter import ProgrammeMeter
from masterd.daemon.reading.opening import open_audio
from masterd.daemon.reading.rates import Resampler, engine_rate_hz
from masterd.daemon.rendering.engine_pass import engine_for, mastered
from masterd.daemon.rendering.programme import Programme, facts_of

FramesTold = Callable[[int, int], None]


def heard(path: Path, tell: FramesTold | None = None) -> Features:
    """The file as it is. AudioFileError."""
    with open_audio(path) as reader:
        rate_hz = engine_rate_hz(reader.sample_rate_hz)
        listener, clips, resampler = Listener(rate_hz, reader.channels), ClipFinder(), Resampler(reader.sample_rate_hz, rate_hz)
        for block in reader.blocks():
            clips.add(block[:, : reader.channels].T)
            listener.add(resampler.add(block))
            if tell:
                tell(reader.done_frames, reader.frames)
        listener.add(resampler.end())
    clips.end()
    return listener.features(path.name, clips.count)


def tried(path: Path, values: Mapping[str, Value]) -> Outcome:
    """The file as the chain with complete, checked `values` makes it. AudioFileError."""
    programme = Programme([facts_of(path)])
    meter = ProgrammeMeter(programme.sample_rate_hz)
    for block in mastered(programme.blocks(meter=False), engine_for(programme.sample_rate_hz, values), False, None):
        meter.add(block)
    readings = meter.readings()
    return Outcome(readings["integrated_lufs"], readings["plr_db"])
