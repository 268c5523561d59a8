"""Knob to audio: from a MIDI event's frame on JACK to the first frame of the output that is different, 64 frames, 48 kHz.

jackplay plays a tone into a real `masterd run --host jack`, sends the knob's events from a MIDI port of the same server, and
records what comes out: all on one time axis, exact to the frame, with no clock of the product in between. The knob goes to and
fro; the first changed frame is where the tone stops repeating itself. Turns within which the machine stood still, by jackplay's
canaries, an ordinary program had to wait for a processor, or a block was lost, are excused: they are counted, and left out of all
figures but `all_p99_ms`.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from instruments.daemon_on_jack import daemon_on_jack
from instruments.jackd import jackd
from instruments.jackplay import PORTS_IN, PORTS_OUT, playing
from instruments.masterctl import masterctl, status
from instruments.on_air import eventually
from instruments.ordinary_canary import OrdinaryCanary

RATE_HZ, PERIOD_FRAMES = 48000, 64
TONE_FRAMES = 48
"""The tone's period, 1 kHz: the output repeats itself after so many frames, to the last bits."""

CC = 7
GAP_S = (0.09, 0.15)
"""Between two turns; the change has been reached, and heard to its end, by then."""

BEGIN_S = 2.0
WITHIN_S = 0.08
EXCUSE_S = 0.004
SETTINGS = {"output.trim_db": (-12, 0), "eq.1.gain_db": (-6, 6)}
"""The last thing before the device, and one of the first: what the knob turns, and between which ends."""

AIM_P50_MS, AIM_P99_MS = 3.0, 8.0


@dataclass(frozen=True)
class Row:
    """One parameter over one run; times without the chain's own latency, which `status` gives to the frame."""

    parameter: str
    turns: int
    excused: int
    p50_ms: float
    p99_ms: float
    longest_ms: float
    all_p99_ms: float
    """With those that are excused."""

    unheard: int
    """Not excused, and nothing came of them: JACK loses the MIDI of a cycle that a client misses."""

    chain_ms: float
    """What the chain takes from there to its end, which no knob changes."""

    stalls: int
    longest_stall_ms: float

    @property
    def reached(self) -> bool:
        return self.p50_ms <= AIM_P50_MS and self.p99_ms <= AIM_P99_MS and not self.unheard


def turns(count: int, seed: int) -> list[tuple[int, tuple[int, int, int]]]:
    """The knob from one end to the other and back, at times that no period knows."""
    chance = random.Random(seed)
    at_s, events = BEGIN_S, []
    for number in range(count):
        events.append((int(at_s * RATE_HZ), (0xB0, CC, 127 * (number % 2))))
        at_s += chance.uniform(*GAP_S)
    return events


def tone(frames: int) -> npt.NDArray[np.float32]:
    """It repeats itself exactly."""
    period = 0.1 * np.sin(2 * np.pi * np.arange(TONE_FRAMES) / TONE_FRAMES)
    mono = np.tile(period, -(-frames // TONE_FRAMES))[:frames]
    return np.stack([mono, mono], axis=1).astype(np.float32)


def first_change(heard: npt.NDArray[np.float32], frame: int) -> int | None:
    """The first frame from `frame` on at which the tone is not what it was a period before."""
    until = frame + int(WITHIN_S * RATE_HZ)
    now, before = heard[frame:until], heard[frame - TONE_FRAMES : until - TONE_FRAMES]
    differs = np.abs(now - before).max(axis=1) > 1e-6 * np.abs(before).max()
    return frame + int(np.argmax(differs)) if differs.any() else None


class Excuses:
    """When the machine, and not the program, was late."""

    def __init__(self, report: dict[str, Any], ordinary: OrdinaryCanary) -> None:
        self._report, self._ordinary = report, ordinary
        self._clock = np.array(report["clock"])

    def hold(self, from_frame: int, to_frame: int) -> bool:
        """For what was on its way in these frames."""
        from_s, to_s = np.interp([from_frame, to_frame], self._clock[:, 0], self._clock[:, 1])
        stalled = any(at < to_s + EXCUSE_S and at + ms / 1000 > from_s - EXCUSE_S for at, ms in self._report["stalls"])
        lost = any(at < to_frame and at + frames > from_frame for at, frames in self._report["holes"])
        return stalled or lost or self._ordinary.was_late(from_s, to_s)


def delays(heard: npt.NDArray[np.float32], excuses: Excuses, events: list[Any]) -> Iterator[tuple[int | None, bool]]:
    """Of each turn: frames from the event to the first change, if there was one, and whether it is excused. The turn after one of
    which nothing came in time goes back to where the sound still is, and changes nothing either."""
    excused = False
    for frame, _ in events:
        changed = first_change(heard, frame)
        excused = excuses.hold(frame, changed or frame + int(WITHIN_S * RATE_HZ)) or (changed is None and excused)
        yield (changed - frame if changed else None), excused


def measure(parameter: str, count: int, seed: int = 1) -> Row:
    """One run of `count` turns."""
    events = turns(count, seed)
    seconds = events[-1][0] / RATE_HZ + 1
    low, high = SETTINGS[parameter]
    with tempfile.TemporaryDirectory() as folder, jackd(RATE_HZ, PERIOD_FRAMES) as server:
        path = Path(folder) / "map.toml"
        path.write_text(
            f'port = "^jackplay"\n[[control]]\ncc = {CC}\nparameter = "{parameter}"\nmin = {low}\nmax = {high}\n'
            'takeover = "jump"\nallow_unsafe = true\nfeedback = false\n'
        )
        with daemon_on_jack(server, "flat", midi_map=path) as daemon:
            masterctl(daemon, "set", "eq.1.on", "on", "eq.1.frequency_hz", str(RATE_HZ / TONE_FRAMES), parameter, str(high))
            eventually(lambda: "following" in daemon.log, daemon.log)
            options = ("--canary", "--seconds", str(seconds))
            played = tone(int(seconds * RATE_HZ))
            with (
                playing(server, played, PORTS_IN, PORTS_OUT, *options, events=events) as player,
                OrdinaryCanary() as ordinary,
            ):
                player.wait_until_playing()
                report, heard = player.result(seconds + 30)
            latency = status(daemon)["latency_frames"]
    assert report["midi_lost"] == 0
    found = list(delays(heard, Excuses(report, ordinary), events[1:]))
    chain = 0 if parameter.startswith("output.") else latency
    ms = 1000 / RATE_HZ
    every = [(it - chain) * ms for it, _ in found if it is not None]
    good = np.array([(it - chain) * ms for it, excused in found if it is not None and not excused])
    return Row(
        parameter=parameter,
        turns=len(good),
        excused=sum(excused for _, excused in found),
        all_p99_ms=float(np.percentile(every, 99)),
        unheard=sum(it is None and not excused for it, excused in found),
        p50_ms=float(np.percentile(good, 50)),
        p99_ms=float(np.percentile(good, 99)),
        longest_ms=float(good.max()),
        chain_ms=1000 * chain / RATE_HZ,
        stalls=len(report["stalls"]),
        longest_stall_ms=report["longest_stall_ms"],
    )


def run(count: int) -> list[Row]:
    """Each parameter."""
    return [measure(parameter, count) for parameter in SETTINGS]


def table(rows: list[Row]) -> str:
    """For people."""
    lines = ["| knob to audio | turns | unheard | excused | p50 | p99 | longest | p99 of all | and the chain | |"]
    lines.append("|---|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        times = [f"{ms:.1f} ms" for ms in (row.p50_ms, row.p99_ms, row.longest_ms, row.all_p99_ms, row.chain_ms)]
        cells = [row.parameter, str(row.turns), str(row.unheard), str(row.excused), *times]
        lines.append(f"| {' | '.join([*cells, 'reached' if row.reached else 'MISSED'])} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(run(int(sys.argv[1]) if len(sys.argv) > 1 else 400)))
