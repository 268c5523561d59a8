"""What the supervisor judges by, and what it adds up, piece by piece."""

from __future__ import annotations

import itertools
import threading
import time

import numpy as np
import pytest
from hypothesis import given, strategies as st
from instruments.on_air import eventually, on_air

from masterd.control.parameters import defaults
from masterd.daemon import supervisor
from masterd.daemon.air import AirSettings
from masterd.daemon.engine import Engine
from masterd.daemon.engine_room import EngineRoom
from masterd.daemon.hosts import choice
from masterd.daemon.hosts.base import Host, HostError, HostFormat, aside
from masterd.daemon.hosts.simulated import SimulatedHost
from masterd.daemon.ledger import Ledger
from masterd.daemon.supervisor import STEP_S, Heartbeat


@given(st.lists(st.tuples(st.floats(0.001, 2 * STEP_S), st.booleans()), min_size=1, max_size=200))
def test_looked_at_often_the_heart_is_silent_since_its_last_beat(looks):
    now_s, blocks, beat_s = 100.0, 0, 100.0
    heart = Heartbeat(now_s)
    heart.look(blocks, now_s)
    for step_s, beats in looks:
        now_s += step_s
        if beats:
            blocks, beat_s = blocks + 1, now_s
        assert heart.look(blocks, now_s) == pytest.approx(now_s - beat_s)


def test_time_in_which_nobody_looked_is_not_held_against_the_device():
    heart = Heartbeat(0.0)
    heart.look(1, 0.0)
    assert heart.look(1, 0.02) == pytest.approx(0.02)
    assert heart.look(1, 60.0) < 0.1, "the whole process was stopped for a minute"
    assert heart.look(1, 60.02) < 0.12


def noise(frames, seed, level=0.1):
    return (level * np.random.default_rng(seed).uniform(-1, 1, (frames, 2))).astype(np.float32)


def an_engine(rate_hz=48000.0):
    engine = Engine(rate_hz, "normal", defaults())
    engine.attach()
    engine.gate(True, 0)
    return engine


def test_no_peak_is_lost_between_two_readers():
    """Gathered often and taken once, the readings are those of one collection of a twin."""
    engine, twin, ledger = an_engine(), an_engine(), Ledger()
    for n in range(20):
        block = noise(100 + 37 * n, n, 0.9 if n == 7 else 0.1)
        engine.process(block)
        twin.process(block)
        ledger.gather(engine)
    taken, whole = ledger.take(), twin.collect()
    assert taken
    assert whole
    assert (taken.frames, taken.blocks) == (whole.frames, whole.blocks)
    for mine, its in ((taken.input, whole.input), (taken.output, whole.output)):
        assert mine.sample_peak == its.sample_peak
        assert mine.true_peak == its.true_peak
        assert mine.mean_square == pytest.approx(its.mean_square, rel=1e-12)
    assert taken.limiter_reduction_db == whole.limiter_reduction_db
    assert ledger.take() is None


def test_counters_and_serials_go_on_in_another_engine():
    room = EngineRoom(48000, "normal", defaults())
    engine, _ = room.admit(48000)
    serials = [room.publish(defaults(), 20) for _ in range(3)]
    engine.process(noise(1000, 1))
    assert (first := room.collect())
    same, token = room.admit(48000)
    assert same is engine
    assert token == engine.token
    other, _ = room.admit(96000)
    assert other is not engine
    other.process(noise(500, 2))
    assert (second := room.collect())
    assert second.applied_serial > first.applied_serial == serials[-1]
    assert (second.frames, second.blocks, second.applied_frame) == (1500, 2, 1000)
    assert second.longest_ns >= first.longest_ns
    assert sum(second.histogram) == 2
    assert room.publish(defaults(), 20) > second.applied_serial


def test_loudness_goes_on_in_another_engine_and_starts_again_when_asked():
    room = EngineRoom(48000, "normal", defaults())
    for rate_hz in (48000, 96000):
        engine, _ = room.admit(rate_hz)
        engine.process(noise(2 * rate_hz, 3))
    before, after = room.loudness()
    assert before.seconds == pytest.approx(4, abs=0.03)
    assert -40 < before.integrated_lufs < -10
    assert after.momentary_max_lufs == -200, "the gate is closed"
    room.reset_loudness()
    assert room.loudness()[0].seconds == 0
    assert room.loudness()[0].integrated_lufs == -200


def test_cut_off_a_host_gets_silence_and_the_next_one_a_closed_gate():
    room = EngineRoom(48000, "normal", defaults())
    engine, _ = room.admit(48000)
    engine.gate(True, 0)
    for n in range(10):
        engine.process(noise(512, n))
    old = engine.token
    room.cut_off()
    assert engine.token != old
    engine.token = old  # a stalled host that comes back
    assert not engine.process(noise(512, 20)).any()
    room.admit(48000)
    assert not engine.process(noise(512, 21)).any()
    assert engine.gate_settled


class Mute(Host):
    """A device that opens and starts, and never calls."""

    name, retry_at_most_s, log = "mute", 0.2, []

    def open(self):
        self.log.append(time.monotonic())
        return HostFormat(48000, 64, "mute")

    def start(self, engine, token):
        self.engine = engine

    def close(self):
        pass

    @property
    def gone(self):
        return None


def test_a_device_that_never_calls_is_tried_again_ever_more_slowly(monkeypatch):
    monkeypatch.setattr(supervisor, "FIRST_BLOCK_WITHIN_S", 0.05)
    monkeypatch.setattr("masterd.daemon.air.make_host", lambda *_: Mute())
    Mute.log.clear()
    with on_air(AirSettings(host="simulated")) as it:
        assert it.wait_for("opening").reason.startswith("no block for ")
        eventually(lambda: len(Mute.log) >= 5)
        assert it.air.status().host_losses == 0, "it was never on air"
    gaps_s = np.diff(Mute.log)
    assert gaps_s[0] >= 0.1
    assert all(gap_s >= 0.2 for gap_s in gaps_s[1:])


def test_an_opening_that_hangs_keeps_nobody(monkeypatch):
    """Its late success does not disturb the host that came after it."""
    let_go, made = threading.Event(), itertools.count()
    late = []

    class Hanging(SimulatedHost):
        def open(self):
            let_go.wait()
            late.append(self)
            return super().open()

    def make(name, settings, *_):
        return Hanging() if next(made) == 0 else SimulatedHost()

    monkeypatch.setattr(supervisor, "OPEN_WITHIN_S", 0.1)
    monkeypatch.setattr("masterd.daemon.air.make_host", make)
    with on_air(AirSettings(host="simulated")) as it:
        assert it.wait_for("opening").reason == "it hangs while it is opened"
        it.wait_for("running")
        blocks = it.air.status().blocks
        let_go.set()
        eventually(lambda: bool(late))
        eventually(lambda: it.air.status().blocks > blocks + 20)
        assert it.air.status().refused_blocks == 0
        assert it.states.count("running") == 1


def test_auto_takes_the_first_that_opens_and_closes_the_others():
    closed = []

    class Absent(SimulatedHost):
        def open(self):
            raise HostError("not here")

        def close(self):
            closed.append(self)

    host, _ = choice.open_host("auto", lambda name: SimulatedHost() if name == "simulated" else Absent())
    assert host.name == "simulated"
    assert len(closed) == 2
    with pytest.raises(HostError, match="not here"):
        choice.open_host("jack", lambda name: Absent())


def test_a_host_that_does_not_close_is_left_behind():
    stuck = threading.Event()

    class Stuck(SimulatedHost):
        def close(self):
            stuck.wait()

    host = Stuck()
    with pytest.raises(HostError, match="did not close within"):
        host.stop(within_s=0.02)
    stuck.set()


def test_work_aside_is_over_also_when_it_fails():
    assert aside("fails", lambda: 1 / 0).wait(5)


def test_a_listener_that_fails_ends_nothing(monkeypatch, caplog):
    made = itertools.count()

    class Breaking(SimulatedHost):
        @property
        def gone(self):
            return "broken" if self.engine and self.engine.blocks > 20 and next(made) < 1 else None

    monkeypatch.setattr("masterd.daemon.air.make_host", lambda *_: Breaking(48000, 64))
    with on_air(AirSettings(host="simulated")) as it:
        heard = it.air._on_event
        told = []

        def listener(event):
            told.append(event.state)
            raise ZeroDivisionError

        it.air._supervisor._on_event = listener
        eventually(lambda: told[-1:] == ["running"] and "lost" in told)
        it.air._supervisor._on_event = heard
        blocks = it.air.status().blocks
        eventually(lambda: it.air.status().blocks > blocks)
    assert "a step of the supervision failed" in caplog.text


def test_what_opens_after_the_stop_is_left_at_once(monkeypatch):
    let_go, opening, left = threading.Event(), threading.Event(), threading.Event()

    class Slow(SimulatedHost):
        def open(self):
            opening.set()
            let_go.wait()
            return super().open()

        def abandon(self):
            super().abandon()
            left.set()

    monkeypatch.setattr("masterd.daemon.air.make_host", lambda *_: Slow())
    with on_air(AirSettings(host="simulated")) as it:
        assert opening.wait(20)
    let_go.set()
    assert left.wait(20)
    assert it.air.status().blocks == 0
