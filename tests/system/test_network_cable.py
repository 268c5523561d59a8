"""A daemon and an operator on two machines, a cable between them that is pulled, addresses that change: nothing is heard, what is
shown says how old it is, what failed does not come to pass later, and everything converges.

The machines are network namespaces (instruments/cable.py); delay, loss and narrowness come from the relay, for want of netem.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Self

import numpy as np
import pytest
import soundfile
import zmq
from instruments.cable import DESK, SITE, Cable, needs_namespaces
from instruments.far_desk import FACES, FarDesk
from instruments.far_desk_child import TIMEOUT_S
from instruments.network import NetworkDaemon, eventually, received

from masterd.control import keys
from masterd.control.picture import SILENCE_S
from masterd.daemon.session.replay import Session

pytestmark = needs_namespaces

RATE_HZ, BLOCK_FRAMES, LOOP_FRAMES = 48000, 8192, 96000
"""Long blocks: a host without one for 0.25 s and three blocks is taken for dead, and this machine is shared."""
DRIVE = "limiter.drive_db"
CUT_S = SILENCE_S + 1.5
CONVERGED_WITHIN_S = SILENCE_S + 5.0
"""The silence that is noticed, time-outs, and a reconnection."""
RESENT_S = 1.5
TURNED_AFTER_S = CUT_S - 3.0
"""TCP sends again after 0.2, 0.6, 1.4, 3 and 6.2 s: a request of then that was still under way would arrive as soon as the cable
is back, on a connection that the daemon has not given up yet."""
PACE = 0.9
"""Of the real time, so much must have been played: the machine is shared."""


class Site(NetworkDaemon):
    """A daemon on the cable that plays a loop and keeps what came in and what left."""

    def __init__(self, cable: Cable, folder: Path) -> None:
        self.loop = np.random.default_rng(1).normal(0, 0.1, (LOOP_FRAMES, 2)).astype(np.float32)
        soundfile.write(folder / "loop.wav", self.loop, RATE_HZ, "FLOAT")
        config = (
            f'[audio]\nblock_frames = {BLOCK_FRAMES}\n[source]\nfiles = ["{folder}/loop.wav"]\n'
            f'[record]\npath = "{folder}/out.wav"\nsession = "{folder}/sessions"\n'
        )
        super().__init__(config, 'address = "*"', folder, within=cable.at(SITE))

    def __enter__(self) -> Self:
        super().__enter__()
        self.began_s = time.monotonic()
        self._events = self.connect(zmq.SUB, "events", b"")
        eventually(lambda: self._events.poll(0))
        assert self.set(limiter__drive_db=1.0)["ok"]
        return self

    def turns(self) -> list[float]:
        """Where the drive went since this was asked last, by the daemon's events."""
        events = iter(lambda: received(self._events, 200), None)
        return [it["changes"][DRIVE][1] for it in events if DRIVE in it.get("changes", {})]

    def played_s(self) -> float:
        return float(self.ask(op="status")["result"]["blocks"]) * BLOCK_FRAMES / RATE_HZ

    def left(self) -> np.ndarray:
        """Stops it, and gives what it played."""
        self.stop()
        return soundfile.read(self.folder / "out.wav", dtype="float32")[0]


def nothing_was_heard(site: Site) -> None:
    """What left is, bit for bit, the programme without a gap through an engine that was told what the operators who got
    through have turned, and that at a steady pace."""
    played_s, took_s = site.played_s(), time.monotonic() - site.began_s
    heard = site.left()
    (take,) = (site.folder / "sessions").iterdir()
    session = Session(take)
    undisturbed = np.concatenate(list(session.blocks()))[session.engine().latency_frames :]  # as the simulated host has it
    came_in = soundfile.read(session.input, dtype="float32")[0]
    assert played_s > PACE * took_s
    assert len(heard) > 0.5 * took_s * RATE_HZ
    assert np.abs(heard).max() > 0.05
    assert np.array_equal(came_in, np.resize(site.loop, came_in.shape))
    assert np.array_equal(heard, undisturbed[: len(heard)])
    print(f"{len(heard)} frames as undisturbed")


class Metrics:
    """`masterctl metrics` at the desk, and what it tells Prometheus there."""

    SCRAPE = "import urllib.request as it; print(it.urlopen('http://127.0.0.1:9823/metrics', timeout=5).read().decode())"

    def __init__(self, cable: Cable, site: Site) -> None:
        self.cable = cable
        folder = site.folder / "desk"
        keys.write_pair(folder / "keys" / "studio.key_secret", site.pairs["viewer"])
        there = ["--host", f"tcp://{cable.addresses[SITE]}:{site.port}", "--server-key", site.server.public, "--key", "studio"]
        command = [sys.executable, "-m", "masterd.control.cli.main", *there, "metrics"]
        environment = os.environ | {"MASTERD_CONFIG_DIR": str(folder)}
        self.process = subprocess.Popen(cable.at(DESK, *command), env=environment, stderr=subprocess.DEVNULL)

    def __enter__(self) -> Metrics:
        return self

    def __exit__(self, *reason: object) -> None:
        self.process.kill()
        self.process.wait()

    def __getitem__(self, name: str) -> float | None:
        done = subprocess.run(self.cable.at(DESK, sys.executable, "-c", self.SCRAPE), capture_output=True, text=True)
        rows = [line.rpartition(" ") for line in done.stdout.splitlines()]
        return next((float(value) for row, _, value in rows if row.partition("{")[0] == f"masterd_{name}"), None)


def a_pulled_cable(cable: Cable, site: Site) -> None:
    with FarDesk(site, cable.at(DESK), cable.addresses[SITE], "operator") as desk, Metrics(cable, site) as metrics:
        desk.converges(site, 10)
        assert desk.turn(limiter__drive_db=2.0)["code"] == "ok"
        eventually(lambda: metrics["up"] == 1.0)
        played_s, pulled_s = site.played_s(), time.monotonic()
        cable.pull()

        time.sleep(TURNED_AFTER_S)
        failed = desk.turn(limiter__drive_db=9.0)
        assert failed["code"] in ("silent", "unreachable")
        assert failed["took_s"] < 2 * TIMEOUT_S
        assert "site" in failed["message"], failed
        assert site.set(limiter__drive_db=3.0)["ok"]
        time.sleep(max(0.0, pulled_s + CUT_S - time.monotonic()))
        plugged_s = time.monotonic()
        for face in FACES:
            assert_is_told_to_grow_old(desk.ages_s(face, pulled_s, plugged_s), pulled_s)
        assert [desk.now(it)["values"][DRIVE] for it in ("follower", "async follower")] == [2.0, 2.0], "nobody can have told them"
        assert (metrics["up"], metrics["picture_age_seconds"] > CUT_S - 2.5) == (0.0, True)
        assert site.played_s() - played_s > PACE * (plugged_s - pulled_s) - 0.5

        cable.plug()
        desk.converges(site, CONVERGED_WITHIN_S)
        print(f"converged {time.monotonic() - plugged_s:.1f} s after the cable was back")
        assert desk.turn(limiter__drive_db=4.0)["code"] == "ok"
        eventually(lambda: metrics["up"] == 1.0 and metrics["picture_age_seconds"] < 1.5)
        time.sleep(max(0.0, plugged_s + RESENT_S - time.monotonic()))
        assert site.turns() == [1.0, 2.0, 3.0, 4.0], "what had failed went on air later"


def assert_is_told_to_grow_old(told: list[tuple[float, float]], pulled_s: float) -> None:
    """From two seconds after the cable was pulled on, second by second, and up to what is true."""
    old = [(at_s, age_s) for at_s, age_s in told if at_s > pulled_s + 2]
    assert len(old) > 10
    for (before_s, young_s), (after_s, old_s) in itertools.pairwise(old):
        assert old_s - young_s == pytest.approx(after_s - before_s, abs=0.1)
    at_s, age_s = old[-1]
    assert 0 < at_s - age_s - pulled_s + 1.3 < 1.5, "the last word came within a heartbeat before"


def an_address_that_changes(cable: Cable, site: Site) -> None:
    """First the daemon's, which has a name; then the desk's own."""
    hosts = site.folder / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n{cable.addresses[SITE]} transmitter.example\n")
    through = [1.0]
    with FarDesk(site, cable.at(DESK, hosts=hosts), "transmitter.example", "operator") as desk:
        desk.converges(site, 10)
        for machine, address, drive_db in ((SITE, "10.77.0.3", 2.0), (DESK, "10.77.0.4", 4.0)):
            moved_s = time.monotonic()
            cable.move(machine, address)
            hosts.write_text(f"127.0.0.1 localhost\n{cable.addresses[SITE]} transmitter.example\n")
            assert site.set(limiter__drive_db=drive_db)["ok"]
            desk.converges(site, CONVERGED_WITHIN_S)
            print(f"{machine} moved: converged {time.monotonic() - moved_s:.1f} s later")
            through += [drive_db, turned_at_last(desk, drive_db + 1)]
        assert site.turns() == through


def turned_at_last(desk: FarDesk, drive_db: float) -> float:
    """The value that got through: a hand that was still does not know yet that its connection is of the old address."""
    for attempt in range(3):
        value = drive_db + attempt / 10
        said = desk.turn(limiter__drive_db=value)
        if said["code"] == "ok":
            return value
        assert said["code"] in ("silent", "unreachable")
    raise AssertionError(said)


def a_long_lossy_and_narrow_line(cable: Cable, site: Site) -> None:
    with FarDesk(site, cable.at(DESK), cable.addresses[SITE], "operator", relayed=True) as desk:
        desk.converges(site, 10)
        desk.weather(delay_s=0.08, jitter_s=0.02, loss=0.02)
        took_s = [desk.turn(limiter__drive_db=drive_db)["took_s"] for drive_db in (2.0, 3.0, 4.0, 5.0)]
        assert min(took_s) > 0.16, "there and back"
        desk.converges(site, CONVERGED_WITHIN_S)
        desk.weather(delay_s=0.02, bytes_per_s=24_000)
        narrow_s = time.monotonic()
        assert desk.turn(limiter__drive_db=6.0)["code"] == "ok"
        time.sleep(2.5)
        for face in FACES:
            oldest_s = max(age_s for _, age_s in desk.ages_s(face, narrow_s, time.monotonic()))
            print(f"{face}: at most {oldest_s:.2f} s old on a narrow line")
            assert oldest_s < SILENCE_S
        desk.weather()
        desk.converges(site, CONVERGED_WITHIN_S)
        assert site.turns() == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


SCENES = (a_pulled_cable, an_address_that_changes, a_long_lossy_and_narrow_line)


def played(scene: Callable[[Cable, Site], None], folder: Path) -> None:
    with Cable() as cable, Site(cable, folder) as site:
        scene(cable, site)
        nothing_was_heard(site)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[None]]]:
    """They wait most of the time, so they are played at once, each on a cable of its own."""
    with ThreadPoolExecutor() as pool:
        yield {it.__name__: pool.submit(played, it, tmp_path_factory.mktemp(it.__name__)) for it in SCENES}


@pytest.mark.parametrize("scene", [it.__name__ for it in SCENES])
def test_the_network_fails_and_nothing_is_heard(results: dict[str, Future[None]], scene: str) -> None:
    results[scene].result()
