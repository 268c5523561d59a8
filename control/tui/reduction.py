"""What every stage does to the gain now, and every band of the multiband compressor."""

from __future__ import annotations

from masterd.control.levels import Bar
from masterd.control.scales import REDUCTION_FULL_DB, filled, position
from masterd.control.tui.cells import Line, beside, joined, span
from masterd.control.tui.gauges import BANDS
from masterd.control.tui.levels import put
from masterd.control.tui.pane import Pane

LABEL, NUMBER, GAP = 9, 7, 2
AGC_FULL_DB = 18.0
REST_DB = 0.05


class Reduction(Pane):
    """Stages on the left, bands on the right."""

    TITLE = "GAIN"

    def note(self, width: int) -> Line:  # noqa: D102
        told = joined(span("█", "a"), span(f" less, 0 to {REDUCTION_FULL_DB:g} dB  ", "d"), span("█", "e"), span(" more", "d"))
        return joined(told, span("  ┃ hold" if width >= 70 else "", "d"))

    def body(self, width: int, height: int, now_s: float) -> list[Line]:  # noqa: D102
        left = (width - GAP) // 2
        stages, bands = self._stages(left), self._bands(width - GAP - left)
        return [joined(stage, span(" " * GAP), band) for stage, band in zip(stages, bands, strict=True)]

    def _stages(self, cells: int) -> list[Line]:
        gauges, frame = self.station.gauges, self.station.frame
        bass_db, master_db = frame.agc_gain_db if frame else (0.0, 0.0)
        waits = bool(frame and frame.agc_frozen)
        agc = self._is_on("agc.on")
        return [
            gain_line("agc bass", bass_db, cells, agc, waits),
            gain_line("agc main", master_db, cells, agc, waits),
            reduction_line("comp L", gauges.compressor[0], cells, self._is_on("compressor.on")),
            reduction_line("comp R", gauges.compressor[1], cells, self._is_on("compressor.on")),
            reduction_line("clipper", gauges.clipper, cells, self._is_on("clipper.on")),
            reduction_line("limiter", gauges.limiter, cells, True),
        ]

    def _bands(self, cells: int) -> list[Line]:
        count = int(self.station.number_of("multiband.bands") or BANDS)
        is_on = self._is_on("multiband.on")
        names = [
            band_name(
                band,
                count,
                self.station.number(f"multiband.crossover_{band}_hz"),
                self.station.number(f"multiband.crossover_{band - 1}_hz"),
            )
            for band in range(1, count + 1)
        ]
        lines = [reduction_line(name, bar, cells, is_on) for name, bar in zip(names, self.station.gauges.bands, strict=False)]
        return lines + [span(" " * cells)] * (BANDS - len(lines))

    def _is_on(self, id: str) -> bool:
        return bool(self.station.values.get(id, True)) and not self.station.values.get("bypass.on", False)


def band_name(band: int, count: int, upper_hz: float | None, lower_hz: float | None) -> str:
    """`3 -1.6k`: the band up to 1.6 kHz; the last one begins at its edge."""
    if band < count:
        return f"{band} -{hertz_text(upper_hz)}" if upper_hz else f"band {band}"
    return f"{band} {hertz_text(lower_hz)}-" if lower_hz else f"band {band}"


def hertz_text(frequency_hz: float) -> str:
    """Three digits: `420`, `1.6k`, `12k`."""
    return f"{frequency_hz:.0f}" if frequency_hz < 1000 else f"{frequency_hz / 1000:.2g}k"


def reduction_line(name: str, bar: Bar, cells: int, is_on: bool) -> Line:
    """From the left, with the highest of two seconds held."""
    room = max(2, cells - LABEL - NUMBER)
    if not is_on:
        return joined(span(f"{name:<{LABEL}}", "d"), span("·" * room, "d"), span("off".rjust(NUMBER), "d"))
    text = filled(position(bar.level_db, room, 0.0, REDUCTION_FULL_DB), room)
    roles = ["a"] * room
    if bar.held_db > max(REST_DB, bar.level_db):
        put(text, roles, position(bar.held_db, room, 0.0, REDUCTION_FULL_DB), "┃", "h")
    number = span(f"{-bar.held_db if bar.held_db > REST_DB else 0.0:{NUMBER}.1f}", "v" if bar.held_db > REST_DB else "d")
    return joined(span(f"{name:<{LABEL}}", "d"), Line("".join(text), "".join(roles)), number)


def gain_line(name: str, gain_db: float, cells: int, is_on: bool, waits: bool) -> Line:
    """From the middle: to the right it raises, to the left it lowers."""
    room = max(2, cells - LABEL - NUMBER)
    if not is_on:
        return joined(span(f"{name:<{LABEL}}", "d"), span("·" * room, "d"), span("off".rjust(NUMBER), "d"))
    middle = room // 2
    at = min(int(position(gain_db, room, -AGC_FULL_DB, AGC_FULL_DB)), room - 1)
    text, roles = [" "] * room, ["d"] * room
    for cell in range(min(at, middle), max(at, middle) + 1):
        text[cell], roles[cell] = "█", "e" if gain_db > 0 else "a"
    text[middle], roles[middle] = "┼", "d"
    label = beside(span(name, "d"), span("‖ " if waits else "", "y"), LABEL)
    return joined(label, Line("".join(text), "".join(roles)), span(f"{gain_db:+{NUMBER}.1f}", "v"))
