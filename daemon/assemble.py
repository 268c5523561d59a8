"""Puts the parts of a daemon together: what it starts with, and who is told when something changes."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

from masterd.control.errors import UnknownPreset
from masterd.control.protocol import Alarm
from masterd.daemon import audio, listening
from masterd.daemon.air import Air, AirEvent
from masterd.daemon.analysis.bench import AnalysisBench
from masterd.daemon.config import Config
from masterd.daemon.desk import Desk
from masterd.daemon.engine import Pair
from masterd.daemon.events import Events
from masterd.daemon.health import Health
from masterd.daemon.macros import Macros
from masterd.daemon.meters import MeterDesk
from masterd.daemon.presets import Presets
from masterd.daemon.state import Change, Saved, State
from masterd.daemon.store import Store

FALLBACK_PRESET = "broadcast"


def beginning(config: Config, presets: Presets, store: Store) -> tuple[State, Pair | None, dict[str, str]]:
    """The state to start with, as it was left or else the configured preset; where the leveller stood; and alarms by code, since
    what is wrong never means silence."""
    alarms: dict[str, str] = {}
    saved, problems = store.load()
    if problems:
        alarms["state_set_aside"] = "; ".join(problems)
    agc_gain_db = saved.agc_gain_db if saved else None
    if saved and config.state.restore:
        return State(saved, macros=macros_of(presets, saved.preset)), agc_gain_db, alarms
    name = config.daemon.preset
    try:
        values = presets.load(name).values
    except UnknownPreset as reason:
        alarms["preset_missing"] = f"{reason}; {FALLBACK_PRESET} is used"
        name, values = FALLBACK_PRESET, presets.load(FALLBACK_PRESET).values
    fresh = Saved(saved.revision + 1 if saved else 0, name, values, values)
    return State(fresh, macros=macros_of(presets, name)), agc_gain_db, alarms


def macros_of(presets: Presets, name: str) -> Macros:
    """The curves of a preset; none when it is gone."""
    try:
        return presets.load(name).macros
    except UnknownPreset:
        return {}


def assemble(config: Config, folder: Path, send: Callable[[bytes], object], soon: Callable[..., object]) -> tuple[Desk, Store]:
    """A desk whose audio has not started. `folder` is the state's, `send` publishes an encoded event, `soon` calls a function in
    the control thread."""
    presets, store = Presets(folder / "presets"), Store(folder)
    state, agc_gain_db, alarms = beginning(config, presets, store)
    boot_id = secrets.token_hex(8)
    events = Events(boot_id, send, lambda: state.revision)
    health = Health(lambda code, message, active: events(Alarm, code=code, message=message, active=active))

    def on_monitor_event(event: AirEvent) -> None:
        soon(desk.on_monitor_event, event)

    def on_air_event(event: AirEvent) -> None:
        soon(desk.on_air_event, event)

    air = Air(audio.settings(config), on_air_event, audio.programme(config), audio.recording(config), audio.session(config))
    analysis = AnalysisBench(air, soon, lambda wish, report, origin: desk.analysed(wish, report, origin))
    desk = Desk(
        config.daemon.name, config, state, presets, air, events, health, MeterDesk(boot_id), analysis, agc_gain_db=agc_gain_db
    )
    desk.monitor = listening.monitor(config, air, on_monitor_event)

    def publish(change: Change) -> None:
        if change.changes:
            air.publish(state.values, change.glide_ms)

    state.listeners += [publish, events.changed]
    for code, message in alarms.items():
        health.set(code, message)
    desk.presets_broken()
    return desk, store
