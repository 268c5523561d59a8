"""Every profile end to end: its simulated controller on JACK MIDI ports, `masterctl midi run`, a real daemon. One server and one
daemon serve them all; what is played are the scripts of tests/control/test_midi_profiles.py."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from instruments.box import Box as Ports
from instruments.daemon import Daemon
from instruments.jackd import Server, jackd, needs_jack
from instruments.surfaces import BOXES, Act, Box
from instruments.surfaces.mackie import MackieControl

pytestmark = [pytest.mark.jack, needs_jack]
pytest.importorskip("rtmidi")

WITHIN_S = 20
LEVEL = 0xD0
"""Meters never rest."""
QUIET_S = 0.05
"""No hand is so fast that it presses while the lights still change."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with jackd(period_frames=512) as running:  # who misses a period on a busy machine loses what came in it
        yield running


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with Daemon() as running:
        yield running


@pytest.fixture(scope="module")
def run(server: Server, daemon: Daemon) -> Iterator[Path]:
    """One MIDI process for all of them, with the maps that the boxes want; the others it must recognise. Its log."""
    folder = daemon.folder / "config" / "midi"
    folder.mkdir(parents=True)
    for kind in BOXES:
        if kind.map:
            (folder / f"{kind.__name__}.toml").write_text(kind.map)
    log = daemon.folder / "midi.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "masterd.control.cli.main", "midi", "run"]
        hand = subprocess.Popen(command, env=server.env | daemon.here(), stdout=output, stderr=output)
    try:
        yield log
        hand.terminate()
        assert hand.wait(WITHIN_S) == 0
    finally:
        hand.kill()
        hand.wait()


class Play:
    """A simulated controller that is plugged in."""

    def __init__(self, server: Server, daemon: Daemon, log: Path, box: Box) -> None:
        self.box, self.daemon, self.log = box, daemon, log
        daemon.ask(op="preset.load", name="flat", glide_ms=0)
        self.log_at = len(log.read_text())
        self.ports = Ports(server, box.port)
        self.is_plugged = True
        self.wait_for("ready")

    def wait_for(self, state: str) -> None:
        line = f"{self.box.port} sends:out: {state}"
        self.wait_until(lambda: "" if line in self.log.read_text()[self.log_at :] else f"not {state}", state)

    def wait_until(self, wrong: Callable[[], str], words: str) -> None:
        until = time.monotonic() + WITHIN_S
        while reason := wrong():
            assert time.monotonic() < until, f"{words}: {reason}\n{self.log.read_text()}"
            time.sleep(0.005)
            if self.is_plugged:
                self.pump()

    def pump(self) -> bool:
        """What came shows on the box, and the box answers; whether anything came but levels."""
        came = self.ports.lights()
        answers = [answer for message in came for answer in self.box.hear(bytes(message))]
        if answers:
            self.ports.send(*answers)
        return any(message[0] != LEVEL for message in came)

    def settle(self) -> None:
        """Until the lights rest."""
        quiet_s = 0.0
        while quiet_s < QUIET_S:
            time.sleep(0.005)
            quiet_s = 0.0 if self.pump() else quiet_s + 0.005

    def act(self, act: Act) -> None:
        self.settle()
        if act.hand:
            self.ports.send(*act.hand())
        if act.daemon:
            self.daemon.ask(op="set", values=act.daemon)
        self.wait_until(lambda: self.wrong(act), act.words)
        time.sleep(act.wait_s if act.wait_s > Act.wait_s else 0)

    def close(self) -> None:
        """Unplugged, and let go: while a client leaves JACK, what others send may be lost."""
        self.log_at = len(self.log.read_text())
        self.ports.unplug()
        self.is_plugged = False
        self.wait_for("lost")
        self.ports.close()

    def wrong(self, act: Act) -> str:
        values = self.daemon.ask(op="get", ids=list(act.values))["result"] if act.values else {}
        wanted = {id: pytest.approx(it) if type(it) is float else it for id, it in act.values.items()}
        if values != wanted:
            return f"{values} is not {wanted}"
        seen = {what: self.box.seen.get(what) for what in act.seen}
        if seen != act.seen:
            return f"{seen} is not {act.seen}"
        preset = self.daemon.ask(op="status")["result"]["preset"] if act.preset else ""
        return f"the preset is {preset}" if preset != act.preset else ""


def test_the_programme_is_seen_on_meters(server: Server, daemon: Daemon, run: Path) -> None:
    box = MackieControl()
    play = Play(server, daemon, run, box)
    try:
        daemon.ask(op="set", values={"limiter.drive_db": 24.0})
        levels = [f"meter {column}" for column in (1, 2, 3, 4, 8)]  # in, out, what the limiter takes
        play.wait_until(lambda: "" if all(box.seen.get(it, 0) > 0 for it in levels) else f"{box.seen}", "levels")
    finally:
        play.close()


@pytest.mark.parametrize("kind", BOXES, ids=lambda kind: kind.__name__)
def test_a_script_is_played_over_jack(server: Server, daemon: Daemon, run: Path, kind: type[Box]) -> None:
    box = kind()
    play = Play(server, daemon, run, box)
    try:
        for act in box.script():
            if not act.meters:  # nobody can tell a daemon what to measure
                play.act(act)
    finally:
        play.close()
