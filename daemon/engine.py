"""The C engine as an object: owns its memory, turns values into coefs, and gives the meters in plain Python.

One thread, the control thread, may call everything here, except where it says "any thread". The `process` functions are the audio
thread: one caller at a time, with the newest token; anyone else gets silence.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from masterd.control.parameters import Value
from masterd.daemon.bridge import Bridge, Lent
from masterd.daemon.params import fill
from masterd.native import ffi, lib

Latency: TypeAlias = Literal["normal", "low"]
Float32: TypeAlias = npt.NDArray[np.float32]
Float64: TypeAlias = npt.NDArray[np.float64]
Pair: TypeAlias = tuple[float, float]

Tap: TypeAlias = Literal["input", "output"]

LATENCIES: Mapping[str, int] = {"normal": lib.LATENCY_NORMAL, "low": lib.LATENCY_LOW}
TAPS: Mapping[Tap, int] = {"input": lib.TAP_INPUT, "output": lib.TAP_OUTPUT}
"""Where copies are taken: as it comes in, and as it leaves."""
SAMPLE_RATES_HZ = (44100, 192000)
ATTACH_WITHIN_S = 0.1
ALIGNMENT = 64


class EngineBusy(RuntimeError):
    """The host before has been inside one block for longer than ATTACH_WITHIN_S."""


@dataclass(frozen=True, slots=True)
class PointMeters:
    """One measuring point since the last collection, left and right, linear (1 is 0 dBFS)."""

    sample_peak: Pair
    true_peak: Pair
    mean_square: Pair


@dataclass(frozen=True, slots=True)
class EngineMeters:
    """What the engine has counted since it began, and measured since the last collection."""

    frames: int
    blocks: int
    late_blocks: int
    xruns: int
    refused_blocks: int
    nonfinite_samples: int
    clamped_samples: int
    player_dry_frames: int
    tap_lost_frames: tuple[int, ...]
    """In the order of TAPS."""
    applied_serial: int
    applied_frame: int
    longest_ns: int
    total_ns: int
    histogram: tuple[int, ...]
    block_frames: int
    agc_gain_db: Pair
    """Bass and master, of the last block."""
    agc_frozen: bool
    eq_offset_db: tuple[float, ...]
    """Per band: what a dynamic one added to its gain at the end of the last block, signed; 0 for the others."""
    multiband_reduction_db: tuple[Pair, ...]
    """Per band, left and right; this and the reductions below are the largest since the last collection."""
    compressor_reduction_db: Pair
    clipper_reduction_db: float
    limiter_reduction_db: float
    input: PointMeters
    output: PointMeters


COUNTERS = (
    "frames", "blocks", "late_blocks", "xruns", "refused_blocks", "nonfinite_samples", "clamped_samples", "player_dry_frames",
    "applied_serial", "applied_frame", "longest_ns", "total_ns", "block_frames",
)  # fmt: skip


class Engine:
    """A chain that plays. Keep it alive for as long as any host that ever got its `pointer` may still call.

    >>> engine = Engine(48000, "normal", defaults())
    >>> engine.attach()
    1
    >>> engine.gate(True, 0)
    >>> out = engine.process(block)   # (frames, 2) float32
    """

    def __init__(
        self, sample_rate_hz: float, latency: Latency, values: Mapping[str, Value], recall_agc_db: Pair | None = None
    ) -> None:
        """`recall_agc_db`: the leveller's gains, bass and master, with which it begins; held within its range."""
        low, high = SAMPLE_RATES_HZ
        if not low <= sample_rate_hz <= high:  # also false for NaN
            raise ValueError(f"the sample rate {sample_rate_hz} Hz is outside {low} to {high}")
        self.sample_rate_hz = float(sample_rate_hz)
        self.latency: Latency = latency
        self.token = 0
        self._heard, self._fed = Lent(), Lent()
        self._params = ffi.new("chain_params *")
        self._meters = ffi.new("engine_meters *")
        self._memory = ffi.new("char[]", lib.engine_size() + ALIGNMENT)
        base = int(ffi.cast("uintptr_t", self._memory))
        format = ffi.new("stream_format *", {"sample_rate_hz": self.sample_rate_hz, "latency": LATENCIES[latency]})
        fill(self._params, values)
        self._held = dict(values)
        """What the params hold."""
        self.pointer: Any = lib.engine_init(self._memory + -base % ALIGNMENT, format, self._params)
        """For hosts written in C, with a token of `attach`. It does not keep the engine alive."""
        if recall_agc_db:
            lib.engine_recall_agc(self.pointer, recall_agc_db)
        self.latency_frames = int(lib.engine_latency_frames(self.pointer))

    def attach(self) -> int:
        """The token of a new host, which is the only one served from now on. EngineBusy after ATTACH_WITHIN_S."""
        until = time.monotonic() + ATTACH_WITHIN_S
        while not (token := int(lib.engine_attach(self.pointer))):
            if time.monotonic() > until:
                raise EngineBusy("the host before has not left its block")
            time.sleep(0.0005)
        self.token = token
        return token

    def publish(self, values: Mapping[str, Value], ramp_ms: float = 20.0) -> int:
        """Ramps to complete, checked `values` from the next block on; the serial that `applied_serial` will show."""
        return self.publish_frames(values, self.frames_of(ramp_ms))

    def publish_frames(self, values: Mapping[str, Value], ramp_frames: int) -> int:
        """The same, for who counts in frames."""
        held = self._held
        fill(self._params, {id: value for id, value in values.items() if held.get(id) != value})  # all of them take 0.5 ms
        self._held = dict(values)
        return int(lib.engine_publish(self.pointer, self._params, ramp_frames))

    def gate(self, open: bool, fade_ms: float = 20.0) -> None:
        """Fades the output in or out. Closed at first."""
        self.gate_frames(open, self.frames_of(fade_ms))

    def gate_frames(self, open: bool, fade_frames: int) -> None:
        """The same, for who counts in frames."""
        lib.engine_gate(self.pointer, open, fade_frames)

    @property
    def gate_settled(self) -> bool:
        """Whether the fade last asked for is over; stays False while nobody processes. Any thread."""
        return bool(lib.engine_gate_settled(self.pointer))

    @property
    def blocks(self) -> int:
        """Blocks processed: moves as long as audio does. Any thread."""
        return int(lib.engine_blocks(self.pointer))

    @property
    def audio_thread(self) -> int:
        """The pthread_t of the last block's thread, 0 before the first. Any thread."""
        return int(lib.engine_audio_thread(self.pointer))

    def collect(self) -> EngineMeters | None:
        """Counters, and the readings since the last call; None when nothing was processed since."""
        m = self._meters
        if not lib.engine_collect(self.pointer, m):
            return None
        return EngineMeters(
            **{name: int(getattr(m, name)) for name in COUNTERS},
            tap_lost_frames=tuple(m.tap_lost_frames),
            histogram=tuple(m.histogram),
            agc_gain_db=tuple(m.agc_gain_db),
            agc_frozen=bool(m.agc_frozen),
            eq_offset_db=tuple(m.eq_offset_db),
            multiband_reduction_db=tuple(tuple(band) for band in m.multiband_reduction_db),
            compressor_reduction_db=tuple(m.compressor_reduction_db),
            clipper_reduction_db=m.clipper_reduction_db,
            limiter_reduction_db=m.limiter_reduction_db,
            input=_point(m.point[lib.POINT_INPUT]),
            output=_point(m.point[lib.POINT_OUTPUT]),
        )

    def source(self, player: bool) -> None:
        """Takes the programme from the player's ring instead of the device."""
        lib.engine_source(self.pointer, lib.SOURCE_PLAYER if player else lib.SOURCE_DEVICE)

    def hear(self, bridge: Bridge | None) -> None:
        """Takes the programme from a bridge instead of the device, as its only reader, from the next block on; a player goes
        before it. One thread at a time."""
        self._heard.replace(bridge, self.blocks)
        lib.engine_hear(self.pointer, bridge.pointer if bridge else ffi.NULL)

    def feed(self, bridge: Bridge | None) -> None:
        """Also writes what leaves into a bridge, as its only writer, from the next block on. One thread at a time."""
        self._fed.replace(bridge, self.blocks)
        lib.engine_feed(self.pointer, bridge.pointer if bridge else ffi.NULL)

    def metering(self, on: bool) -> None:
        """Off, both measuring points rest and their readings stay 0: for a file that is measured elsewhere. On at first."""
        lib.engine_metering(self.pointer, on)

    def player_write(self, block: Float32) -> int:
        """Puts (frames, 2) float32 into the player's ring; how many frames fitted. One thread of the caller's choice."""
        frames = _check_pairs(block)
        return int(lib.engine_player_write(self.pointer, ffi.from_buffer("float[]", block), frames))

    @property
    def player_waiting(self) -> int:
        """Frames in the player's ring. The thread that writes there."""
        return int(lib.engine_player_waiting(self.pointer))

    def tap(self, which: Tap, on: bool) -> None:
        """Starts or stops copying what passes there into the tap's ring."""
        lib.engine_tap(self.pointer, TAPS[which], on)

    def tap_read(self, which: Tap, most_frames: int) -> Float32:
        """What the tap's ring holds, (frames, 2) float32, oldest first. One thread per tap, of the caller's choice."""
        block = np.empty((most_frames, 2), np.float32)
        into = ffi.from_buffer("float[]", block, require_writable=True)
        given = int(lib.engine_tap_read(self.pointer, TAPS[which], into, most_frames))
        return block[:given]

    def process(self, block: Float32) -> Float32:
        """(frames, 2) float32 in, the same out, with the token of the last `attach`. Audio thread."""
        frames = _check_pairs(block)
        out = np.empty_like(block)
        lib.engine_process_interleaved(
            self.pointer, self.token, ffi.from_buffer("float[]", block), ffi.from_buffer("float[]", out), frames
        )
        return out

    def process_planar(self, left: Float32, right: Float32) -> tuple[Float32, Float32]:
        """As `process`, channels apart. Audio thread."""
        frames = _check_channels(left, right, np.float32)
        out = np.empty_like(left), np.empty_like(right)
        buffers = [ffi.from_buffer("float[]", channel) for channel in (left, right, *out)]
        lib.engine_process_planar(self.pointer, self.token, *buffers, frames)
        return out

    def process_double(self, left: Float64, right: Float64) -> None:
        """In place, float64, channels apart: what files are rendered with. Audio thread."""
        frames = _check_channels(left, right, np.float64)
        buffers = [ffi.from_buffer("double[]", channel, require_writable=True) for channel in (left, right)]
        lib.engine_process_double(self.pointer, self.token, *buffers, frames)

    def process_before_eq(self, left: Float64, right: Float64) -> None:
        """As `process_double`, up to the equaliser, which something else stands in for. Never with `bypass.on`. Audio thread."""
        frames = _check_channels(left, right, np.float64)
        buffers = [ffi.from_buffer("double[]", channel, require_writable=True) for channel in (left, right)]
        lib.engine_process_before_eq(self.pointer, self.token, *buffers, frames)

    def process_after_eq(self, left: Float64, right: Float64) -> None:
        """The rest of it, with the engine's whole latency. Audio thread."""
        frames = _check_channels(left, right, np.float64)
        buffers = [ffi.from_buffer("double[]", channel, require_writable=True) for channel in (left, right)]
        lib.engine_process_after_eq(self.pointer, self.token, *buffers, frames)

    def frames_of(self, time_ms: float) -> int:
        """A time from 0 to 60000 ms in frames, rounded up. ValueError outside."""
        if not 0 <= time_ms <= 60_000:
            raise ValueError(f"{time_ms} ms is not a time from 0 to 60000 ms")
        return math.ceil(time_ms * self.sample_rate_hz / 1000)


def _point(m: Any) -> PointMeters:
    return PointMeters(tuple(m.sample_peak), tuple(m.true_peak), tuple(m.mean_square))


def _check_pairs(block: Float32) -> int:
    if block.dtype != np.float32 or block.ndim != 2 or block.shape[1] != 2 or not block.flags.c_contiguous:
        raise ValueError(f"wanted contiguous (frames, 2) float32, got {block.shape} {block.dtype}")
    return len(block)


def _check_channels(left: npt.NDArray[Any], right: npt.NDArray[Any], dtype: type) -> int:
    for channel in (left, right):
        if channel.dtype != dtype or channel.ndim != 1 or channel.shape != left.shape or not channel.flags.c_contiguous:
            wanted = f"wanted two contiguous channels of {np.dtype(dtype)} of one length"
            raise ValueError(f"{wanted}, got {left.shape} {left.dtype} and {right.shape} {right.dtype}")
    return len(left)
