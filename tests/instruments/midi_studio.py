"""A surface, a daemon's state and a simulated controller on one clock that goes when told to: no port, no socket, no waiting."""

from __future__ import annotations

from pathlib import Path

import msgspec

from instruments.surfaces.base import Act, Box
from masterd.control.midi.library import library
from masterd.control.midi.mapfile import default_map, parse
from masterd.control.midi.profile import Profile
from masterd.control.midi.surface import Surface
from masterd.control.parameters import Value
from masterd.control.protocol import (
    Adjust,
    Changed,
    Meters,
    PointMeters,
    PresetLoad,
    Redo,
    Request,
    Set,
    StateSnapshot,
    Undo,
    decode_request,
    encode_json,
)
from masterd.daemon.presets import Presets
from masterd.daemon.state import Change, State

STEP_S = 0.01
BOX_DELAY_S = 0.002
"""From a message at the box to its answer."""
QUIET = PointMeters((-200, -200), (-200, -200), (-200, -200), *[-200.0] * 7)


def frame(input: float = -200.0, output: float = -200.0, **reductions_db: float) -> Meters:
    """A meter frame with these peaks and reductions."""
    compressor, multiband = reductions_db.get("compressor", 0.0), reductions_db.get("multiband", 0.0)
    return Meters(
        0, "boot", 0.0, 0, 0, 0, 0, 0.0,
        msgspec.structs.replace(QUIET, true_peak_dbtp=(input, input)),
        msgspec.structs.replace(QUIET, true_peak_dbtp=(output, output)),
        (compressor, compressor), reductions_db.get("limiter", 0.0),
        multiband_reduction_db=((multiband, multiband),) * 6, clipper_reduction_db=reductions_db.get("clipper", 0.0),
    )  # fmt: skip


class Studio:
    """One box and one daemon."""

    def __init__(self, box: Box, profile: Profile | None = None) -> None:
        self.box = box
        known = profile or library(Path("/nowhere")).recognised(box.port)
        map = parse(box.map) if box.map else default_map(known) if known else parse("")
        self.surface = Surface(map, "box")
        self.presets = Presets(Path("/nowhere"))
        self.now_s = 10.0
        self.state = State(clock=lambda: self.now_s)
        self.state.listeners.append(self.tell)
        self.log: list[tuple[str, object]] = []
        """What went where, in order: "sends", "asks", "shows"."""
        self._seq = 0
        self._answers: list[bytes] = []

    def plug(self) -> None:
        """The daemon is there, and the box is plugged in."""
        values = dict(self.state.values)
        self.surface.follow(StateSnapshot(boot_id="a", seq=0, revision=0, preset="flat", dirty=False, values=values))
        self.surface.came()

    def tell(self, change: Change) -> None:
        self._seq += 1
        what = {"origin": change.origin, "cause": change.cause, "changes": dict(change.changes), "glide_ms": change.glide_ms}
        place = {"preset": change.preset, "dirty": change.dirty, "revision": change.revision}
        self.surface.changed(Changed(seq=self._seq, boot_id="a", time=0.0, **what, **place))  # type: ignore[arg-type]

    def send(self, messages: list[bytes]) -> None:
        for message in messages:
            self.log.append(("sends", message))
            self.surface.hear(message, self.now_s)

    def pass_time(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s += STEP_S
            answers, self._answers = self._answers, []
            self.send(answers)
            for request in self.surface.requests(self.now_s):
                self.log.append(("asks", request))
                self.do(decode_request(encode_json(request)))  # as it travels
            for message in self.surface.messages(self.now_s):
                self.log.append(("shows", message))
                self._answers += self.box.hear(message)

    def do(self, request: Request) -> None:
        match request:
            case Set():
                self.state.set(request.values, origin="box")
            case Adjust():
                self.state.adjust(request.values, travel=request.travel, origin="box")
            case PresetLoad():
                preset = self.presets.load(request.name)
                self.state.load(preset.name, preset.values, preset.macros, origin="box")
            case Undo():
                self.state.undo(origin="box")
            case Redo():
                self.state.redo(origin="box")

    def play(self, act: Act) -> None:
        """One line of a script."""
        if act.hand:
            self.send(list(act.hand()))
        if act.daemon:
            self.state.set(act.daemon, origin="somebody")
        if act.meters:
            self.surface.meters(frame(**act.meters))
        self.pass_time(act.wait_s)

    def value(self, id: str) -> Value:
        return self.state.values[id]
