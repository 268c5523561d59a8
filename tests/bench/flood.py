"""A MIDI flood and the others: what a cable's full rate, and a hundred times that, does to other clients' requests and the sound.

jackplay sends control changes flat out from a port of its own while it plays a tone through the daemon. They turn a parameter
that makes no sound, so the whole way is flooded, up to new coefficients for the engine, and the output must nevertheless repeat
itself to the last bit. Meanwhile another client asks and is timed; requests during which the machine stood still, by the
canaries, are left out and counted.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import zmq
from instruments.daemon import Daemon
from instruments.daemon_on_jack import daemon_on_jack
from instruments.jackd import can_be_realtime, jackd
from instruments.jackplay import PORTS_IN, PORTS_OUT, playing
from instruments.on_air import eventually

from bench.knob import PERIOD_FRAMES, RATE_HZ, TONE_FRAMES, tone

CABLE_PER_S = 31250 / 10 / 3
"""Messages of three bytes, ten bits each, that a MIDI cable carries."""

CC, PARAMETER = 7, "eq.5.gain_db"
"""A band that is off: turning it is everything but heard."""

BEGIN_S, END_S = 1.5, 0.5
ASK_EVERY_S = 0.004
EXCUSE_S = 0.004
AIM_P99_MS = 20.0
MAP = f'port = "^jackplay"\n[[control]]\ncc = {CC}\nparameter = "{PARAMETER}"\ntakeover = "jump"\nfeedback = false\n'


@dataclass(frozen=True)
class Row:
    """One run."""

    messages_per_s: float
    sent: int
    lost: int
    """For which JACK's own buffer had no room."""

    revisions_per_s: float
    """How often the state changed: what is left of the flood."""

    asked: int
    excused: int
    p50_ms: float
    p99_ms: float
    longest_ms: float
    changed_frames: int
    """Of the output, that were not what they were a period of the tone before."""

    xruns: int
    unexcused_xruns: int
    stalls: int
    last_value_arrived: bool
    log: str


class Asking(threading.Thread):
    """Another client: asks for a value again and again, and notes when and how long it took."""

    def __init__(self, daemon: Daemon) -> None:
        super().__init__()
        self.took: list[tuple[float, float]] = []
        self._socket = daemon.connect(zmq.DEALER)
        self._over = threading.Event()

    def run(self) -> None:
        question = msgspec.json.encode({"op": "get", "ids": ["limiter.drive_db"]})
        while not self._over.is_set():
            began_s = time.monotonic()
            self._socket.send(question)
            self._socket.recv()
            self.took.append((began_s, time.monotonic() - began_s))
            time.sleep(ASK_EVERY_S)

    def end(self) -> list[tuple[float, float]]:
        self._over.set()
        self.join()
        return self.took


def flood(messages_per_s: float, seconds: float) -> list[tuple[int, tuple[int, int, int]]]:
    """Values up and down, evenly in time, the last one 127."""
    count = int(messages_per_s * seconds)
    frames = (RATE_HZ * (BEGIN_S + np.arange(count) / messages_per_s)).astype(int)
    return [(int(frame), (0xB0, CC, number * 37 % 127)) for number, frame in enumerate(frames)] + [
        (int(frames[-1]) + 1, (0xB0, CC, 127))
    ]


def measure(messages_per_s: float, seconds: float) -> Row:
    """One run with that many control changes a second."""
    events = flood(messages_per_s, seconds) if messages_per_s else [(1, (0xB0, CC, 127))]
    with rig() as (server, daemon):
        whole_s = BEGIN_S + seconds + END_S
        options = ("--canary", "--seconds", str(whole_s))
        with playing(server, tone(int(whole_s * RATE_HZ)), PORTS_IN, PORTS_OUT, *options, events=events) as player:
            player.wait_until_playing()
            time.sleep(BEGIN_S)
            before = daemon.ask(op="status")["result"]["revision"]
            asking = Asking(daemon)
            asking.start()
            time.sleep(seconds)
            took = asking.end()
            revisions = daemon.ask(op="status")["result"]["revision"] - before
            report, heard = player.result(whole_s + 30)
        value = daemon.ask(op="get", ids=[PARAMETER])["result"][PARAMETER]
        return judged(messages_per_s, took, report, heard, revisions / seconds, value == 24.0, daemon.log)


@contextmanager
def rig() -> Iterator[tuple[Any, Daemon]]:
    with tempfile.TemporaryDirectory() as folder, jackd(RATE_HZ, PERIOD_FRAMES) as server:
        path = Path(folder) / "map.toml"
        path.write_text(MAP)
        with daemon_on_jack(server, "flat", midi_map=path) as daemon:
            eventually(lambda: "following" in daemon.log, daemon.log)
            yield server, daemon


def judged(
    messages_per_s: float,
    took: list[tuple[float, float]],
    report: dict[str, Any],
    heard: Any,
    rate: float,
    arrived: bool,
    log: str,
) -> Row:
    stood_still = [
        any(at < began + lasted + EXCUSE_S and at + ms / 1000 > began - EXCUSE_S for at, ms in report["stalls"])
        for began, lasted in took
    ]
    good = 1000 * np.array([lasted for (_, lasted), excused in zip(took, stood_still, strict=True) if not excused])
    return Row(
        messages_per_s=messages_per_s,
        sent=report["midi_sent"],
        lost=report["midi_lost"],
        revisions_per_s=rate,
        asked=len(good),
        excused=sum(stood_still),
        p50_ms=float(np.percentile(good, 50)),
        p99_ms=float(np.percentile(good, 99)),
        longest_ms=float(good.max()),
        changed_frames=changed(heard, report["holes"]),
        xruns=report["xruns"],
        unexcused_xruns=report["unexcused_xruns"],
        stalls=len(report["stalls"]),
        last_value_arrived=arrived,
        log=log,
    )


def changed(heard: Any, holes: list[tuple[int, int]]) -> int:
    """Frames after the first second that differ from those a period before; what was not captured, and the gap it leaves in the
    tone, is left out."""
    differs = (heard[RATE_HZ:] != heard[RATE_HZ - TONE_FRAMES : -TONE_FRAMES]).any(axis=1)
    for at, frames in holes:
        differs[max(0, at - RATE_HZ - TONE_FRAMES) : max(0, at + frames - RATE_HZ + RATE_HZ // 10)] = False
    return int(differs.sum())


def possible() -> bool:
    return can_be_realtime()


if __name__ == "__main__":
    for times in (0, 1, 100):
        print(measure(times * CABLE_PER_S, float(sys.argv[1])))
