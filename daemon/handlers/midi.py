"""MIDI: what people want of the processes that hear it, and what those report."""

from __future__ import annotations

from typing import Any

from masterd.control import protocol as ask
from masterd.control.errors import BadRequest, UnsafeParameter
from masterd.control.parameters import is_unsafe, parameter
from masterd.control.protocol.midi import MAX_MONITOR_S
from masterd.daemon.desk import Desk
from masterd.daemon.handlers.checks import Handlers


def midi_list(desk: Desk, request: ask.MidiList) -> Any:  # noqa: D103
    return desk.midi.state


def midi_learn(desk: Desk, request: ask.MidiLearn) -> Any:  # noqa: D103
    target = parameter(request.parameter)
    if is_unsafe(target) and not request.allow_unsafe:
        raise UnsafeParameter(target.id, '"allow_unsafe": true')
    return desk.midi.learn(target.id, request.box, request.allow_unsafe, request.origin)


def midi_learn_confirm(desk: Desk, request: ask.MidiLearnConfirm) -> Any:  # noqa: D103
    return desk.midi.confirm()


def midi_learn_cancel(desk: Desk, request: ask.MidiLearnCancel) -> Any:  # noqa: D103
    return desk.midi.cancel(f"by {request.origin}" if request.origin else "")


def midi_monitor(desk: Desk, request: ask.MidiMonitor) -> Any:  # noqa: D103
    if not 0 < request.seconds <= MAX_MONITOR_S:
        raise BadRequest(f"seconds: {request.seconds:g} is not above 0, to {MAX_MONITOR_S:g}")
    desk.midi.monitor(request.seconds)


def midi_report(desk: Desk, request: ask.MidiReport) -> Any:  # noqa: D103
    return desk.midi.report(request)


HANDLERS: Handlers = {
    ask.MidiList: midi_list,
    ask.MidiLearn: midi_learn,
    ask.MidiLearnConfirm: midi_learn_confirm,
    ask.MidiLearnCancel: midi_learn_cancel,
    ask.MidiMonitor: midi_monitor,
    ask.MidiReport: midi_report,
}
