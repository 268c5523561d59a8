"""Hypothesis behind the face of atheris.FuzzedDataProvider: the same grammar, without atheris, and what fails is made small."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st


@dataclass
class Drawn:
    """Draws what `grammar` and the targets consume."""

    data: st.DataObject

    def ConsumeIntInRange(self, low: int, high: int) -> int:
        return self.data.draw(st.integers(low, high))

    def ConsumeInt(self, count_bytes: int) -> int:
        return self.ConsumeIntInRange(-(1 << (8 * count_bytes - 1)), (1 << (8 * count_bytes - 1)) - 1)

    def ConsumeUInt(self, count_bytes: int) -> int:
        return self.ConsumeIntInRange(0, (1 << (8 * count_bytes)) - 1)

    def ConsumeBool(self) -> bool:
        return self.data.draw(st.booleans())

    def ConsumeFloat(self) -> float:
        return self.data.draw(st.floats())

    def ConsumeProbability(self) -> float:
        return self.data.draw(st.floats(0, 1))

    def ConsumeUnicode(self, count: int) -> str:
        return self.data.draw(st.text(st.characters(exclude_categories=()), max_size=count))

    def ConsumeBytes(self, count: int) -> bytes:
        return self.data.draw(st.binary(max_size=count))
