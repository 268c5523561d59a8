"""Drives one kernel, or the whole chain, from a test: design, reset, process, in numpy."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from masterd.control.parameters import PARAMETERS, Value
from masterd.daemon.params import fill
from masterd.native import ffi, lib

LATENCIES = {"normal": lib.LATENCY_NORMAL, "low": lib.LATENCY_LOW}
RAMP_FRAMES = 1000


class Kernel:
    """A processor of the chain (`input`, `eq`, `compressor`, `limiter`, `bypass`) or `chain`, with the table's defaults.

    >>> eq = Kernel("eq", 48000, {"eq.1.on": True, "eq.1.gain_db": 6})
    >>> out = eq(stereo)              # (frames, 2) float64 in and out
    >>> eq.set({"eq.1.gain_db": 0})   # the next call ramps over RAMP_FRAMES
    """

    def __init__(self, name: str, sample_rate_hz: float = 48000, values: dict[str, Value] | None = None, latency: str = "normal"):
        self.name = name
        self.format = ffi.new("stream_format *", {"sample_rate_hz": sample_rate_hz, "latency": LATENCIES[latency]})
        self.values = {id: parameter.default for id, parameter in PARAMETERS.items()}
        self.params = ffi.new("chain_params *")
        self.coefs = ffi.new("chain_coefs *")
        self.state = ffi.new(f"{name} *")
        self.serial = 0
        self.set(values or {})
        self.reset()

    def set(self, values: dict[str, Value], ramp_frames: int = RAMP_FRAMES) -> None:
        self.values |= {id: PARAMETERS[id].check(value) for id, value in values.items()}
        fill(self.params, self.values)
        self.serial += 1
        lib.chain_design(self.coefs, self.params, self.format)
        lib.chain_announce(self.coefs, self.serial, ramp_frames)

    def reset(self) -> None:
        getattr(lib, f"{self.name}_reset")(self.state)

    @property
    def latency_frames(self) -> int:
        latency = getattr(lib, f"{self.name}_latency_frames", None)
        return latency(self.format) if latency else 0

    @property
    def own_coefs(self):
        return self.coefs if self.name == "chain" else ffi.addressof(self.coefs, self.name)

    def __call__(self, stereo: np.ndarray, blocks: Iterable[int] = ()) -> np.ndarray:
        """Processes (frames, 2); `blocks` are block lengths, the rest goes in blocks of at most 2048."""
        left, right = (np.ascontiguousarray(stereo[:, channel], dtype=np.float64).copy() for channel in (0, 1))
        process = getattr(lib, f"{self.name}_process")
        sizes = iter(blocks)
        at = 0
        while at < len(left):
            frames = min(next(sizes, 2048), len(left) - at)
            pair = tuple(ffi.cast("double *", channel[at:].ctypes.data) for channel in (left, right))
            if self.name == "bypass":
                lib.bypass_remember(self.state, *pair, frames)
            process(self.state, self.own_coefs, *pair, frames)
            at += frames
        return np.stack([left, right], axis=1)
