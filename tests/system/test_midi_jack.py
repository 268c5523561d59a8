"""A simulated knob on a JACK MIDI port turns a real daemon through `masterctl midi run`, and the daemon lights it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from instruments.box import Box
from instruments.child import Child
from instruments.daemon import Daemon
from instruments.jackd import Server, client_environment, jackd, needs_jack

from masterd.control.midi.encodings import Encoding
from masterd.control.midi.mapfile import load
from masterd.control.midi.messages import Control, Kind
from masterd.control.parameters import PARAMETERS, Value

pytestmark = [pytest.mark.jack, needs_jack]
pytest.importorskip("rtmidi")

MAP = """
port = "^box"
[[control]]
cc = 7
parameter = "compressor.threshold_db"
takeover = "jump"
[[control]]
cc = 8
parameter = "eq.1.frequency_hz"
bits = 14
takeover = "jump"
[[control]]
cc = 16
parameter = "eq.1.gain_db"
encoding = "twos_complement"
[[control]]
note = 40
parameter = "bypass.on"
"""
WITHIN_S = 20


@dataclass
class Rig:
    """Everything that runs."""

    server: Server
    daemon: Daemon
    box: Box
    hand: subprocess.Popen[bytes]
    log: Path

    def value(self, id: str) -> Value:
        value: Value = self.daemon.ask(op="get", ids=[id])["result"][id]
        return value

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        until = time.monotonic() + WITHIN_S
        while not is_so():
            assert time.monotonic() < until, f"{self.log.read_text()}\n{self.daemon.log}"
            assert self.hand.poll() is None, self.log.read_text()
            time.sleep(0.01)

    def turn_until(self, message: tuple[int, int, int], is_so: Callable[[], bool]) -> None:
        """As a hand would that sees nothing happen: JACK loses what is sent in a cycle that the machine slept through."""
        sent_s = float("-inf")

        def has_happened() -> bool:
            nonlocal sent_s
            if time.monotonic() > sent_s + 1:
                self.box.send(message)
                sent_s = time.monotonic()
            return is_so()

        self.wait_until(has_happened)

    def wait_for_light(self, message: list[int]) -> None:
        seen: list[list[int]] = []

        def has_come() -> bool:
            seen.extend(self.box.lights())
            return message in seen

        self.wait_until(has_come)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    (tmp_path / "map.toml").write_text(MAP)
    log = tmp_path / "midi.log"
    with jackd(period_frames=256) as server, Daemon() as daemon:
        box = Box(server)
        command = [sys.executable, "-m", "masterd.control.cli.main", "midi", "run", "--map", str(tmp_path / "map.toml")]
        with log.open("wb") as output:
            hand = subprocess.Popen(command, env=server.env | daemon.here(), stdout=output, stderr=output)
        try:
            made = Rig(server, daemon, box, hand, log)
            made.wait_until(lambda: "following" in log.read_text() and "ready" in log.read_text())
            yield made
            hand.terminate()
            assert hand.wait(WITHIN_S) == 0, log.read_text()
        finally:
            hand.kill()
            hand.wait()
            box.close()


def test_a_turn_is_heard_and_shown(rig: Rig) -> None:
    rig.box.send((0xB0, 7, 64))
    rig.wait_until(lambda: rig.value("compressor.threshold_db") == PARAMETERS["compressor.threshold_db"].from_travel(64 / 127))
    rig.box.send((0xB0, 8, 100), (0xB0, 40, 3))
    wanted = PARAMETERS["eq.1.frequency_hz"].from_travel((100 * 128 + 3) / 16383)
    rig.wait_until(lambda: rig.value("eq.1.frequency_hz") == wanted)
    rig.daemon.ask(op="set", values={"eq.1.gain_db": 24.0, "bypass.on": False})
    rig.wait_for_light([0xB0, 16, 127])
    rig.box.send((0xB0, 16, 127))
    rig.wait_until(lambda: rig.value("eq.1.gain_db") == 24 - 48 / 128)
    rig.wait_for_light([0xB0, 16, 126])
    rig.box.send((0x90, 40, 127), (0x80, 40, 0))
    rig.wait_until(lambda: rig.value("bypass.on") is True)
    rig.wait_for_light([0x90, 40, 127])


def test_unplugged_and_plugged_in_again_it_works_and_is_lit_anew(rig: Rig) -> None:
    rig.daemon.ask(op="set", values={"bypass.on": True})
    rig.wait_for_light([0x90, 40, 127])
    for _ in range(2):
        rig.box.unplug()
        rig.wait_until(lambda: rig.log.read_text().rstrip().endswith("lost") or "absent" in rig.log.read_text()[-30:])
        rig.box.plug()
        rig.wait_for_light([0x90, 40, 127])
        rig.daemon.ask(op="set", values={"compressor.threshold_db": -1.0})
        rig.turn_until((0xB0, 7, 0), lambda: rig.value("compressor.threshold_db") == -60)


def test_a_flood_ends_at_the_newest_value_with_few_requests(rig: Rig) -> None:
    before = rig.daemon.ask(op="status")["result"]["revision"]
    began_s = time.monotonic()
    for start in range(0, 10_000, 500):
        rig.box.send(*((0xB0, 7, index * 31 % 127) for index in range(start, start + 500)))
    rig.box.send((0xB0, 7, 127))
    rig.wait_until(lambda: rig.value("compressor.threshold_db") == 0)
    requests = rig.daemon.ask(op="status")["result"]["revision"] - before
    assert requests <= (time.monotonic() - began_s) * 200 + 1


def test_a_restarted_daemon_is_found_again(tmp_path: Path, rig: Rig) -> None:
    rig.daemon.ask(op="set", values={"bypass.on": True})
    rig.wait_for_light([0x90, 40, 127])
    rig.daemon.stop()
    rig.box.send((0xB0, 7, 3))  # turned while nobody is there: must not go on air later
    rig.wait_until(lambda: "no daemon" in rig.log.read_text() or "said nothing" in rig.log.read_text())
    with Daemon(folder=rig.daemon.folder) as second:
        rig.wait_until(lambda: rig.log.read_text().count("following") == 2)
        rig.daemon = second
        assert rig.value("compressor.threshold_db") != PARAMETERS["compressor.threshold_db"].from_travel(3 / 127)
        rig.box.send((0xB0, 7, 127))
        rig.wait_until(lambda: rig.value("compressor.threshold_db") == 0)


def test_a_jack_server_that_dies_and_comes_back_is_found_again(rig: Rig) -> None:
    rig.box.close()
    rig.server.kill()
    rig.wait_until(lambda: "has died" in rig.log.read_text())
    with jackd(period_frames=64, name=rig.server.name) as again:
        rig.box = Box(again)
        rig.wait_until(lambda: rig.log.read_text().count("ready") == 2)
        rig.box.send((0xB0, 7, 127))
        rig.wait_until(lambda: rig.value("compressor.threshold_db") == 0)
        rig.box.close()


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[tuple[Server, Box]]:
    """A box and no daemon."""
    with jackd(period_frames=64) as server:
        box = Box(server)
        try:
            yield server, box
        finally:
            box.close()


def midi(server: Server, *arguments: str) -> Child[str]:
    command = [sys.executable, "-m", "masterd.control.cli.main", "midi", *arguments]
    return Child(command, env=server.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_line(process: subprocess.Popen[str], word: str) -> None:
    assert process.stderr
    while word not in (line := process.stderr.readline()):
        assert line, "it ended"


def test_ports_are_listed_without_our_own(bare: tuple[Server, Box]) -> None:
    with midi(bare[0], "list", "--json") as process:
        assert process.stdout
        listed = json.loads(process.stdout.read())
    ports = {
        "box sends:out": {"sends": True, "receives": False, "profile": ""},
        "box shows:in": {"sends": False, "receives": True, "profile": ""},
    }
    assert listed == {"processes": [], "system": "JACK", "ports": ports}


def test_the_monitor_shows_what_is_sent(bare: tuple[Server, Box]) -> None:
    server, box = bare
    with midi(server, "monitor", "--count", "2") as process:
        wait_for_line(process, "listening")
        box.send((0xB0, 7, 64), (0x99, 36, 1))
        assert process.stdout
        lines = [line.split() for line in process.stdout.read().splitlines()]
    assert lines == [
        ["box", "sends:out", "B0", "07", "40", "cc", "7", "channel", "1:", "64"],
        ["box", "sends:out", "99", "24", "01", "note", "36", "channel", "10:", "1"],
    ]
    assert process.returncode == 0


def test_an_encoder_is_learned_by_turning_it(bare: tuple[Server, Box], tmp_path: Path) -> None:
    server, box = bare
    path = tmp_path / "learned.toml"
    with midi(server, "learn", "eq.1.gain_db", "--map", str(path), "--port", "box") as process:
        wait_for_line(process, "to the right")
        box.send(*[(0xB2, 16, 1)] * 8)
        wait_for_line(process, "to the left")
        box.send(*[(0xB2, 16, 65)] * 8)
        assert process.stdout
        assert "cc 16 channel 3 (sign_magnitude) of box_sends_out turns eq.1.gain_db" in process.stdout.read()
    (binding,) = load(path).bindings
    assert (binding.control, binding.encoding) == (Control(Kind.CC, 3, 16), Encoding.SIGN_MAGNITUDE)


def test_the_ceiling_is_not_learned_by_accident(bare: tuple[Server, Box], tmp_path: Path) -> None:
    with midi(bare[0], "learn", "limiter.ceiling_dbtp", "--map", str(tmp_path / "map.toml")) as process:
        assert process.stderr
        assert "--allow-unsafe" in process.stderr.read()
    assert process.returncode == 1


def test_without_any_midi_system_it_says_so() -> None:
    if Path("/dev/snd/seq").exists():
        pytest.skip("this machine has ALSA's sequencer")
    command = [sys.executable, "-m", "masterd.control.cli.main", "midi", "list"]
    nowhere = os.environ | client_environment("masterd-test-no-such-server")
    done = subprocess.run(command, env=nowhere, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "no ALSA sequencer (/dev/snd/seq) and no JACK server" in done.stderr
