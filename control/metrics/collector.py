"""The picture as Prometheus metrics. Names are for ever: docs/monitoring.md lists them, dashboards and alerts stand on them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from masterd.control.metrics.picture import Picture, points
from masterd.control.metrics.watch import Watch
from masterd.control.protocol import DaemonStatus, Meters

MEAN_S = 10
BIN_OF_BLOCK = 0.05
"""`block_histogram` counts in steps of 5 % of a block."""


At = TypeVar("At", bound=tuple[str, ...])
"""Values of labels."""


def gauge(name: str, help: str, value: float) -> Metric:
    """One number."""
    return GaugeMetricFamily(f"masterd_{name}", help, value=value)


def counter(name: str, help: str, value: float) -> Metric:
    """A number that only grows, until the daemon restarts."""
    return CounterMetricFamily(f"masterd_{name}", help, value=value)


def info(name: str, help: str, labels: dict[str, str]) -> Metric:
    """Words, as labels of a 1."""
    return InfoMetricFamily(f"masterd_{name}", help, value=labels)


def gauges(name: str, help: str, labels: tuple[str, ...], values: Mapping[At, float | None]) -> Metric:
    """A number for each of several things; those that are None are left out."""
    family = GaugeMetricFamily(f"masterd_{name}", help, labels=labels)
    for at, value in values.items():
        if value is not None:
            family.add_metric(at, value)
    return family


class MasterdCollector(Collector):
    """What a scrape gets. `corridor_lufs` is where the programme's loudness should be, if that was said. Any thread."""

    def __init__(self, watch: Watch, corridor_lufs: tuple[float, float] | None = None) -> None:
        self._watch, self._corridor_lufs = watch, corridor_lufs

    def collect(self) -> Iterable[Metric]:
        """All metrics; of a daemon that does not answer, only that it does not, and for how long."""
        with self._watch.picture() as picture:
            return list(self._metrics(picture, time.monotonic()))

    def _metrics(self, picture: Picture, now_s: float) -> Iterator[Metric]:
        yield gauge("up", "1 while the daemon answers.", picture.status is not None)
        yield gauge("picture_age_seconds", "Since the daemon was heard last.", picture.age_s(now_s))
        if self._corridor_lufs:
            edges = {("low",): self._corridor_lufs[0], ("high",): self._corridor_lufs[1]}
            yield gauges("loudness_corridor_lufs", "Between which the programme's loudness should be.", ("edge",), edges)
        if picture.status:
            yield from daemon(picture.status, picture.alarms_seen)
            yield from audio(picture.status)
            if picture.ceiling_dbtp is not None:
                yield gauge("limiter_ceiling_dbtp", "What the limiter holds true peaks under.", picture.ceiling_dbtp)
        if picture.meters:
            yield from loudness(picture.meters)
            yield from dynamics(picture, picture.meters, now_s)


def registry(watch: Watch, corridor_lufs: tuple[float, float] | None) -> CollectorRegistry:
    """What the endpoint serves: this daemon, and nothing of the process that tells it."""
    made = CollectorRegistry()
    made.register(MasterdCollector(watch, corridor_lufs))
    return made


def daemon(status: DaemonStatus, alarms_seen: set[str]) -> Iterator[Metric]:
    """Who it is and what state it has."""
    yield info("build", "The daemon.", {"name": status.name, "version": status.version})
    yield gauge("uptime_seconds", "Since the daemon started.", status.uptime_s)
    yield gauge("revision", "Number of the last change of the state.", status.revision)
    preset = {"preset": status.preset, "changed": "true" if status.dirty else "false"}
    yield info("preset", "The preset loaded last, and whether values were changed since.", preset)
    standing = {(code,): float(code in status.alarms) for code in sorted(alarms_seen)}
    yield gauges("alarm", "1 while the alarm stands, 0 when it did before.", ("code",), standing)


def audio(status: DaemonStatus) -> Iterator[Metric]:
    """The sound card and the callback."""
    yield gauge("stream_up", "1 while the sound card takes and gives audio.", status.state == "running")
    yield info("stream", "The sound card.", {"host": status.host, "device": status.device, "state": status.state})
    yield gauge("sample_rate_hertz", "Frames a second.", status.sample_rate_hz)
    yield gauge("block_frames", "Frames that the sound card asks for at a time.", status.block_frames)
    latency_s = status.latency_frames / status.sample_rate_hz
    yield gauge("latency_seconds", "From input to output, without the device's own.", latency_s)
    yield gauge("realtime", "1 when the audio thread was granted real-time scheduling.", status.realtime)
    yield gauge("memory_locked", "1 when memory cannot be paged out.", status.memory_locked)
    yield gauge("load_ratio", "Share of the time spent processing, over the last second of programme.", status.load_percent / 100)
    yield counter("blocks", "Blocks processed.", status.blocks)
    yield counter("late_blocks", "Blocks that took longer than they last.", status.late_blocks)
    yield counter("xruns", "Blocks that the sound card reported lost.", status.xruns)
    yield counter("nonfinite_samples", "Samples that were NaN or infinite, and replaced by silence.", status.nonfinite_samples)
    yield counter("host_losses", "Times the sound card was lost.", status.host_losses)
    if clock := status.input_clock:
        yield gauge("input_drift_ratio", "By how much the input's clock is faster than the output's.", clock.drift_ppm / 1e6)
        yield gauge("input_delay_seconds", "What waits between an input and an output with a clock each.", clock.delay_ms / 1000)
        yield counter("input_slips", "Times that this had to start anew, since the devices were opened.", clock.slips)
    if status.block_frames:
        yield durations(status)
        yield gauge("callback_duration_max_seconds", "The longest block since the start.", status.longest_block_us / 1e6)


def durations(status: DaemonStatus) -> Metric:
    """Times of all blocks. Its buckets are parts of a block, so they are others when the block's length is."""
    step_s = BIN_OF_BLOCK * status.block_frames / status.sample_rate_hz
    buckets, count = [], 0
    for number, blocks in enumerate(status.block_histogram, 1):
        count += blocks
        is_last = number == len(status.block_histogram)
        buckets.append(("+Inf" if is_last else f"{number * step_s:.9g}", count))
    family = HistogramMetricFamily("masterd_callback_duration_seconds", "Time spent processing a block.")
    family.add_metric([], buckets, sum_value=status.processing_s)
    return family


def loudness(meters: Meters) -> Iterator[Metric]:
    """By EBU Tech 3341 and 3342, at both points."""
    of = points(meters)
    for name, help in (
        ("momentary_lufs", "Loudness of the last 400 ms."),
        ("short_term_lufs", "Loudness of the last 3 s."),
        ("integrated_lufs", "Gated loudness since the start or the last reset."),
        ("range_lu", "Loudness range since the start or the last reset."),
    ):
        field = "loudness_range_lu" if name == "range_lu" else name
        yield gauges(f"loudness_{name}", help, ("point",), {(at,): getattr(point, field) for at, point in of.items()})
    yield gauges("correlation", "Of left and right, -1 to 1.", ("point",), {(at,): it.correlation for at, it in of.items()})


def dynamics(picture: Picture, meters: Meters, now_s: float) -> Iterator[Metric]:
    """Peaks, reductions, silence."""
    peaks = {(at,): peaks.largest(now_s) for at, peaks in picture.true_peaks_dbtp.items()}
    yield gauges("true_peak_max_dbtp", "Highest true peak of the last 60 s.", ("point",), peaks)
    means = {at: it.mean(MEAN_S, now_s) for at, it in picture.reductions_db.items()}
    yield gauges("gain_reduction_db", f"Mean of the last {MEAN_S} s.", ("stage", "band"), means)
    largest = {at: it.largest(now_s) for at, it in picture.reductions_db.items()}
    yield gauges("gain_reduction_max_db", "Largest of the last 60 s.", ("stage", "band"), largest)
    agc = dict(zip((("bass",), ("master",)), meters.agc_gain_db, strict=True))
    yield gauges("agc_gain_db", "Where the leveller stands.", ("band",), agc)
    yield gauge("agc_frozen", "1 while the leveller's gate holds.", meters.agc_frozen)
    yield gauges("silence_seconds", "For how long the channel has been silent.", ("point", "channel"), picture.silence_s(now_s))
