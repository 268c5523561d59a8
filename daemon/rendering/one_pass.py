"""A whole programme through a fresh engine, into the lanes of a job: into its files, or only into a meter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

from masterd.control.parameters import Value
from masterd.daemon.exporting.tags import Tags
from masterd.daemon.exporting.writer import Writer
from masterd.daemon.reading.rates import resampled_frames
from masterd.daemon.rendering.engine_pass import Move, engine_for, mastered
from masterd.daemon.rendering.job import Output, RenderJob
from masterd.daemon.rendering.lanes import CEILING, Lane, Piece
from masterd.daemon.rendering.linear_phase import LinearPhase
from masterd.daemon.rendering.loudness_target import gain_values
from masterd.daemon.rendering.programme import Programme
from masterd.daemon.rendering.timeline import timeline
from masterd.daemon.rendering.writers import rate_of, writer_of

FramesTold = Callable[[int, int], None]
"""Called with frames done and frames in all, which may be a guess."""


class Pass:
    """One of the passes that a job takes. `gain_db` stands in for limiter.drive_db and output.trim_db when it is given."""

    def __init__(self, job: RenderJob, programme: Programme, tags: Sequence[Tags], gain_db: float | None = None) -> None:
        self.job, self.programme, self.tags = job, programme, tags
        self.rate_hz = programme.sample_rate_hz
        fixed: dict[str, Value] = gain_values(gain_db) if gain_db is not None else {}
        self.values: Mapping[str, Value] = {**job.values, **fixed}
        self.moves: Sequence[Move] = timeline(job.automation, self.values, self.rate_hz, fixed)

    def loudness_lufs(self, tell: FramesTold | None = None) -> float:
        """Integrated loudness of all that would go into the first outputs."""
        lane = self._lanes(None)[0]
        self._run([lane], False, tell)
        return float(lane.whole.readings()["integrated_lufs"])

    def write(self, unpublished: ExitStack, tell: FramesTold | None = None) -> list[Lane]:
        """Into files, which are complete and not published; `unpublished` aborts them unless that happens first."""
        lanes = self._lanes(unpublished)
        self._run(lanes, True, tell)
        return lanes

    def _run(self, lanes: Sequence[Lane], meter: bool, tell: FramesTold | None) -> None:
        twin = LinearPhase(self.rate_hz, self.values) if self.job.linear_phase else None
        as_float32 = all(output.bits == "32f" for outputs in self.job.outputs for output in outputs)
        blocks = self.programme.blocks(meter)
        done, whole = 0, sum(self.programme.expected_frames)
        for block in mastered(blocks, engine_for(self.rate_hz, self.values), as_float32, twin, self.moves):
            for lane in lanes:
                lane.add(block)
            done += len(block)
            if tell:
                tell(done, max(whole, done))
        for lane in lanes:
            lane.end()

    def _lanes(self, unpublished: ExitStack | None) -> list[Lane]:
        by_rate: dict[int, list[list[Output]]] = {}
        for i, outputs in enumerate(self.job.outputs):
            for output in outputs:
                pieces = by_rate.setdefault(rate_of(output, self.rate_hz), [[] for _ in self.job.outputs])
                pieces[i].append(output)
        return [self._lane(rate_hz, pieces, unpublished) for rate_hz, pieces in by_rate.items()]

    def _lane(self, rate_hz: int, outputs: Sequence[Sequence[Output]], unpublished: ExitStack | None) -> Lane:
        pieces = [Piece(rate_hz, self._opener(i, rate_hz, each, unpublished), self.job.mono) for i, each in enumerate(outputs)]
        ceiling = float(self.values[CEILING])
        for_cd = self.job.cue is not None
        return Lane(self.rate_hz, rate_hz, ceiling, self.moves, pieces, self.programme, for_cd, self.job.mono)

    def _opener(
        self, piece: int, rate_hz: int, outputs: Sequence[Output], unpublished: ExitStack | None
    ) -> Callable[[], Sequence[Writer]]:
        def opened() -> Sequence[Writer]:
            if unpublished is None:
                return ()
            frames, tags = self._expected(piece, rate_hz), self.tags[piece]
            return [writer_of(output, rate_hz, frames, tags, self.job, unpublished) for output in outputs]

        return opened

    def _expected(self, piece: int, rate_hz: int) -> int:
        """So many frames, about; a guess is doubled, as it only decides whether a WAV may need RF64."""
        lengths = self.programme.expected_frames
        of_piece = sum(lengths) if len(self.job.outputs) == 1 else lengths[piece]
        certain = all(source.exact for source in self.programme.sources)
        return resampled_frames(of_piece, self.rate_hz, rate_hz) * (1 if certain else 2)
