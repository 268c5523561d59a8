"""docs/protocol.md is normative: every example in it is replayed, and its tables are those of the program."""

import json
import re
from pathlib import Path

import msgspec
import pytest
import zmq
from instruments.daemon import Daemon

from masterd.control import errors, protocol
from masterd.daemon import connections, costs, handlers, hands_off, health, limits, network_tables, publisher, sockets, trial
from masterd.daemon.handlers import checks

TEXT = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()


def examples():
    """Every JSON value in the document's json blocks, in order."""
    decoder = json.JSONDecoder()
    for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL):
        at, text = 0, block.strip()
        while at < len(text):
            value, end = decoder.raw_decode(text, at)
            yield value
            at = end + len(text[end:]) - len(text[end:].lstrip())


EXCHANGES = [(ask, answer) for ask, answer in zip(*[iter([it for it in examples() if "type" not in it])] * 2, strict=True)]
EVENTS = [it for it in examples() if "type" in it]
VOLATILE = {
    "boot_id",
    "seq",
    "uptime_s",
    "version",
    "block_histogram",
    "alarms",
    "latency_frames",
    "memory_locked",
    "values",
    "frequencies_hz",
    "left_dbfs",
    "right_dbfs",
    "who",
    "time",
    "since",
    "until",
    "token",
}


def shape(value):
    """The value with everything that differs from run to run reduced to its type."""
    if isinstance(value, dict):
        return {key: type(it).__name__ if key in VOLATILE else shape(it) for key, it in value.items()}
    if isinstance(value, list):
        return [shape(it) for it in value]
    return value


STATUS_COUNTERS = {"blocks", "late_blocks", "load_percent", "longest_block_us", "processing_s"}


def comparable(answer):
    made = shape(answer)
    if isinstance(made.get("result"), dict):
        made["result"] = {key: "measured" if key in STATUS_COUNTERS else it for key, it in made["result"].items()}
    return made


@pytest.fixture(scope="module")
def daemon():
    with Daemon(config='[daemon]\npreset = "flat"\n') as running:
        yield running


def test_every_exchange_happens_as_written(daemon):
    """In the document's order, since revisions count on."""
    assert len(EXCHANGES) >= 16
    tokens = {}  # those in the document stand for those that the daemon makes
    for ask, answer in EXCHANGES:
        given = daemon.ask(**{key: tokens.get(it, it) if key == "token" else it for key, it in ask.items()})
        assert comparable(given) == comparable(answer), ask
        if isinstance(answer.get("result"), dict) and "confirm" in answer["result"]:
            tokens[answer["result"]["confirm"]["token"]] = given["result"]["confirm"]["token"]


def test_events_look_as_written(daemon):
    events = daemon.connect(zmq.SUB, "events", b"")
    assert events.poll(5000)
    events.recv()
    daemon.ask(op="set", values={"limiter.drive_db": 5}, origin="desk", glide_ms=100)
    daemon.ask(op="preset.save", name="Evening")
    daemon.ask(op="midi.report", origin="studio", boxes=[], missed=1)
    daemon.ask(op="lock", note="on air", seconds=60)
    daemon.ask(op="set", values={"limiter.drive_db": 4}, confirm_within_s=60)
    seen = {}
    while not {it["type"] for it in EVENTS} <= set(seen):
        assert events.poll(5000)
        event = msgspec.json.decode(events.recv())
        seen[event["type"]] = event
    for written in EVENTS:
        assert set(written) == set(seen[written["type"]]), written["type"]
        assert protocol.decode_event(json.dumps(written).encode()).seq == written["seq"]


def test_every_operation_has_a_section_and_every_section_an_operation():
    sections = {name.strip() for line in re.findall(r"^### (.*)$", TEXT, re.MULTILINE) for name in line.split(",")}
    assert sections == {it.__struct_config__.tag for it in handlers.HANDLERS}
    assert sections == {ask["op"] for ask, _ in EXCHANGES}


def test_every_code_that_can_travel_is_in_the_table():
    def codes(root):
        return {root.code} | {
            code for child in root.__subclasses__() if child.__module__ == errors.__name__ for code in codes(child)
        }

    written = set(re.findall(r"^\| `(\w+)` \|", TEXT.split("## 5. Errors")[1].split("## 6.")[0], re.MULTILINE))
    assert written - {"code", "storage", "internal"} == codes(errors.Refused) - {"error"}


def test_every_role_is_listed_with_what_it_may():
    rows = re.findall(r"^\| `(viewer|operator|admin)` \| (.*) \|$", TEXT, re.MULTILINE)
    listed = {role: set(re.findall(r"`([\w.]+)`", text)) - {"override"} for role, text in rows}
    for role in protocol.Role:
        assert listed[str(role)] == {it.__struct_config__.tag for it in handlers.HANDLERS if it.role is role}


def test_every_alarm_is_named():
    listed = set(re.findall(r"^ *(\w+_\w+)  +", health.__doc__, re.MULTILINE))
    assert len(listed) > 8
    assert listed == set(re.findall(r"`(\w+)`", TEXT.split("Alarm codes:")[1].split("\n\n")[0]))


@pytest.mark.parametrize(
    ("struct", "section"), [(protocol.Meters, "## 6."), (protocol.PointMeters, "## 6."), (protocol.DaemonStatus, "### status")]
)
def test_every_field_is_explained(struct, section):
    part = TEXT.split(section)[1].split("\n## ")[0]
    for field in msgspec.structs.fields(struct):
        assert f"`{field.name}`" in part, field.name


def test_meters_have_the_shape_of_the_document(daemon):
    meters = daemon.connect(zmq.SUB, "meters", b"meters")
    assert meters.poll(5000)
    frame = meters.recv()
    assert frame[:6] == b"meters"
    raw = msgspec.msgpack.decode(frame[6:])
    assert set(raw) == {it.name for it in msgspec.structs.fields(protocol.Meters)}
    assert set(raw["output"]) == {it.name for it in msgspec.structs.fields(protocol.PointMeters)}


def test_limits_are_those_of_the_program():
    for number in (
        protocol.MAX_REQUEST_BYTES,
        sockets.LARGEST_FRAME_BYTES,
        checks.MOST_ENTRIES,
        protocol.MAX_GLIDE_MS,
        checks.ORIGIN_CHARACTERS,
        sockets.EVENTS_HWM,
        sockets.CTL_HWM,
        connections.MOST_CONNECTIONS,
        connections.MOST_FROM_ONE_ADDRESS,
        publisher.LARGEST_FRAME_BYTES,
        limits.LOCAL_PER_S,
        network_tables.NetworkTable().requests_per_s,
        *costs.MOST_PER_S.values(),
        costs.PAGES_PER_S,
        hands_off.NOTE_CHARACTERS,
        trial.LONGEST_S,
    ):
        assert f"{number:g}" in TEXT.split("## 7.")[1] or str(number) in TEXT.split("## 7.")[1]
    assert f"version {protocol.VERSION}" in TEXT.splitlines()[0]


def test_what_takes_long_is_told_with_how_many_may_be_asked_for():
    (row,) = [line for line in TEXT.splitlines() if line.startswith("| what takes long")]
    clauses = re.findall(r"([\d.]+)(?: a second)? of ([^;|]*)", row)
    told = {op: float(number) for number, ops in clauses for op in re.findall(r"`([\w.]+)`", ops)}
    meant = {kind.__struct_config__.tag: most for kind, most in costs.MOST_PER_S.items()}
    assert told == meant | {"analyse.result": costs.PAGES_PER_S, "html": costs.PAGES_PER_S}
