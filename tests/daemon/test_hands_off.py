"""The operator's lock: who holds it, whom it stops, and what it outlives."""

import time

import pytest
from instruments.network import NetworkDaemon, asked, eventually, received

from masterd.control.errors import BadRequest, Locked
from masterd.control.protocol.roles import Role
from masterd.daemon.asker import Asker
from masterd.daemon.hands_off import LONGEST_S, HandsOff

ANNA, BERT = (Asker(name, "10.0.0.1", Role.OPERATOR, "") for name in ("anna", "bert"))


class Clock:
    now_s = 1000.0

    def __call__(self):
        return self.now_s


def test_it_stops_others_and_not_its_holder():
    told = []
    lock = HandsOff(told.append, clock=Clock())
    lock.check(BERT)
    lock.take(ANNA, "news", None)
    lock.check(ANNA)
    with pytest.raises(Locked, match=r"locked by anna \(10.0.0.1\) since .*: news; .*unlock.*override"):
        lock.check(BERT)
    lock.give()
    lock.check(BERT)
    lock.give()
    assert [it and it.note for it in told] == ["news", None], "giving back what nobody holds is told to nobody"


def test_it_ends_by_itself_and_is_renewed_by_its_holder():
    clock, told = Clock(), []
    lock = HandsOff(told.append, clock=clock)
    lock.take(ANNA, "", 60)
    clock.now_s += 50
    assert lock.take(ANNA, "longer", 60).since == 1000, "renewed is not begun anew"
    clock.now_s += 59
    with pytest.raises(Locked):
        lock.check(BERT)
    clock.now_s += 1
    lock.check(BERT)
    assert told[-1] is None
    lock.expire()
    assert len(told) == 3


@pytest.mark.parametrize(
    ("note", "seconds"), [("x" * 201, None), ("\x1b[2J", None), ("", 0), ("", LONGEST_S + 1), ("", float("nan"))]
)
def test_what_is_no_lock_is_refused_and_changes_nothing(note, seconds):
    lock = HandsOff(lambda lock: None, clock=Clock())
    with pytest.raises(BadRequest):
        lock.take(ANNA, note, seconds)
    assert lock.lock is None


@pytest.fixture(scope="module")
def daemon():
    with NetworkDaemon() as running:
        running.trust("other", Role.OPERATOR)
        yield running


TURN = {"op": "set", "values": {"limiter.drive_db": 1.0}}


def next_lock(events):
    return eventually(lambda: next((it for it in iter(lambda: received(events, 0), None) if it["type"] == "lock"), None))


def test_the_whole_story_over_the_network(daemon):
    holder, other, viewer, admin = (daemon.visit(daemon.pairs[it]) for it in ("operator", "other", "viewer", "admin"))
    events = daemon.listen_as("viewer")
    assert events.poll(3000)
    assert asked(viewer, op="lock")["error"]["code"] == "forbidden"

    taken = asked(holder, op="lock", note="on air, hands off", seconds=600, origin="desk 1")
    assert (taken["result"]["who"], taken["result"]["address"]) == ("operator", "127.0.0.1")
    event = next_lock(events)
    assert (event["who"], event["origin"], event["lock"]) == ("operator", "desk 1", taken["result"])
    assert daemon.ask(op="status")["result"]["lock"] == daemon.ask(op="snapshot")["result"]["lock"] == taken["result"]

    before = daemon.ask(op="snapshot")["revision"]
    for request in (
        TURN,
        {"op": "undo"},
        {"op": "preset.save", "name": "x"},
        {"op": "lock"},
        {"op": "unlock"},
        {"op": "loudness.reset"},
    ):
        refused = asked(other, **request)["error"]
        assert refused["code"] == "locked"
        assert "operator (127.0.0.1) since" in refused["message"]
        assert "on air, hands off" in refused["message"]
    assert daemon.ask(**TURN)["error"]["code"] == "locked", "the owner of the machine has to say override, too"
    assert asked(other, op="get", ids=[])["ok"], "reading is free"
    assert daemon.ask(op="snapshot")["revision"] == before

    assert asked(holder, **TURN)["ok"]
    holder.close()
    again = daemon.visit(daemon.pairs["operator"])
    assert asked(again, op="adjust", values={"limiter.drive_db": 1})["ok"], "it belongs to the name, not to the connection"
    assert asked(admin, **TURN)["error"]["code"] == "locked"
    assert asked(admin, **TURN, override=True)["ok"]
    assert daemon.ask(op="status")["result"]["lock"], "an override of one request leaves the lock"
    assert asked(admin, op="unlock", override=True)["ok"]
    event = next_lock(events)
    assert (event["who"], event["lock"]) == ("admin", None)
    assert asked(other, op="adjust", values={"limiter.drive_db": 1})["ok"]


def test_it_survives_a_kill(daemon):
    assert asked(daemon.visit(daemon.pairs["operator"]), op="lock", note="through the night")["ok"]
    time.sleep(1.0)
    daemon.stop(9)
    with NetworkDaemon(folder=daemon.folder) as again:
        lock = again.ask(op="status")["result"]["lock"]
        assert (lock["who"], lock["note"]) == ("operator", "through the night")
        assert again.ask(**TURN)["error"]["code"] == "locked"
        assert again.ask(**TURN, override=True)["ok"]
