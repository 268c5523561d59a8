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
from instruments.jackd import Server, jackd
from instruments.jackplay import PORTS_IN, PORTS_OUT, playing
from instruments.on_air import eventually

from bench.knob import PERIOD_FRAMES, RATE_HZ, TONE_FRAMES, tone

CABLE_PER_S = 31250 / 10 / 3
"""Messages of three bytes, ten bits each, that a MIDI cable carries."""

CC, PARAMETER = 7, "eq.5.gain_db"
"""A band that is off: turning it is everything but heard."""

BEGIN_S, END_S = 0.8, 0.4
STEADY_FRAMES = int(0.4 * RATE_HZ)
"""The tone has come through the chain for good by then."""

ASK_EVERY_S = 0.004
EXCUSE_S = 0.004
AIM_P99_MS = 20.0
Rig = tuple[Server, Daemon]
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

    @property
    def reached(self) -> bool:
        return self.p99_ms <= AIM_P99_MS and not self.changed_frames and self.last_value_arrived


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


def measure(rig: Rig, messages_per_s: float, seconds: float) -> Row:
    """One run with that many control changes a second, or without any."""
    events = flood(messages_per_s, seconds) if messages_per_s else [(1, (0xB0, CC, 127))]
    server, daemon = rig
    eventually(lambda: box_state(daemon) != "ready")  # the port of the run before is gone
    daemon.ask(op="set", values={PARAMETER: 0})
    whole_s = BEGIN_S + seconds + END_S
    options = ("--canary", "--seconds", str(whole_s))
    with playing(server, tone(int(whole_s * RATE_HZ)), PORTS_IN, PORTS_OUT, *options, events=events) as player:
        player.wait_until_playing()
        time.sleep(BEGIN_S)
        before = revision(daemon)
        asking = Asking(daemon)
        asking.start()
        time.sleep(seconds)
        took = asking.end()
        rate = (revision(daemon) - before) / seconds
        report, heard = player.result(whole_s + 30)
    value = daemon.ask(op="get", ids=[PARAMETER])["result"][PARAMETER]
    return judged(messages_per_s, took, report, heard, rate, value == 24.0)


def box_state(daemon: Daemon) -> str:
    (process,) = daemon.ask(op="midi.list")["result"]["processes"]
    return str(process["boxes"][0]["state"])


def revision(daemon: Daemon) -> int:
    return int(daemon.ask(op="status")["result"]["revision"])


@contextmanager
def flooded() -> Iterator[Rig]:
    """A server, and a daemon with its MIDI process."""
    with tempfile.TemporaryDirectory() as folder, jackd(RATE_HZ, PERIOD_FRAMES) as server:
        path = Path(folder) / "map.toml"
        path.write_text(MAP)
        with daemon_on_jack(server, "flat", midi_map=path) as daemon:
            eventually(lambda: len(daemon.ask(op="midi.list")["result"]["processes"]) == 1, daemon.log)
            yield server, daemon


def judged(
    messages_per_s: float, took: list[tuple[float, float]], report: dict[str, Any], heard: Any, rate: float, arrived: bool
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
    )


def changed(heard: Any, holes: list[tuple[int, int]]) -> int:
    """Frames that differ from those a period before; what was not captured, and the gap it leaves in the tone, is left out."""
    differs = (heard[TONE_FRAMES:] != heard[:-TONE_FRAMES]).any(axis=1)
    differs[:STEADY_FRAMES] = False
    for at, frames in holes:
        differs[max(0, at - TONE_FRAMES) : at + frames + RATE_HZ // 10] = False
    return int(differs.sum())


def run(seconds: float) -> list[Row]:
    """Without a flood, from a cable, from a program."""
    with flooded() as rig:
        return [measure(rig, times * CABLE_PER_S, seconds) for times in (0, 1, 100)]


def table(rows: list[Row]) -> str:
    """For people."""
    lines = [
        "| messages/s | others wait, p50 / p99 / longest | excused | changed frames | xruns, ours | revisions/s | |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        times = f"{row.p50_ms:.1f} / {row.p99_ms:.1f} / {row.longest_ms:.1f} ms"
        cells = [f"{row.messages_per_s:.0f}", times, f"{row.excused} of {row.asked + row.excused}", str(row.changed_frames)]
        cells += [f"{row.xruns}, {row.unexcused_xruns}", f"{row.revisions_per_s:.0f}", "reached" if row.reached else "MISSED"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(run(float(sys.argv[1]) if len(sys.argv) > 1 else 5)))
