"""What the audio thread was told and at which frame it did it, as the engine has journalled it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from masterd.daemon.engine import Engine
from masterd.native import ffi, lib

AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class CoefsTaken:
    """At `frame` a block began with the coefs that Engine.publish numbered `serial`."""

    frame: int
    serial: int


@dataclass(frozen=True, slots=True)
class GateMoved:
    """At `frame` the output began to fade in or out."""

    frame: int
    open: bool
    fade_frames: int


Order: TypeAlias = CoefsTaken | GateMoved


class OrderReader:
    """Reads an engine's orders from its first on. One thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._from, self._lost = ffi.new("uint64_t *"), ffi.new("uint64_t *")
        self._records = ffi.new("double[]", AT_ONCE * lib.ENGINE_ORDER_DOUBLES)

    @property
    def lost(self) -> int:
        """Orders that were overwritten before anybody read them: 4096 are kept."""
        return int(self._lost[0])

    def read(self) -> list[Order]:
        """What is new, oldest first."""
        orders: list[Order] = []
        width = lib.ENGINE_ORDER_DOUBLES
        while count := lib.engine_orders(self._engine.pointer, self._from, self._records, AT_ONCE, self._lost):
            orders += [order(*self._records[at * width : (at + 1) * width]) for at in range(count)]
        return orders


def order(frame: float, kind: float, what: float, fade_frames: float) -> Order:
    """One record of the engine's."""
    return CoefsTaken(int(frame), int(what)) if kind == lib.ORDER_COEFS else GateMoved(int(frame), what != 0, int(fade_frames))
