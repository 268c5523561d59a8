"""What the C side holds every parameter to is the range in the table, and nothing inside it is touched."""

from __future__ import annotations

import math

import pytest

from masterd.control.parameters import PARAMETERS, defaults
from masterd.daemon.params import fill, is_of_chain
from masterd.native import ffi, lib

FAR = {"number": (-math.inf, -1e9, 1e9, math.inf, math.nan), "choice": (-(2**31), -1, 99, 2**31 - 1), "switch": (-7, 7)}


def held(id: str, value: float) -> float:
    """What stands in the struct after the hold; the field is found by `fill`'s own path."""
    params = ffi.new("chain_params *")
    fill(params, defaults())
    *path, name = id.split(".")
    struct = params
    for part in path:
        struct = struct.band[int(part) - 1] if part.isdigit() else getattr(struct, part)
    setattr(struct, name, value)
    lib.chain_hold(params)
    return getattr(struct, name)


@pytest.mark.parametrize("id", [*filter(is_of_chain, PARAMETERS)])
def test_held_to_the_range_of_the_table(id):
    row = PARAMETERS[id]
    for value in FAR[row.kind]:
        end = 1 if row.kind == "switch" else row.max if value > row.max else row.min
        assert held(id, value) == end, value
    for value in (row.min, row.max) if row.kind != "number" else (row.min, row.max, (row.min + row.max) / 2):
        assert held(id, value) == value
