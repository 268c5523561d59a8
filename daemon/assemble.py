"""Puts the parts of a daemon together: what it starts with, and who is told when something changes."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from pathlib import Path

from masterd.control.errors import UnknownPreset
from masterd.control.protocol import Alarm
from masterd.daemon import audio, listening
from masterd.daemon.air import Air, AirEvent
from masterd.daemon.analysis.bench import AnalysisBench
from masterd.daemon.audit import Audit
from masterd.daemon.config import Config
from masterd.daemon.desk import Desk
from masterd.daemon.events import Events
from masterd.daemon.hands_off import HandsOff
from masterd.daemon.health import Health
from masterd.daemon.macros import Macros
from masterd.daemon.meters import MeterDesk
from masterd.daemon.midi_desk import MidiDesk
from masterd.daemon.presets import Presets
from masterd.daemon.state import Change, Saved, State
from masterd.daemon.store import Store
from masterd.daemon.trial import Trials, gone_back

FALLBACK_PRESET = "broadcast"


def beginning(config: Config, presets: Presets, store: Store) -> tuple[State, Saved | None, dict[str, str]]:
    """The state to start with, as it was left or else the configured preset; all that was kept; and alarms by code, since what is
    wrong never means silence."""
    alarms: dict[str, str] = {}
    saved, problems = store.load()
    if problems:
        alarms["state_set_aside"] = "; ".join(problems)
    if saved and config.state.restore:
        there = gone_back(saved)
        return State(there, macros=macros_of(presets, there.preset)), saved, alarms
    name = config.daemon.preset
    try:
        values = presets.load(name).values
    except UnknownPreset as reason:
        alarms["preset_missing"] = f"{reason}; {FALLBACK_PRESET} is used"
        name, values = FALLBACK_PRESET, presets.load(FALLBACK_PRESET).values
    fresh = Saved(saved.revision + 1 if saved else 0, name, values, values)
    return State(fresh, macros=macros_of(presets, name)), saved, alarms


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
    state, saved, alarms = beginning(config, presets, store)
    boot_id = secrets.token_hex(8)
    events = Events(boot_id, send, lambda: state.revision)
    health = Health(lambda code, message, active: events(Alarm, code=code, message=message, active=active))

    def on_monitor_event(event: AirEvent) -> None:
        soon(desk.on_monitor_event, event)

    def on_air_event(event: AirEvent) -> None:
        soon(desk.on_air_event, event)

    air = Air(audio.settings(config), on_air_event, audio.programme(config), audio.recording(config), audio.session(config))
    analysis = AnalysisBench(air, soon, lambda wish, report, origin: desk.analysed(wish, report, origin))

    def audit_told(why: str | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            soon(health.set, "audit_not_written", why)

    def publish(change: Change) -> None:
        if change.changes:
            air.publish(state.values, change.glide_ms)

    state.listeners += [publish, events.changed]
    desk = Desk(
        name=config.daemon.name,
        config=config,
        state=state,
        presets=presets,
        air=air,
        events=events,
        health=health,
        meters=MeterDesk(boot_id),
        analysis=analysis,
        midi=MidiDesk(events),
        hands_off=HandsOff(lambda lock: desk.lock_changed(lock), saved.lock if saved else None),
        trials=Trials(state, lambda outcome, trial: desk.trial_changed(outcome, trial)),
        audit=Audit(folder, audit_told),
        agc_gain_db=saved.agc_gain_db if saved else None,
    )
    desk.monitor = listening.monitor(config, air, on_monitor_event)
    for code, message in alarms.items():
        health.set(code, message)
    desk.presets_broken()
    desk.write_down("start", revision=state.revision, details={"version": desk.version})
    if saved and saved.unconfirmed:
        desk.write_down("revert", revision=state.revision, details={"why": "restarted before it was confirmed"})
    return desk, store
