"""A file through the engine that runs on air, as fast as it goes.

The output is aligned and exactly as long as the input: the engine's latency is taken from the front and flushed at the end.
For 32-bit float the samples go through the engine's float32 door, as on a sound card, so a live run of the same input gives
the same bits; for 16 and 24 bits they stay float64 until the dither.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from masterd.control.errors import MasterdError
from masterd.control.parameters import Value, defaults, parameter
from masterd.daemon.audio_files import AudioFileError, AudioReader, Block
from masterd.daemon.audio_writer import AudioWriter, check_target
from masterd.daemon.engine import Engine
from masterd.daemon.linear_phase import LinearPhase
from masterd.daemon.measurement import Measurement, measurement
from masterd.daemon.meter import ProgrammeMeter

BLOCK_FRAMES = 4096
ProgressTold = Callable[[int, int], None]
"""Called with frames done and frames in all."""


class RenderRefused(MasterdError):
    """Everything that is wrong with a request to render, a line each; nothing was written."""

    code = "render_refused"

    def __init__(self, wrong: list[str]) -> None:
        self.wrong = wrong
        super().__init__("\n".join(wrong))


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came of it."""

    before: Measurement
    after: Measurement
    seconds: float
    took_seconds: float
    nonfinite_samples: int
    mono: bool
    """The input had one channel; it was measured as one and rendered on both sides."""


def wanted_values(preset: str | None, settings: tuple[str, ...]) -> tuple[dict[str, Value], list[str]]:
    """Complete values: the preset's, or the flat defaults, with the ID=VALUE settings over them; and what is wrong with them."""
    values, wrong = defaults(), []
    if preset is not None:
        from masterd.daemon import presets

        try:
            values |= presets.load(preset)
        except MasterdError as reason:
            wrong.append(str(reason))
    for setting in settings:
        id, equals, text = setting.partition("=")
        try:
            if not equals:
                wrong.append(f"{setting!r} is not ID=VALUE")
            else:
                values[id.strip()] = parameter(id.strip()).parse(text.strip())
        except MasterdError as reason:
            wrong.append(str(reason))
    return values, wrong


def render_file(
    source: Path,
    target: Path,
    values: Mapping[str, Value],
    bits: str = "24",
    force: bool = False,
    tell: ProgressTold | None = None,
    linear_phase: bool = False,
) -> Rendered:
    """`source` through a fresh engine with complete, checked `values` into `target`. Any one thread.

    `linear_phase` has the equaliser's work done by its linear-phase twin, which must not refuse the values.
    AudioFileError when either file makes trouble; then, and when interrupted, nothing of the target is left.
    """
    began = time.perf_counter()
    with AudioReader(source) as reader:
        rate = reader.sample_rate_hz
        before, after = ProgrammeMeter(rate, reader.channels), ProgrammeMeter(rate)
        with AudioWriter(target, rate, bits, force, reader.frames) as writer:
            engine = Engine(rate, "normal", values)
            twin = LinearPhase(rate, values) if linear_phase else None
            for block in mastered(metered(reader, before), engine, bits == "32f", twin):
                after.add(np.asarray(writer.write(block), np.float64))
                if tell:
                    tell(writer.frames, reader.frames)
    return Rendered(
        measurement(str(source), before),
        measurement(str(target), after),
        writer.frames / rate,
        time.perf_counter() - began,
        before.nonfinite_samples,
        before.channels == 1,
    )


def metered(reader: AudioReader, meter: ProgrammeMeter) -> Iterator[Block]:
    """The reader's blocks, measured in passing."""
    for block in reader.blocks(BLOCK_FRAMES):
        meter.add(block)
        yield block


def mastered(blocks: Iterator[Block], engine: Engine, as_float32: bool, twin: LinearPhase | None) -> Iterator[Block]:
    """The blocks through the engine, aligned and as long as they were."""
    engine.attach()
    engine.gate(True, 0)
    engine.metering(False)  # what is read and written is measured itself
    if twin is None:
        return aligned(blocks, engine, through_float32 if as_float32 else through_float64)
    return aligned(twin.filtered(before_eq(engine, block) for block in blocks), engine, after_eq)


def aligned(blocks: Iterator[Block], engine: Engine, process: Callable[[Engine, Block], Block]) -> Iterator[Block]:
    """The blocks through a door of the engine, without its latency and as long as they were."""
    early = engine.latency_frames
    for block in blocks:
        out = process(engine, block)
        if len(ready := out[early:]):
            yield ready
        early -= min(early, len(out))
    late = engine.latency_frames - early
    if late:
        yield process(engine, np.zeros((engine.latency_frames, 2)))[early:]


def before_eq(engine: Engine, block: Block) -> Block:
    """One block up to the equaliser."""
    left, right = (np.array(block[:, channel], np.float64) for channel in (0, 1))
    engine.process_before_eq(left, right)
    return np.stack([left, right], axis=1)


def after_eq(engine: Engine, block: Block) -> Block:
    """One block from behind the equaliser on."""
    left, right = (np.array(block[:, channel], np.float64) for channel in (0, 1))
    engine.process_after_eq(left, right)
    return np.stack([left, right], axis=1)


def through_float64(engine: Engine, block: Block) -> Block:
    """One block through the door for files."""
    left, right = (np.array(block[:, channel], np.float64) for channel in (0, 1))
    engine.process_double(left, right)
    return np.stack([left, right], axis=1)


def through_float32(engine: Engine, block: Block) -> Block:
    """One block through the door for sound cards."""
    left, right = (np.array(block[:, channel], np.float32) for channel in (0, 1))
    return np.stack(engine.process_planar(left, right), axis=1).astype(np.float64)


def refuse_what_is_wrong(source: Path, target: Path, bits: str, force: bool, wrong: list[str]) -> None:
    """RenderRefused with everything at once."""
    try:
        AudioReader(source).close()
    except AudioFileError as reason:
        wrong = [str(reason), *wrong]
    if wrong := [*wrong, *check_target(target, bits, force)]:
        raise RenderRefused(wrong)
