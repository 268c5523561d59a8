"""What the chain is set to while it is measured: scenes that stand still, and the targets that a ramping run moves between."""

from __future__ import annotations

import random

from masterd.control.parameters import PARAMETERS, Value, defaults
from masterd.daemon.params import fill
from masterd.native import ffi

TARGETS = 16
TRAVEL = 0.08  # of a knob's whole way, to either side


def reference() -> dict[str, Value]:
    """Ten bells, five bands, a compressor that compresses, a true-peak limiter that limits: what the peers are set to as well."""
    values = defaults()
    for band in range(1, 11):
        values |= {f"eq.{band}.on": True, f"eq.{band}.gain_db": 4.0 if band % 2 else -4.0, f"eq.{band}.q": 1.0}
    for band in range(1, 6):
        values |= {f"multiband.{band}.threshold_db": -24.0, f"multiband.{band}.ratio": 3.0}
    return values | {
        "multiband.on": True,
        "multiband.bands": "5",
        "compressor.on": True,
        "compressor.threshold_db": -24.0,
        "compressor.ratio": 3.0,
        "limiter.drive_db": 6.0,
    }


def everything() -> dict[str, Value]:
    """The reference with every other stage at work too, and four dynamic bands."""
    values = reference()
    for band in range(11, 15):
        values |= {f"eq.{band}.on": True, f"eq.{band}.dynamic": True, f"eq.{band}.gain_db": 2.0}
    switches = ("input.dc_block", "input.subsonic", "input.phase_rotator", "input.repair", "agc.on", "stereo.on")
    switches += ("stereo.mono_bass", "stereo.banded", "clipper.on")
    chosen = {"output.word_bits": "16", "output.noise_shaping": "weighted", "limiter.mode": "loud"}
    return values | dict.fromkeys(switches, True) | chosen | {"stereo.width_percent": 120.0, "clipper.drive_db": 3.0}


def line_up() -> dict[str, Value]:
    """Pink noise from the generator."""
    return reference() | {"generator.on": True, "generator.signal": "pink"}


def moved(values: dict[str, Value], target: int) -> dict[str, Value]:
    """Every number somewhere near where it was: no switch, no choice, so nothing begins or ends. Where, depends on the id and the
    number of the target alone: a parameter that comes or goes moves no other, and the instructions stay comparable."""
    values = dict(values)
    for id, parameter in PARAMETERS.items():
        if parameter.kind == "number":
            away = random.Random(f"{target} {id}").uniform(-TRAVEL, TRAVEL)
            values[id] = parameter.from_travel(parameter.to_travel(values[id]) + away)
    return values


def packed() -> bytes:
    """All scenes as the C program reads them: the constant one first, then its targets."""
    parts = []
    for values in (reference(), everything(), line_up()):
        for settings in (values, *(moved(values, target) for target in range(TARGETS))):
            struct = ffi.new("chain_params *")
            fill(struct, settings)
            parts.append(bytes(ffi.buffer(struct)))
    return b"".join(parts)
