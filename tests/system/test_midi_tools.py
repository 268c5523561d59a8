"""The tools around MIDI with everything real: a daemon, `masterctl midi run` with several boxes on JACK, and other clients that
learn, list, watch and change maps through them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zmq
from instruments.box import Box
from instruments.child import Child
from instruments.daemon import Daemon
from instruments.jackd import Server, jackd, needs_jack

from masterd.control.parameters import PARAMETERS, Value

pytestmark = [pytest.mark.jack, needs_jack]
pytest.importorskip("rtmidi")

WITHIN_S = 20
MASTERCTL = [sys.executable, "-m", "masterd.control.cli.main"]
GREY = 'port = "^grey"\n[[control]]\ncc = 7\nparameter = "compressor.threshold_db"\n'
TINY = """\
title = "A tiny box"
port = "^tiny"
automatic = true
[[controls]]
name = "knob"
kind = "knob"
cc = 20
[[controls]]
name = "button"
note = 30
light = {}
[[map.control]]
control = "knob"
parameter = "eq.4.gain_db"
takeover = "jump"
"""


@dataclass
class Rig:
    """Everything that runs: a box with a map, one that nobody knows, one of a make that the user's own profile describes."""

    server: Server
    daemon: Daemon
    grey: Box
    stranger: Box
    tiny: Box
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def maps(self) -> Path:
        return self.daemon.folder / "config" / "midi"

    def value(self, id: str) -> Value:
        value: Value = self.daemon.ask(op="get", ids=[id])["result"][id]
        return value

    def wait_until(self, is_so: Callable[[], Any]) -> Any:
        until = time.monotonic() + WITHIN_S
        while not (so := is_so()):
            assert time.monotonic() < until, f"{self.log.read_text()}\n{self.state}"
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.01)
        return so

    @property
    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.daemon.ask(op="midi.list")["result"]
        return state

    def boxes(self) -> dict[str, dict[str, Any]]:
        return {box["name"]: box for process in self.state["processes"] for box in process["boxes"]}

    def is_ready(self, *names: str) -> bool:
        boxes = self.boxes()
        return all(name in boxes and boxes[name]["state"] == "ready" for name in names)

    def wait_for_step(self, step: str) -> dict[str, Any]:
        learning: dict[str, Any] = self.wait_until(lambda: (it := self.state["learning"]) and it["step"] == step and it)
        return learning

    def start(self, *arguments: str) -> Child[str]:
        environment = self.server.env | self.daemon.here()
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return Child([*MASTERCTL, "midi", *arguments], env=environment, text=True, **pipes)  # type: ignore[call-overload]

    def said(self, *arguments: str, code: int = 0) -> str:
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=WITHIN_S)
        assert process.returncode == code, err
        return out if code == 0 else err


def wait_for_line(process: subprocess.Popen[str], word: str) -> None:
    assert process.stderr
    said = ""
    while word not in (line := process.stderr.readline()):
        said += line
        assert line, f"it ended before it said {word!r}: {said}"


@contextmanager
def boxes_of(server: Server, *names: str) -> Iterator[list[Box]]:
    made: list[Box] = []
    try:
        for name in names:
            made.append(Box(server, name))
        yield made
    finally:
        for box in made:
            box.close()


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    log = tmp_path_factory.mktemp("midi") / "log"
    with jackd(period_frames=64) as server, Daemon(config='[daemon]\npreset = "flat"\n') as daemon:
        maps = daemon.folder / "config" / "midi"
        (maps / "profiles").mkdir(parents=True)
        (maps / "grey.toml").write_text(GREY)
        (maps / "bad.toml").write_text("[[control]]\ncc = 7\nparameter = 'no.such'\n")
        (maps / "profiles" / "tiny.toml").write_text(TINY)
        with boxes_of(server, "grey", "stranger", "tiny") as boxes, log.open("wb") as output:
            command = [*MASTERCTL, "midi", "run"]
            process = subprocess.Popen(command, env=server.env | daemon.here(), stdout=output, stderr=output)
            try:
                made = Rig(server, daemon, *boxes, process, log)
                made.wait_until(lambda: made.is_ready("grey", "tiny"))
                yield made
                process.terminate()
                assert process.wait(WITHIN_S) == 0, log.read_text()
            finally:
                process.kill()
                process.wait()


@pytest.fixture(autouse=True)
def nothing_is_being_learned(rig: Rig) -> None:
    """Also after a test that failed in the middle."""
    rig.daemon.ask(op="midi.learn.cancel")


def test_boxes_are_listed_with_their_makes_and_with_what_is_wrong(rig: Rig) -> None:
    listed = json.loads(rig.said("list", "--json"))
    boxes = {box["name"]: box for process in listed["processes"] for box in process["boxes"]}
    assert {name: (box["state"], box["profile"]) for name, box in boxes.items()} == {
        "grey": ("ready", "generic"),
        "tiny": ("ready", "tiny"),
        "bad": ("absent", ""),
    }
    assert boxes["grey"]["turns"] == {"cc 7 channel 1": "compressor.threshold_db"}
    assert "line 3" in boxes["bad"]["problem"]
    assert "no.such" in boxes["bad"]["problem"]
    assert listed["ports"]["tiny sends:out"] == {"sends": True, "receives": False, "profile": "tiny"}
    table = rig.said("list")
    assert "grey" in table
    assert "no.such" in table


def test_a_make_that_is_known_works_without_a_map(rig: Rig) -> None:
    rig.tiny.send((0xB0, 20, 127))
    rig.wait_until(lambda: rig.value("eq.4.gain_db") == PARAMETERS["eq.4.gain_db"].max)


def test_learning_over_the_protocol_on_a_box_nobody_knew(rig: Rig) -> None:
    """As a web page on another machine would: it asks, and watches the events."""
    events = rig.daemon.connect(zmq.SUB, "events", b"")
    assert events.poll(5000)
    asked = rig.daemon.ask(op="midi.learn", parameter="eq.1.gain_db", origin="web")["result"]
    assert asked["step"] == "asked"
    rig.wait_for_step("listening")
    before = rig.value("eq.1.gain_db")
    rig.stranger.send(*[(0xB2, 16, 1)] * 8)
    assert rig.wait_for_step("right_heard")["control"] == "cc 16 channel 3"
    rig.stranger.send(*[(0xB2, 16, 65)] * 8)
    learned = rig.wait_for_step("learned")
    assert (learned["encoding"], learned["box"], learned["origin"]) == ("sign_magnitude", "stranger_sends_out", "web")
    assert rig.value("eq.1.gain_db") == before  # what was turned to be learned turned nothing
    assert "cc = 16" in (rig.maps / "stranger_sends_out.toml").read_text()
    rig.wait_until(lambda: rig.is_ready("stranger_sends_out"))
    rig.stranger.send((0xB2, 16, 3))
    rig.wait_until(lambda: rig.value("eq.1.gain_db") != before)
    steps: list[str] = []
    while "learned" not in steps:
        assert events.poll(5000)
        event = msgspec.json.decode(events.recv())
        if event["type"] == "midi" and event["state"]["learning"] and steps[-1:] != [event["state"]["learning"]["step"]]:
            steps.append(event["state"]["learning"]["step"])
    assert steps == ["asked", "listening", "right_heard", "learned"]


def test_a_control_that_does_something_is_asked_about(rig: Rig) -> None:
    for answer, turns in (("n\n", "compressor.threshold_db"), ("y\n", "eq.2.gain_db")):
        with rig.start("learn", "eq.2.gain_db", "--port", "grey") as process:
            wait_for_line(process, "to the right")
            rig.grey.send(*((0xB0, 7, value) for value in range(20, 60)))
            wait_for_line(process, "to the left")
            rig.grey.send(*((0xB0, 7, value) for value in range(60, 20, -1)))
            out, err = process.communicate(answer, timeout=WITHIN_S)
        assert "does compressor.threshold_db: shall it turn eq.2.gain_db instead?" in err
        assert process.returncode == (0 if turns == "eq.2.gain_db" else 1)
        assert ("of grey turns eq.2.gain_db" in out) == (turns == "eq.2.gain_db")
        rig.wait_until(lambda turns=turns: rig.boxes()["grey"]["turns"] == {"cc 7 channel 1": turns})
    (rig.maps / "grey.toml").write_text(GREY)
    rig.wait_until(lambda: rig.boxes()["grey"]["turns"] == {"cc 7 channel 1": "compressor.threshold_db"})


def test_learning_can_be_cancelled_from_elsewhere_and_nobody_else_may_begin(rig: Rig) -> None:
    rig.daemon.ask(op="midi.learn", parameter="eq.3.gain_db", origin="web")
    rig.wait_for_step("listening")
    assert "eq.3.gain_db is being learned, for web" in rig.said("learn", "eq.1.gain_db", code=1)
    rig.daemon.ask(op="midi.learn.cancel", origin="tablet")
    assert rig.state["learning"]["message"] == "by tablet"
    assert rig.daemon.ask(op="midi.learn", parameter="limiter.ceiling_dbtp")["error"]["code"] == "unsafe_parameter"


def test_the_monitor_says_what_came_of_it(rig: Rig) -> None:
    rig.daemon.ask(op="set", values={"compressor.threshold_db": -3.0, "eq.4.gain_db": 0.0})
    with rig.start("monitor", "--json") as process:
        wait_for_line(process, "listening")
        rig.wait_until(lambda: "cc 7 channel 1" in rig.boxes()["grey"]["waiting"])
        rig.grey.send((0xB0, 7, 1), (0xB0, 99, 5))
        assert process.stdout
        told = {move["control"]: move for move in (json.loads(process.stdout.readline()) for _ in range(2))}
        assert told["cc 7 channel 1"]["bytes"] == "B0 07 01"
        assert told["cc 7 channel 1"]["did"].startswith("waiting: turn to -3.0 dB")
        assert told["cc 99 channel 1"]["did"] == "nothing: not in the map, or not on this page"
        rig.tiny.send((0xB0, 20, 127))
        assert json.loads(process.stdout.readline())["did"] == "eq.4.gain_db: 24.0 dB"
        process.terminate()
        assert process.wait(WITHIN_S) == 0
    assert rig.value("compressor.threshold_db") == -3.0


def test_a_map_is_shown_and_changed_and_counts_at_once(rig: Rig) -> None:
    path = str(rig.maps / "grey.toml")
    add = rig.said("map", "add", "cc:8@2", "eq.5.gain_db", "--set", "min=-6", "--set", "takeover=jump", "--map", path)
    assert add.startswith("cc 8 channel 2 does eq.5.gain_db now")
    rig.wait_until(lambda: "cc 8 channel 2" in rig.boxes()["grey"]["turns"])
    rig.wait_until(lambda: not rig.grey.send((0xB1, 8, 0)) and rig.value("eq.5.gain_db") == -6)
    (shown,) = json.loads(rig.said("map", "--map", path, "--json"))
    assert [(row["address"], row["does"], row["how"]) for row in shown["controls"]] == [
        ("cc 7 channel 1", "compressor.threshold_db", "pickup"),
        ("cc 8 channel 2", "eq.5.gain_db", "jump, -6 to 24"),
    ]
    removed = json.loads(rig.said("map", "remove", "cc:8@2", "--map", path, "--json"))
    assert (removed["did"], removed["does"]) == (["eq.5.gain_db"], [])
    rig.wait_until(lambda: "cc 8 channel 2" not in rig.boxes()["grey"]["turns"])
    assert "--map" in rig.said("map", "remove", "cc:8", code=1)
    assert "right is cc:16" in rig.said("map", "add", "knob3", "eq.1.gain_db", "--map", path, code=2)


def test_a_bad_map_leaves_the_one_before_and_a_good_one_again_counts(rig: Rig) -> None:
    (rig.maps / "grey.toml").write_text(GREY.replace("cc = 7", "cc = 700"))
    rig.wait_until(lambda: "0 to 127" in rig.boxes()["grey"]["problem"])
    assert rig.boxes()["grey"]["turns"] == {"cc 7 channel 1": "compressor.threshold_db"}
    (rig.maps / "grey.toml").write_text(GREY)
    rig.wait_until(lambda: not rig.boxes()["grey"]["problem"])
    (rig.maps / "bad.toml").write_text('port = "^nowhere"\n')
    rig.wait_until(lambda: (box := rig.boxes().get("bad")) and not box["problem"])


def test_one_box_goes_and_comes_back_and_the_others_work_on(rig: Rig) -> None:
    rig.daemon.ask(op="set", values={"compressor.threshold_db": -3.0})
    rig.grey.unplug()
    rig.wait_until(lambda: rig.boxes()["grey"]["state"] in ("lost", "absent"))
    assert rig.value("compressor.threshold_db") == -3.0
    rig.tiny.send((0xB0, 20, 0))
    rig.wait_until(lambda: rig.value("eq.4.gain_db") == PARAMETERS["eq.4.gain_db"].min)
    assert "grey" in rig.log.read_text().splitlines()[-1]
    rig.grey.plug()
    rig.wait_until(lambda: rig.is_ready("grey"))
    rig.grey.send(*((0xB0, 7, value) for value in range(127, 60, -1)))
    rig.wait_until(lambda: rig.value("compressor.threshold_db") == PARAMETERS["compressor.threshold_db"].from_travel(61 / 127))


def test_two_boxes_of_one_name_are_both_heard_and_lit(rig: Rig) -> None:
    with boxes_of(rig.server, "tiny") as (second,):
        ready = [{"name": "tiny", "state": "ready"}] * 2
        names = ("name", "state")
        rig.wait_until(
            lambda: (
                [
                    {key: box[key] for key in names}
                    for process in rig.state["processes"]
                    for box in process["boxes"]
                    if box["name"] == "tiny"
                ]
                == ready
            )
        )
        for box, value in ((rig.tiny, 127), (second, 0), (rig.tiny, 127)):
            box.send((0xB0, 20, value))
            rig.wait_until(lambda value=value: rig.value("eq.4.gain_db") == (24 if value else -24))


def test_a_box_is_tried_light_by_light_and_control_by_control(rig: Rig) -> None:
    with rig.start("test", "--port", "tiny", "--seconds", "3", "--json") as process:
        wait_for_line(process, "shows button")
        wait_for_line(process, "turn knob")
        rig.tiny.send((0xB0, 20, 5), (0xB0, 20, 9))
        wait_for_line(process, "press button")
        rig.tiny.send((0xB0, 21, 1))
        out = process.communicate(timeout=WITHIN_S)[0]
    assert process.returncode == 1
    told = json.loads(out)
    assert (told["profile"], told["silent"]) == ("tiny", ["button"])
    knob, button = told["controls"]
    assert (knob["heard"], knob["low"], knob["high"]) == (2, 5, 9)
    assert button["others"] == ["cc 21 channel 1"]
    assert [0x90, 30, 127] in rig.tiny.lights()


def test_a_process_that_ends_takes_leave(rig: Rig) -> None:
    environment = rig.server.env | rig.daemon.here()
    (rig.daemon.folder / "second.toml").write_text('port = "^nowhere"\n')
    command = [*MASTERCTL, "midi", "run", "--map", str(rig.daemon.folder / "second.toml")]
    with Child(command, env=environment, stderr=subprocess.DEVNULL) as second:
        rig.wait_until(lambda: len(rig.state["processes"]) == 2)
        second.terminate()
        assert second.wait(WITHIN_S) == 0
        assert len(rig.state["processes"]) == 1
