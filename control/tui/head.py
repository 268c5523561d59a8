"""The line over a deck: which daemon, whether it is on air, its format, load, preset, alarms."""

from __future__ import annotations

from masterd.control.clock import clock_text
from masterd.control.tui.cells import Line, beside, joined, span
from masterd.control.tui.pane import Pane, age_text
from masterd.control.tui.station import STATE_OLD_S

HIGH_LOAD_PERCENT, FULL_LOAD_PERCENT = 65.0, 75.0
"""Of the time a block lasts: where it needs watching, and where it will not do for long."""
WORDS = {"running": ("● ON AIR", "o"), "finished": ("■ finished", "d"), "lost": ("▲ LOST", "r"), "opening": ("◌ opening", "y")}
FLAGS = {"bypass.on": "BYPASS", "output.mute": "MUTED", "generator.on": "LINE-UP SIGNAL"}
"""What must not be left on by mistake."""


class Head(Pane):
    """Says first what matters most; what has no room is left out from the right."""

    PERIOD_S = 0.25
    OLD_S = float("inf")  # it says its age itself

    is_chosen = False

    def body(self, width: int, height: int, now_s: float) -> list[Line]:  # noqa: D102
        station = self.station
        name = span(f" {station.name} ", "i" if self.is_chosen else "n")
        if station.trouble:
            age = age_text(station.state_age_s(now_s)) if station.values else ""
            return [joined(name, span(f" ▲ {age + ': ' if age else ''}{station.trouble}", "r")).fitted(width)]
        return [beside(joined(name, span(" "), self._state(now_s)), self._right(width, now_s), width)]

    def _state(self, now_s: float) -> Line:
        station = self.station
        if station.state_age_s(now_s) > STATE_OLD_S:
            return span(f"▲ silent, {age_text(station.state_age_s(now_s))}", "r")
        status = station.status
        word, role = WORDS.get(status.state, (status.state, "y")) if status else ("◌", "d")
        told = [span(word, role), *(span(f" {name}", "y") for id, name in FLAGS.items() if station.values.get(id))]
        if station.alarms:
            told.append(span(f" ▲ {'ALARM' if len(station.alarms) == 1 else 'ALARMS'} {', '.join(station.alarms)}", "r"))
        if station.trial:
            told.append(span(f" ◆ {station.trial.who} tries until {clock_text(station.trial.until)}", "y"))
        if station.lock:
            note = f": {station.lock.note}" if station.lock.note else ""
            told.append(span(f" ◆ LOCKED by {station.lock.who}{note}", "y"))
        return joined(*told)

    def _right(self, width: int, now_s: float) -> Line:
        parts = [self._preset(), self._load(), self._faults(now_s), self._format()]
        room = width * 2 // 3
        told = parts[0]
        for part in parts[1:]:
            if len(told.text) + len(part.text) + 2 <= room:
                told = joined(part, span("  "), told)
        return told

    def _preset(self) -> Line:
        station = self.station
        side = span(f"{station.compare.on_air} ", "y") if station.compare.is_used else span("")
        name = span(station.preset or "(no preset)", "v")
        return joined(side, name, span(" changed " if station.dirty else " ", "y"))

    def _load(self) -> Line:
        if (frame := self.station.frame) is None:
            return span("")
        load = frame.load_percent
        role = "r" if load >= FULL_LOAD_PERCENT else "y" if load >= HIGH_LOAD_PERCENT else "d"
        return span(f"load {load:.0f} %", role)

    def _faults(self, now_s: float) -> Line:
        if (frame := self.station.frame) is None:
            return span("")
        return span(f"late {frame.late_blocks} xruns {frame.xruns}", "y" if self.station.is_faulty(now_s) else "d")

    def _format(self) -> Line:
        if (status := self.station.status) is None or not status.sample_rate_hz:
            return span("")
        latency_ms = 1000 * status.latency_frames / status.sample_rate_hz
        return span(f"{status.host} {status.device} {status.sample_rate_hz / 1000:g} kHz {latency_ms:.1f} ms", "d")
