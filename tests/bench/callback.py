"""Why the callback is C: one engine under JACK at 64 frames, called by our C function and then through a Python function.

Each runs in a process of its own whose interpreter is busy in every way: object cycles and the collector, big sorts, JSON,
imports of modules never seen before. The Python callback does all it has to in one call of the same C function, so what it adds
is nothing but its entry into the interpreter. Xruns are counted by another client, jackplay, and excused by its canaries, since
a shared machine also stalls by itself.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from instruments.child import Child
from instruments.jackd import Server, can_be_realtime, jackd
from instruments.jackplay import PORTS_IN, PORTS_OUT, playing
from instruments.music import music

RATE_HZ, PERIOD_FRAMES = 48000, 64
KINDS = ("C", "Python")
TESTS = Path(__file__).parents[1]
END_WITHIN_S = 20.0
NOT_REALTIME = "this user may not run SCHED_FIFO threads, without which neither callback keeps time"


@dataclass(frozen=True)
class Row:
    """One callback over one run."""

    callback: str
    seconds: float
    blocks: int
    """Run by the engine, of `expected` that the time holds."""

    expected: int
    xruns: int
    unexcused_xruns: int
    longest_gap_ms: float
    """Longest time that a listener had no new block, beyond the period."""

    mean_block_us: float
    longest_block_us: float
    """In the engine, without the way to it."""

    stalls: int
    stalled_ms: float
    longest_stall_ms: float
    """When the machine itself stood still, by the canaries."""

    canaries: int
    rounds: int
    """Of the work that kept the interpreter busy."""

    @property
    def lost(self) -> int:
        """Blocks that were due and did not run."""
        return max(0, self.expected - self.blocks)


def measure(server: Server, kind: str, seconds: float) -> Row:
    """One run of `seconds`, with nobody else on the server."""
    command = [sys.executable, "-m", "bench.callback_child", kind, server.name, str(seconds)]
    environment = server.env | {"PYTHONPATH": str(TESTS)}
    limit_s = seconds + END_WITHIN_S
    with (
        Child(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child,
        ended(child),
        playing(server, music(10, RATE_HZ), PORTS_IN, PORTS_OUT, "--canary", "--loop", "--seconds", str(limit_s)) as player,
    ):
        player.wait_until_playing()
        assert child.stdin
        assert child.stdout
        print("go", file=child.stdin, flush=True)
        said = child.stdout.readline()
        player.end()
        report, _ = player.result(END_WITHIN_S)
    return row(kind, json.loads(said), report)


@contextlib.contextmanager
def ended(child: subprocess.Popen[str]) -> Iterator[None]:
    """It leaves when its input ends; if not, it is made to."""
    try:
        yield
        child.communicate(timeout=END_WITHIN_S)
        assert child.returncode == 0, f"the process of the callback ended with {child.returncode}"
    finally:
        child.kill()


def row(kind: str, said: dict[str, float], report: dict[str, Any]) -> Row:
    """What the process itself and the listener found."""
    return Row(
        callback=kind,
        seconds=said["seconds"],
        blocks=int(said["blocks"]),
        expected=int(said["seconds"] * RATE_HZ / PERIOD_FRAMES),
        xruns=report["xruns"],
        unexcused_xruns=report["unexcused_xruns"],
        longest_gap_ms=report["longest_gap_ms"],
        mean_block_us=said["mean_block_us"],
        longest_block_us=said["longest_block_us"],
        stalls=len(report["stalls"]),
        stalled_ms=sum(ms for _, ms in report["stalls"]),
        longest_stall_ms=report["longest_stall_ms"],
        canaries=report["canaries"],
        rounds=int(said["rounds"]),
    )


def possible() -> bool:
    """Whether the comparison means anything here."""
    return can_be_realtime()


def run(seconds: float) -> list[Row]:
    """C, then Python."""
    with jackd(RATE_HZ, PERIOD_FRAMES) as server:
        return [measure(server, kind, seconds) for kind in KINDS]


def table(rows: list[Row]) -> str:
    """The rows for people."""
    titles = (
        "callback",
        "blocks run",
        "xruns",
        "not the machine's",
        "longest gap",
        "block mean",
        "block longest",
        "machine stalls",
    )
    lines = [" | ".join(titles), " | ".join("---" for _ in titles)]
    lines += [" | ".join(cells(it)) for it in rows]
    return "\n".join(f"| {line} |" for line in lines)


def cells(row: Row) -> list[str]:
    """One line of the table."""
    return [
        f"{row.callback}, {row.seconds:.0f} s",
        f"{row.blocks} of {row.expected}",
        f"{row.xruns}",
        f"{row.unexcused_xruns}",
        f"{row.longest_gap_ms:.1f} ms",
        f"{row.mean_block_us:.1f} us",
        f"{row.longest_block_us:.0f} us",
        f"{row.stalls}, longest {row.longest_stall_ms:.1f} ms",
    ]


def main() -> None:
    """`python -m bench.callback [SECONDS]`: the comparison alone, as a table and as JSON."""
    if not possible():
        raise SystemExit(NOT_REALTIME)
    rows = run(float(sys.argv[1]) if len(sys.argv) > 1 else 30)
    print(table(rows))
    print(json.dumps([asdict(it) for it in rows]))


if __name__ == "__main__":
    main()
