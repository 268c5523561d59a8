"""Adds up what engines report: counters go on across a change of engine, and no peak is lost between two readers."""

from __future__ import annotations

from dataclasses import replace

from masterd.daemon.engine import Engine, EngineMeters, Pair, PointMeters

RUNNING = ("frames", "blocks", "late_blocks", "xruns", "refused_blocks", "nonfinite_samples", "clamped_samples",
           "player_dry_frames", "applied_serial", "total_ns")  # fmt: skip
LOAD_OVER_FRAMES_S = 1.0


class Ledger:
    """One thread at a time; the caller holds a lock."""

    def __init__(self) -> None:
        self.latest: EngineMeters | None = None
        """The newest counters, over all engines, with the readings of the last gathering alone."""
        self.load_percent = 0.0
        """Share of the time that blocks lasted which was spent in processing them, over the last second of programme."""
        self._before: EngineMeters | None = None
        self._pending: EngineMeters | None = None
        self._load_from = (0, 0)

    def gather(self, engine: Engine) -> None:
        """Takes what is new out of the engine."""
        if not (new := engine.collect()):
            return
        if self._before:
            new = _continued(new, self._before)
        frames = new.frames - (self.latest.frames if self.latest else 0)
        self.latest = new
        self._pending = new if self._pending is None else _merged(self._pending, new, frames, self._pending_frames)
        self._pending_frames = frames + (self._pending_frames if self._pending is not new else 0)
        self._measure_load(engine.sample_rate_hz, new)

    def take(self) -> EngineMeters | None:
        """Everything since the last call, as one; None when nothing has been processed."""
        taken, self._pending = self._pending, None
        return taken

    def change_engine(self, old: Engine) -> None:
        """What follows comes from another engine, whose counters start at 0."""
        self.gather(old)
        self._before = self.latest

    _pending_frames = 0

    def _measure_load(self, sample_rate_hz: float, m: EngineMeters) -> None:
        frames, spent_ns = m.frames - self._load_from[0], m.total_ns - self._load_from[1]
        if frames >= LOAD_OVER_FRAMES_S * sample_rate_hz:
            self.load_percent = 100 * spent_ns * 1e-9 * sample_rate_hz / frames
            self._load_from = (m.frames, m.total_ns)


def _continued(m: EngineMeters, before: EngineMeters) -> EngineMeters:
    return replace(
        m,
        **{name: getattr(m, name) + getattr(before, name) for name in RUNNING},
        tap_lost_frames=tuple(map(sum, zip(m.tap_lost_frames, before.tap_lost_frames, strict=True))),
        applied_frame=m.applied_frame + before.frames,
        longest_ns=max(m.longest_ns, before.longest_ns),
        histogram=tuple(map(sum, zip(m.histogram, before.histogram, strict=True))),
    )


def _merged(a: EngineMeters, b: EngineMeters, b_frames: int, a_frames: int) -> EngineMeters:
    """Counters of the later one, `b`, readings of both."""
    return replace(
        b,
        multiband_reduction_db=tuple(map(_larger, a.multiband_reduction_db, b.multiband_reduction_db)),
        clipper_reduction_db=max(a.clipper_reduction_db, b.clipper_reduction_db),
        compressor_reduction_db=_larger(a.compressor_reduction_db, b.compressor_reduction_db),
        limiter_reduction_db=max(a.limiter_reduction_db, b.limiter_reduction_db),
        input=_both(a.input, b.input, a_frames, b_frames),
        output=_both(a.output, b.output, a_frames, b_frames),
    )


def _both(a: PointMeters, b: PointMeters, a_frames: int, b_frames: int) -> PointMeters:
    share = b_frames / max(1, a_frames + b_frames)
    left, right = (x + (y - x) * share for x, y in zip(a.mean_square, b.mean_square, strict=True))
    return PointMeters(_larger(a.sample_peak, b.sample_peak), _larger(a.true_peak, b.true_peak), (left, right))


def _larger(a: Pair, b: Pair) -> Pair:
    return max(a[0], b[0]), max(a[1], b[1])
