"""The `ctl` socket of a real daemon: every request gets an answer, and no request harms it."""

import os
import random
import time

import msgspec
import pytest
import zmq
from hypothesis import given, settings, strategies as st
from instruments.daemon import Daemon

from masterd.control import protocol
from masterd.control.calls import EXCEPTIONS
from masterd.control.errors import Refused
from masterd.control.parameters import PARAMETERS, defaults
from masterd.control.protocol import MAX_REQUEST_BYTES, DaemonStatus, StateSnapshot

SEED = int(os.environ.get("MASTERD_TEST_SEED", random.randrange(2**32)))
CEILING, DRIVE = "limiter.ceiling_dbtp", "limiter.drive_db"


@pytest.fixture(scope="module")
def daemon():
    with Daemon() as running:
        yield running


@pytest.fixture
def flat(daemon):
    assert daemon.ask(op="preset.load", name="flat")["ok"]
    return daemon


def state_of(daemon):
    now = daemon.ask(op="snapshot")["result"]
    return {key: now[key] for key in ("revision", "preset", "dirty", "values")}


def test_describe_is_the_table(daemon):
    described = daemon.ask(op="describe")["result"]
    assert [it["id"] for it in described] == list(PARAMETERS)
    assert {"id", "unit", "kind", "min", "max", "default", "step", "curve", "label", "help", "group", "choices"} == set(
        described[0]
    )
    ceiling = daemon.ask(op="describe", ids=[CEILING])["result"]
    assert ceiling == [it for it in described if it["id"] == CEILING]


def test_get_all_is_complete_and_get_some_is_some(flat):
    assert flat.ask(op="get")["result"] == defaults()
    assert flat.ask(op="get", ids=[])["result"] == {}
    assert flat.ask(op="get", ids=[CEILING, "eq.on"])["result"] == {CEILING: -1.0, "eq.on": True}


def test_set_answers_the_revision_and_what_changed(flat):
    before = state_of(flat)["revision"]
    answer = flat.ask(op="set", id=7, values={CEILING: -3, "eq.1.type": "high_shelf", "eq.1.on": True}, glide_ms=0)
    assert answer == {
        "id": 7,
        "ok": True,
        "revision": before + 1,
        "result": {
            "changes": {CEILING: [-1.0, -3.0], "eq.1.type": ["bell", "high_shelf"], "eq.1.on": [False, True]},
            "preset": "flat",
            "dirty": True,
        },
    }


def test_adjust_undo_redo(flat):
    flat.ask(op="adjust", values={CEILING: -0.5}, origin="a")
    flat.ask(op="adjust", values={CEILING: 0.5}, travel=True, origin="b")
    assert flat.ask(op="get", ids=[CEILING])["result"] == {CEILING: 0.0}
    assert flat.ask(op="undo")["result"]["changes"] == {CEILING: [0.0, -1.5]}
    assert flat.ask(op="redo")["result"]["changes"] == {CEILING: [-1.5, 0.0]}
    assert flat.ask(op="redo")["error"]["code"] == "nothing_to_undo"


def test_presets_are_saved_listed_loaded_and_deleted(flat):
    flat.set(limiter__drive_db=5)
    assert flat.ask(op="preset.save", name="mine")["result"]["preset"] == "mine"
    assert flat.ask(op="preset.list")["result"][-1] == "mine"
    flat.ask(op="preset.load", name="flat")
    assert flat.ask(op="preset.load", name="mine")["result"]["changes"] == {DRIVE: [0.0, 5.0]}
    assert "mine" not in flat.ask(op="preset.delete", name="mine")["result"]
    assert flat.ask(op="preset.load", name="mine")["error"]["code"] == "unknown_preset"


def test_snapshot_and_status_have_the_shape_of_the_protocol(daemon):
    snapshot = msgspec.convert(daemon.ask(op="snapshot")["result"], StateSnapshot)
    status = msgspec.convert(daemon.ask(op="status")["result"], DaemonStatus)
    assert snapshot.boot_id == status.boot_id
    assert (status.host, status.state, status.name) == ("simulated", "running", "main")
    assert status.blocks > 0
    assert len(status.block_histogram) > 0
    assert status.realtime_reason


def test_loudness_starts_anew(daemon):
    assert daemon.ask(op="loudness.reset")["ok"]


@pytest.mark.parametrize(
    ("request_", "code", "parameter"),
    [
        ({"op": "set", "values": {CEILING: -33}}, "out_of_range", CEILING),
        ({"op": "set", "values": {DRIVE: 1, CEILING: 3}}, "out_of_range", CEILING),
        ({"op": "set", "values": {CEILING: "low"}}, "wrong_type", CEILING),
        ({"op": "set", "values": {"eq.on": 2}}, "wrong_type", "eq.on"),
        ({"op": "set", "values": {CEILING: 10**400}}, "bad_request", None),
        ({"op": "set", "values": {CEILING: None}}, "bad_request", None),
        ({"op": "set", "values": {CEILING: [1]}}, "bad_request", None),
        ({"op": "set", "values": {"limiter.cieling_dbtp": -3}}, "unknown_parameter", "limiter.cieling_dbtp"),
        ({"op": "set", "values": {}}, "bad_request", None),
        ({"op": "set", "values": {str(n): 1 for n in range(2000)}}, "bad_request", None),
        ({"op": "set", "values": {DRIVE: 1}, "glide_ms": -1}, "bad_request", None),
        ({"op": "set", "values": {DRIVE: 1}, "glide_ms": 60001}, "bad_request", None),
        ({"op": "set", "values": {DRIVE: 1}, "if_revision": -5}, "revision_conflict", None),
        ({"op": "set", "values": {DRIVE: 1}, "gilde_ms": 5}, "bad_request", None),
        ({"op": "set"}, "bad_request", None),
        ({"op": "get", "ids": ["nope"]}, "unknown_parameter", "nope"),
        ({"op": "get", "ids": ["eq.on"] * 2000}, "bad_request", None),
        ({"op": "describe", "ids": "eq.on"}, "bad_request", None),
        ({"op": "adjust", "values": {CEILING: True}}, "bad_request", None),
        ({"op": "adjust", "values": {"nope": 1}}, "unknown_parameter", "nope"),
        ({"op": "undo", "steps": 0}, "bad_request", None),
        ({"op": "undo", "steps": -1}, "bad_request", None),
        ({"op": "undo", "steps": 10**9}, "nothing_to_undo", None),
        ({"op": "undo", "steps": 1, "glide_ms": -1}, "bad_request", None),
        ({"op": "preset.load", "name": "../../etc/passwd"}, "unknown_preset", None),
        ({"op": "preset.save", "name": "../x"}, "bad_request", None),
        ({"op": "preset.save", "name": "flat"}, "immutable_preset", None),
        ({"op": "preset.delete", "name": "flat"}, "immutable_preset", None),
        ({"op": "preset.delete", "name": "nope"}, "unknown_preset", None),
        ({"op": "explode"}, "bad_request", None),
        ({"op": 3}, "bad_request", None),
        ({}, "bad_request", None),
        ({"op": "status", "v": 2}, "bad_request", None),
        ({"op": "status", "origin": "x" * 65}, "bad_request", None),
        ({"op": "status", "origin": "\x1b[2J"}, "bad_request", None),
    ],
    ids=lambda it: str(it)[:60] if isinstance(it, dict) else None,
)
def test_what_is_wrong_is_refused_with_its_code_and_changes_nothing(daemon, request_, code, parameter):
    before = state_of(daemon)
    answer = daemon.ask(id="mine", **request_)
    assert (answer["id"], answer["ok"], answer["error"]["code"]) == ("mine", False, code)
    assert answer["error"].get("parameter") == parameter
    assert len(answer["error"]["message"]) > 5
    assert answer["revision"] == before["revision"]
    assert state_of(daemon) == before


@pytest.mark.parametrize(
    ("frames", "id"),
    [
        ([b""], 0),
        ([b"", b""], 0),
        ([b"{"], 0),
        ([b"[]"], 0),
        ([b"null"], 0),
        ([b"\xff\xfe\x00"], 0),
        ([b'{"id":5,"op":"set","values":{"limiter.drive_db":NaN}}'], 0),
        ([b'{"id":5,"op":"set","values":{"limiter.drive_db":Infinity}}'], 0),
        ([b'{"id":5,"op":"set","values":{"limiter.drive_db":1e999}}'], 0),
        ([b'{"id":5,"op":"set","values":{"limiter.drive_db":1,"limiter.drive_db":99}}'], 5),
        ([b'{"id":{},"op":"status"}'], 0),
        ([b'{"id":1.5,"op":"status"}'], 0),
        ([b'{"id":5,"op":"set","values":' + b'{"a":' * 20000], 0),
        ([b'{"id":5,"op":"get","ids":' + b"[" * 20000 + b"]" * 20000 + b"}"], 0),
        ([b'{"id":5,"op":"status"}', b"more"], 5),
        ([b"", b'{"id":5,"op":"status"}', b"more"], 5),
        ([b"junk", b'{"id":5,"op":"status"}'], 0),
        ([b'{"id":5,"op":"get","ids":["' + b"x" * MAX_REQUEST_BYTES + b'"]}'], 0),
    ],
    ids=lambda it: repr(it)[:50],
)
def test_garbage_is_answered(daemon, frames, id):
    before = state_of(daemon)
    answer = daemon.ask_raw(*frames)
    assert not answer["ok"]
    assert answer["error"]["code"] in ("bad_request", "out_of_range")
    assert answer["id"] in (id, 0, 5)
    assert state_of(daemon) == before


def test_the_form_of_the_request_is_the_form_of_the_answer(daemon):
    plain, req = daemon.connect(zmq.DEALER), daemon.connect(zmq.REQ)
    plain.send(b'{"op":"get","ids":[]}')
    assert plain.poll(3000)
    assert len(plain.recv_multipart()) == 1
    plain.send_multipart([b"", b'{"op":"get","ids":[]}'])
    assert plain.poll(3000)
    assert plain.recv_multipart()[0] == b""
    req.send(b'{"op":"get","ids":[]}')
    assert req.poll(3000)
    assert msgspec.json.decode(req.recv())["ok"]


def test_a_frame_over_every_bound_ends_that_connection_only(daemon):
    rude = daemon.connect()
    rude.send(b"x" * (MAX_REQUEST_BYTES * 5))
    assert not rude.poll(300)
    rude.send(b'{"op":"get","ids":[]}')
    assert rude.poll(3000), "a new connection of the same client is served"
    assert daemon.ask(op="status")["ok"]


def test_a_client_that_leaves_before_its_answer_harms_nobody(daemon):
    for _ in range(30):
        hasty = daemon.connect()
        for _ in range(20):
            hasty.send(b'{"op":"describe"}')
        hasty.close(0)
    assert daemon.ask(op="status")["ok"]


def test_a_client_that_never_reads_is_bounded_and_harms_nobody(daemon):
    deaf = daemon.connect()
    deaf.set(zmq.RCVHWM, 1)
    for _ in range(3000):
        try:
            deaf.send(b'{"op":"describe"}', zmq.NOBLOCK)
        except zmq.Again:
            break
    started = time.monotonic()
    assert daemon.ask(op="get", ids=[])["ok"]
    print("answered beside a deaf client after", time.monotonic() - started)
    deaf.close(0)


def test_many_clients_at_once_all_get_their_own_answers(daemon):
    clients = [daemon.connect() for _ in range(40)]
    for turn in range(5):
        for at, client in enumerate(clients):
            client.send(msgspec.json.encode({"op": "get", "id": f"{at}-{turn}", "ids": ["eq.on"]}))
    for at, client in enumerate(clients):
        for turn in range(5):
            assert client.poll(5000)
            assert msgspec.json.decode(client.recv())["id"] == f"{at}-{turn}"
        client.close(0)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda it: (
        st.lists(it, max_size=4) | st.dictionaries(st.text(max_size=10) | st.sampled_from(list(PARAMETERS)[:20]), it, max_size=4)
    ),
    max_leaves=8,
)
OPS = [it.__struct_config__.tag for it in protocol.AnyRequest.__args__] + ["nope"]
FIELDS = sorted({field.encode_name for it in protocol.AnyRequest.__args__ for field in msgspec.structs.fields(it)} | {"extra"})
REQUESTS = st.fixed_dictionaries({"op": st.sampled_from(OPS)}, optional=dict.fromkeys(FIELDS, JSON))
CODES = {code for code, kind in EXCEPTIONS.items() if issubclass(kind, Refused)}
"""What a request can be refused with; `internal` and `storage` are none of it."""


@given(REQUESTS)
@settings(max_examples=300, deadline=None)
def test_anything_in_the_grammar_is_answered_and_never_internal(daemon, request_):
    answer = daemon.ask_raw(msgspec.json.encode(request_))
    assert answer["ok"] or answer["error"]["code"] in CODES, answer


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_answered(daemon, frame):
    assert daemon.ask_raw(frame)["error"]["code"] == "bad_request"


def test_bit_flips_in_good_requests_are_answered(daemon):
    print(f"MASTERD_TEST_SEED={SEED}")
    chance = random.Random(SEED)
    good = b'{"op":"set","id":12,"values":{"limiter.drive_db":3.5,"eq.1.type":"bell"},"glide_ms":20.0,"origin":"fuzz"}'
    for _ in range(500):
        torn = bytearray(good)
        for _ in range(chance.choice((1, 1, 2, 8))):
            torn[chance.randrange(len(torn))] ^= 1 << chance.randrange(8)
        answer = daemon.ask_raw(bytes(torn))
        assert answer["ok"] or answer["error"]["code"] in CODES, (bytes(torn), answer)


def test_nothing_was_an_internal_failure(daemon):
    """Last in the file: whatever the tests before sent, the log holds no traceback."""
    assert "Traceback" not in daemon.log
    assert protocol.VERSION == 1
