"""Changes that are to be confirmed: what goes back, what stays, and what becomes of it when others turn meanwhile."""

import time
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st
from instruments.daemon import Daemon

from masterd.control.errors import BadRequest, NothingToConfirm
from masterd.daemon.state import State
from masterd.daemon.trial import REVERT_GLIDE_MS, Trials, gone_back

CEILING, DRIVE, RELEASE = "limiter.ceiling_dbtp", "limiter.drive_db", "limiter.release_ms"


class Clock:
    now_s = 1000.0

    def __call__(self):
        return self.now_s


class Desk:
    """A state with trials, and what was told."""

    def __init__(self):
        self.clock, self.told, self.state = Clock(), [], State()
        self.trials = Trials(self.state, lambda outcome, trial: self.told.append(outcome), self.clock)

    def set(self, within_s=None, **values):
        with self.trials.of(within_s):
            self.state.set({f"limiter.{id}": value for id, value in values.items()})
        return self.trials.pending and self.trials.pending.token

    def load(self, name, within_s=None, **values):
        with self.trials.of(within_s):
            self.state.load(name, {f"limiter.{id}": value for id, value in values.items()})
        return self.trials.pending and self.trials.pending.token

    def wait(self, s):
        self.clock.now_s += s
        self.trials.expire()

    def now(self, *ids):
        return [self.state.values[id] for id in ids]


def test_unconfirmed_it_goes_back_at_the_time_and_is_a_step_of_history():
    desk, changes = Desk(), []
    desk.state.listeners.append(changes.append)
    desk.set(30, drive_db=6, ceiling_dbtp=-3)
    desk.wait(29.9)
    assert desk.now(DRIVE, CEILING) == [6, -3]
    desk.wait(0.1)
    assert desk.now(DRIVE, CEILING) == [0, -1]
    assert desk.told == ["begun", "reverted"]
    assert (changes[-1].cause, changes[-1].glide_ms, changes[-1].revision) == ("revert", REVERT_GLIDE_MS, 2)
    desk.state.undo()
    assert desk.now(DRIVE, CEILING) == [6, -3], "who comes too late has it back by one undo"
    desk.wait(100)
    assert desk.now(DRIVE) == [6]


def test_confirmed_it_stays():
    desk = Desk()
    token = desk.set(30, drive_db=6)
    desk.trials.confirm(token)
    desk.wait(100)
    assert (desk.now(DRIVE), desk.told) == ([6], ["begun", "confirmed"])
    for late in (desk.trials.confirm, desk.trials.revert):
        with pytest.raises(NothingToConfirm):
            late(token)


@pytest.mark.parametrize("wrong", ["", "x", "é", "x" * 16])
def test_another_token_does_nothing(wrong):
    desk = Desk()
    desk.set(30, drive_db=6)
    for ask in (desk.trials.confirm, desk.trials.revert):
        with pytest.raises(NothingToConfirm):
            ask(wrong)
    desk.wait(30)
    assert desk.now(DRIVE) == [0]


def test_a_second_trial_joins_the_first_under_its_token_and_time():
    desk = Desk()
    first = desk.set(30, drive_db=6)
    desk.wait(20)
    second = desk.set(30, drive_db=9, ceiling_dbtp=-3)
    with pytest.raises(NothingToConfirm):
        desk.trials.confirm(first)
    desk.wait(20)
    assert desk.now(DRIVE, CEILING) == [9, -3]
    assert second == desk.trials.pending.token
    desk.wait(10)
    assert desk.now(DRIVE, CEILING) == [0, -1], "to before the first"


def test_what_others_decide_meanwhile_stays():
    desk = Desk()
    desk.set(30, drive_db=6, ceiling_dbtp=-3)
    desk.set(drive_db=2)
    desk.set(release_ms=80)
    desk.wait(30)
    assert desk.now(DRIVE, CEILING, RELEASE) == [2, -1, 80]


def test_when_nothing_is_left_to_take_back_it_is_over():
    desk = Desk()
    desk.set(30, drive_db=6)
    desk.set(drive_db=2)
    assert desk.told == ["begun", "superseded"]
    desk.wait(30)
    assert desk.now(DRIVE) == [2]


def test_a_preset_goes_back_with_its_name():
    desk = Desk()
    desk.load("calm", drive_db=1)
    desk.load("loud", 30, drive_db=9, ceiling_dbtp=-2)
    assert desk.state.preset == "loud"
    desk.wait(30)
    assert (desk.state.preset, desk.state.dirty, desk.now(DRIVE, CEILING)) == ("calm", False, [1, -1])


def test_another_preset_keeps_its_name_and_a_knob_keeps_its_place():
    desk = Desk()
    desk.load("loud", 30, drive_db=9)
    desk.set(ceiling_dbtp=-4)
    desk.wait(30)
    assert (desk.state.preset, desk.state.dirty, desk.now(DRIVE, CEILING)) == ("flat", True, [0, -4])
    desk.load("loud", 30, drive_db=9)
    desk.load("third", drive_db=9, ceiling_dbtp=-4)  # the same values as they are, under another name
    desk.wait(30)
    assert (desk.state.preset, desk.now(DRIVE)) == ("third", [0])


def test_what_changes_nothing_or_is_refused_is_no_trial():
    desk = Desk()
    assert desk.set(30, drive_db=0) is None
    with pytest.raises(BadRequest, match="outside 1 to 3600"), desk.trials.of(0.5):
        pass
    desk.set(ceiling_dbtp=-2)
    assert desk.told == []


STEPS = st.lists(
    st.tuples(st.sampled_from(["drive_db", "ceiling_dbtp", "release_ms"]), st.integers(0, 12), st.booleans(), st.integers(0, 20)),
    max_size=20,
)


@given(STEPS)
def test_in_any_order_nothing_that_was_only_tried_outlives_its_time(steps):
    """An account of its own: for each parameter what somebody last decided, or had confirmed by nobody."""
    desk, decided = Desk(), {CEILING: -1.0, DRIVE: 0.0, RELEASE: Desk().state.values[RELEASE]}
    due_s = None
    for name, amount, tried, pause_s in steps:
        value = {"drive_db": amount, "ceiling_dbtp": -float(amount), "release_ms": 50.0 + amount}[name]
        before = desk.state.values[f"limiter.{name}"]
        desk.set(15 if tried else None, **{name: value})
        if before != value:
            if tried:
                due_s = desk.clock.now_s + 15
            else:
                decided[f"limiter.{name}"] = value
        desk.wait(pause_s)
        if due_s is not None and desk.clock.now_s >= due_s:
            assert {id: desk.state.values[id] for id in decided} == decided
            due_s = None
    desk.wait(100)
    assert {id: desk.state.values[id] for id in decided} == decided


def test_saved_it_is_gone_back_from_at_the_next_start():
    desk = Desk()
    desk.load("calm", drive_db=1)
    desk.load("loud", 30, drive_db=9, ceiling_dbtp=-2)
    saved = replace(desk.state.saved(), unconfirmed=desk.trials.saved())
    back = gone_back(saved)
    assert (back.preset, back.values[DRIVE], back.values[CEILING], back.base[DRIVE]) == ("calm", 1, -1, 1)
    assert (back.revision, back.unconfirmed) == (saved.revision + 1, None)
    assert gone_back(back) is back


@pytest.fixture(scope="module")
def daemon():
    with Daemon(config='[daemon]\npreset = "flat"\n') as running:
        yield running


def test_over_the_socket_by_time_by_token_and_by_a_kill(daemon):
    answer = daemon.ask(op="set", values={DRIVE: 6}, confirm_within_s=1, origin="far away")
    assert abs(answer["result"]["confirm"]["until"] - time.time() - 1) < 0.5
    trial = daemon.ask(op="status")["result"]["trial"]
    assert (trial["who"].partition("/")[0], trial["address"], trial["parameters"]) == ("local", "local", 1)
    time.sleep(1.3)
    assert daemon.ask(op="get", ids=[DRIVE])["result"] == {DRIVE: 0.0}
    assert daemon.ask(op="status")["result"]["trial"] is None
    entry = [it for it in daemon.ask(op="audit")["result"] if it["op"] == "revert"][-1]
    assert (entry["who"], entry["details"]) == ("daemon", {"why": "not confirmed in time"})

    token = daemon.ask(op="preset.load", name="speech", confirm_within_s=60)["result"]["confirm"]["token"]
    assert token not in str(daemon.ask(op="audit")["result"])
    assert daemon.ask(op="confirm", token=token)["ok"]
    assert daemon.ask(op="confirm", token=token)["error"]["code"] == "nothing_to_confirm"
    token = daemon.ask(op="adjust", values={CEILING: -1}, confirm_within_s=60)["result"]["confirm"]["token"]
    assert daemon.ask(op="revert", token=token)["result"]["changes"]

    before = daemon.ask(op="snapshot")["result"]
    daemon.ask(op="preset.load", name="flat", confirm_within_s=60)
    time.sleep(1.0)
    daemon.stop(9)
    with Daemon(folder=daemon.folder) as again:
        now = again.ask(op="snapshot")["result"]
        assert (now["preset"], now["values"]) == ("speech", before["values"])
        assert now["revision"] == before["revision"] + 2
        assert [it for it in again.ask(op="audit")["result"] if it["op"] == "revert"][-1]["details"]["why"].startswith(
            "restarted"
        )
