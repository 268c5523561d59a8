"""`masterctl osc` in a process of its own, a real daemon, and python-osc as the studio's clients."""

import os
import random
import struct
import subprocess
import time

import msgspec
import pytest
import zmq
from instruments.beside import beside, eventually
from instruments.daemon import Daemon
from instruments.masterctl import MASTERCTL
from instruments.osc_client import OscClient, every

from masterd.control.osc.codec import Message, datagrams
from masterd.control.parameters import PARAMETERS
from masterd.control.protocol import DaemonStatus


@pytest.fixture(scope="module")
def daemon():
    with Daemon() as it:
        yield it


@pytest.fixture(scope="module")
def server(daemon):
    with beside(daemon, "osc", "--port", "0") as it:
        it.port = int(it.line("OSC on 127.0.0.1 port").split()[-1])
        it.line("following the daemon main")
        yield it
        assert it.stop() == 0


@pytest.fixture(autouse=True)
def flat(daemon):
    assert daemon.ask(op="preset.load", name="flat", glide_ms=0)["ok"]


@pytest.fixture
def client(server):
    with OscClient(server.port) as it:
        yield it
        it.send("/unsubscribe")


@pytest.fixture
def other(server):
    with OscClient(server.port) as it:
        yield it
        it.send("/unsubscribe")


def value(daemon, id):
    return daemon.ask(op="get", ids=[id])["result"][id]


def becomes(daemon, id, wanted):
    return eventually(lambda: value(daemon, id) == wanted)


def test_an_argument_sets_and_none_asks(daemon, client):
    client.send("/eq/3/gain_db", 4.5)
    assert client.ask("/eq/3/gain_db") == [4.5]
    assert client.ask("/travel/eq/3/gain_db") == [pytest.approx((4.5 + 24) / 48)]
    client.send("/travel/eq/3/frequency_hz", 0.5)
    assert client.ask("/eq/3/frequency_hz")[0] == pytest.approx((10 * 20000) ** 0.5)
    assert value(daemon, "eq.3.gain_db") == 4.5


@pytest.mark.parametrize(
    ("tag", "argument", "id", "result"),
    [
        ("i", 4, "eq.3.gain_db", 4.0),
        ("d", -3.3, "eq.3.gain_db", -3.3),
        ("h", 2, "eq.3.gain_db", 2.0),
        ("s", "notch", "eq.3.type", "notch"),
        ("i", 2, "eq.3.type", "high_shelf"),
        ("f", 3.0, "eq.3.type", "tilt"),
        ("T", True, "eq.3.on", True),
        ("i", 1, "eq.3.on", True),
        ("s", "on", "eq.3.on", True),
    ],
)
def test_every_type_tag_that_makes_sense_is_taken(daemon, client, tag, argument, id, result):
    client.send_tagged("/" + id.replace(".", "/"), tag, argument)
    becomes(daemon, id, result)
    if tag == "T":
        client.send_tagged("/" + id.replace(".", "/"), "F", False)
        becomes(daemon, id, False)


def test_every_parameter_of_the_daemon_can_be_asked_for_by_pattern(daemon, client):
    told = {}
    for depth in range(1, 4):
        here = [id for id in PARAMETERS if id.count(".") == depth]
        told |= dict(every(client, "/*" * (depth + 1), len(here)))
    values = daemon.ask(op="get")["result"]
    assert {address[1:].replace("/", "."): arguments[0] for address, arguments in told.items()} == {
        id: pytest.approx(it, rel=1e-6) if isinstance(it, float) else it for id, it in values.items()
    }


def test_a_pattern_sets_all_that_it_means(daemon, client):
    client.send("/eq/[1-4]/on", True)
    eventually(lambda: all(value(daemon, f"eq.{band}.on") for band in range(1, 5)))
    assert not value(daemon, "eq.5.on")


@pytest.mark.parametrize(
    ("address", "argument", "code"),
    [
        ("/eq/3/gian_db", 1.0, "unknown_parameter"),
        ("/eq/3/gain_db", 99.0, "out_of_range"),
        ("/eq/3/type", "bel", "wrong_type"),
        ("/travel/eq/3/gain_db", 1.5, "out_of_range"),
        ("/limiter/ceiling_dbtp", -3.0, "unsafe"),
        ("/travel/output/trim_db", 0.5, "unsafe"),
        ("/limiter/*", 0.0, "unsafe"),
        ("/preset/load", "no such preset", "unknown_preset"),
        ("/preset/load", 3, "bad_request"),
        ("/redo", 1, "nothing_to_undo"),
        ("/meters", 99, "bad_request"),
        ("/xremote", "x", "bad_request"),
    ],
)
def test_what_is_refused_is_told_with_code_and_address_and_changes_nothing(daemon, client, address, argument, code):
    daemon.set(eq__16__q=2)  # nothing to redo
    before = daemon.ask(op="snapshot")["result"]
    client.send(address, argument)
    assert client.refusal() == (code, address)
    after = daemon.ask(op="snapshot")["result"]
    assert (after["values"], after["revision"]) == (before["values"], before["revision"])


def test_admin_operations_and_the_users_presets_are_out_of_reach(client):
    for address in ("/preset/save", "/preset/delete", "/lock", "/keys/new", "/shutdown"):
        client.send(address, "x")
        assert client.refusal() == ("unknown_parameter", address)


def test_ceiling_and_trim_turn_when_that_was_allowed(daemon):
    with beside(daemon, "osc", "--port", "0", "--allow-unsafe") as server:
        port = int(server.line("OSC on").split()[-1])
        server.line("following")
        with OscClient(port) as client:
            client.send("/limiter/ceiling_dbtp", -3.0)
            becomes(daemon, "limiter.ceiling_dbtp", -3.0)


def test_a_bundle_is_one_set_all_or_nothing(daemon, client):
    before = daemon.ask(op="status")["revision"]
    client.send_bundle(("/eq/1/gain_db", 3.0), ("/eq/2/gain_db", -3.0), ("/travel/compressor/mix_percent", 0.5))
    becomes(daemon, "compressor.mix_percent", 50.0)
    assert (value(daemon, "eq.1.gain_db"), value(daemon, "eq.2.gain_db")) == (3.0, -3.0)
    assert daemon.ask(op="status")["revision"] == before + 1
    client.send_bundle(("/eq/1/gain_db", 6.0), ("/eq/2/gain_db", 99.0))
    assert client.refusal() == ("out_of_range", "/eq/2/gain_db")
    client.send_bundle(("/eq/1/gain_db", 6.0), ("/undo", 1))
    assert client.refusal()[0] == "bad_request"
    assert value(daemon, "eq.1.gain_db") == 3.0


def lateness_s(daemon, client, gain_db):
    """From the time of a bundle to the first answer that has its value."""
    client.send_bundle(("/eq/1/gain_db", gain_db), at_s=(due_s := time.time() + 0.3))
    while value(daemon, "eq.1.gain_db") != gain_db:
        assert time.time() < due_s + 5
    return time.time() - due_s


def test_a_time_tag_is_kept_and_one_too_far_ahead_is_refused(daemon, client):
    late_s = [lateness_s(daemon, client, gain_db) for gain_db in (5.0, 6.0, 7.0)]
    assert min(late_s) > -0.001
    assert sorted(late_s)[1] < 0.3  # one of them may meet the machine standing still
    client.send_bundle(("/eq/1/gain_db", 8.0), at_s=time.time() + 100)
    assert client.refusal() == ("bad_request", "/eq/1/gain_db")
    client.send_bundle(("/eq/1/gain_db", 9.0), at_s=time.time() - 100)  # late: at once
    becomes(daemon, "eq.1.gain_db", 9.0)
    client.send_bundle(("/eq/1/gain_db", 99.0), at_s=time.time() + 10)  # what is wrong is told now
    assert client.refusal()[0] == "out_of_range"


def test_presets_and_history(daemon, client):
    assert client.ask("/preset") == ["flat", 0]
    assert client.ask("/preset/list") == daemon.ask(op="preset.list")["result"]
    client.send("/preset/load", "speech", 100.0)
    eventually(lambda: client.ask("/preset") == ["speech", 0])
    client.send("/undo")
    eventually(lambda: client.ask("/preset")[0] == "flat")
    client.send("/undo", 0.0)  # a button that is let go
    client.send("/redo", 1.0)
    eventually(lambda: client.ask("/preset")[0] == "speech")


def test_status_tells_every_field_and_describe_every_parameter(daemon, client):
    fields = {field.name for field in msgspec.structs.fields(DaemonStatus)}
    told = dict(every(client, "/status", len(fields)))
    assert set(told) == {f"/status/{name}" for name in fields}
    assert told["/status/host"] == ["simulated"]
    assert client.ask("/status/latency_frames") == [daemon.ask(op="status")["result"]["latency_frames"]]
    described = dict(every(client, "/describe", len(PARAMETERS)))
    assert len(described) == len(PARAMETERS)
    kind, label, unit, low, high, default, step, curve, *choices = described["/describe/eq/3/type"]
    assert (kind, label, unit, low, high, default, step, curve) == ("choice", "EQ 3 type", "", 0.0, 8.0, "bell", 1.0, "linear")
    assert tuple(choices) == PARAMETERS["eq.3.type"].choices


def test_everybody_is_told_but_whoever_moves(daemon, client, other):
    for it, address in ((client, "/xremote"), (other, "/travel/xremote")):
        it.send(address)
        told = eventually(lambda it=it: len(first := it.heard(0.2)) > 300 and first)  # all values, to begin with
        assert len(told) == len(PARAMETERS) + 1
    for step in range(20):
        client.send("/eq/3/gain_db", float(step))
        time.sleep(0.02)
    heard = [arguments[0] for address, arguments in other.heard(0.5) if address == "/travel/eq/3/gain_db"]
    assert len(heard) > 3
    assert heard[-1] == pytest.approx((19 + 24) / 48)
    assert heard == sorted(heard)
    assert [address for address, _ in client.heard() if address != "/preset"] == []
    daemon.set(eq__3__gain_db=-2)  # somebody else
    assert client.hear("/eq/3/gain_db") == [-2.0]
    assert other.hear("/travel/eq/3/gain_db") == [pytest.approx(22 / 48)]


def test_a_fader_beside_the_detent_or_refused_snaps_back_once_it_rests(client):
    client.send("/travel/xremote")
    eventually(lambda: client.heard(0.2))
    client.send("/travel/limiter/mode", 0.6)
    assert client.hear("/travel/limiter/mode") == [0.5]
    client.heard(0.1)
    client.send("/unsubscribe")
    client.send("/limiter/mode", "loud")
    assert client.heard(0.5) == []


def test_another_port_of_the_client_can_be_told(server, client, other):
    client.send("/xremote", other.address[1])
    assert len(eventually(lambda: other.heard(0.3))) > 300
    client.send("/eq/3/gain_db")  # answers go there too
    assert other.hear("/eq/3/gain_db") == [0.0]
    assert client.heard(0.1) == []


def test_meters_come_as_numbers_as_a_blob_or_each_by_itself(daemon, client):
    client.send("/meters", "each", 30)
    eventually(lambda: len(frame := client.heard(0.3)) > 40 and frame)
    client.send("/meters", 20)
    each = [address for address, _ in eventually(lambda: client.heard(0.05))]
    names = list(dict.fromkeys(address for address in each if address != "/meters"))
    assert {"/meters/output/short_term_lufs", "/meters/limiter_reduction_db", "/meters/input/true_peak_dbtp/left"} <= set(names)
    assert {"/meters/multiband_reduction_db/1/left", "/meters/agc_gain_db/bass"} <= set(names)
    client.send("/meters", "list")
    client.heard(0.2)
    numbers = client.hear("/meters")
    assert len(numbers) == len(names)
    assert all(-200 <= number <= 200 for number in numbers)
    client.send("/meters", "blob")
    client.heard(0.2)
    (blob,) = client.hear("/meters")
    assert len(struct.unpack(f">{len(blob) // 4}f", blob)) == len(names)
    assert client.ask("/meters/output/integrated_lufs")[0] == pytest.approx(meters(daemon)["output"]["integrated_lufs"], abs=0.5)


def test_meters_come_at_the_pace_that_was_asked_for(client):
    client.send("/meters", 10)
    client.heard(0.3)
    count = sum(address == "/meters" for address, _ in client.heard(1.0))
    assert 7 <= count <= 12


def meters(daemon):
    socket = daemon.connect(zmq.SUB, "meters", b"meters")
    assert socket.poll(5000)
    return msgspec.msgpack.decode(socket.recv()[6:])


def test_a_stream_of_moves_is_condensed_and_the_last_one_arrives(daemon, client):
    before = daemon.ask(op="status")["revision"]
    for step in range(300):
        client.send("/eq/3/gain_db", step % 24 + 0.5)
        if step % 25 == 0:
            time.sleep(0.01)
    becomes(daemon, "eq.3.gain_db", 299 % 24 + 0.5)
    assert daemon.ask(op="status")["revision"] - before < 300


def test_garbage_is_ignored_and_a_flood_is_held(server, daemon, client, other):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    noise = random.Random(seed)
    other.send_raw(b"#bundle\0" + struct.pack(">Qi", 1, -4))
    for _ in range(1000):
        other.send_raw(noise.choice([b"", b"/eq/3/gain_db\0\0\0,f\0\0", b"#bundle\0"]) + noise.randbytes(noise.randrange(60)))
    for _ in range(30):
        other.send_bundle(*[("/eq/3/q", 1.0)] * 100)
    other.send("/eq/3/q", 1.0)
    codes = {arguments[0] for address, arguments in other.heard(1.5) if address == "/error"}
    assert "too_many" in codes
    eventually(lambda: (client.send("/eq/3/gain_db") or True) and client.heard(0.2))
    assert daemon.ask(op="status")["ok"]
    assert server.process.poll() is None


def test_no_message_however_strange_ends_the_server(server, daemon, client, other):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    addresses = ["/" + id.replace(".", "/") for id in PARAMETERS] + ["/*/*", "/{", "/[", "/travel", "/describe/*/*", "/status/*"]
    addresses += [
        "/meters",
        "/meters/*/*",
        "/xremote",
        "/travel/xremote",
        "/preset",
        "/preset/load",
        "/undo",
        "/redo",
        "/",
        "//",
        "/error",
    ]
    things = [
        None,
        True,
        b"",
        b"\xff",
        "",
        "\u00e9" * 90,
        0,
        -1,
        1 << 40,
        0.5,
        float("nan"),
        float("inf"),
        -1e38,
        "flat",
        "list",
        9000,
    ]
    for _ in range(400):
        address = dice.choice(["", "/travel"]) + dice.choice(addresses)
        told = [Message(address, tuple(dice.choices(things, k=dice.randrange(4)))) for _ in range(dice.choice([1, 1, 1, 4]))]
        for datagram in datagrams(told):
            other.send_raw(datagram)
        time.sleep(0.002)
    other.heard(0.1)
    eventually(lambda: (client.send("/eq/3/gain_db") or True) and client.heard(0.2))
    assert (server.process.poll(), daemon.ask(op="status")["ok"]) == (None, True)
    assert not [line for line in server.said if "Traceback" in line]


def test_a_daemon_that_goes_is_told_and_one_that_comes_back_is_followed():
    with Daemon() as first:
        folder = first.folder
        with beside(first, "osc", "--port", "0") as server, OscClient(int(server.line("OSC on").split()[-1])) as client:
            server.line("following")
            client.send("/xremote")
            eventually(lambda: client.heard(0.2))
            first.stop()
            client.send("/eq/3/gain_db", 5.0)
            assert client.refusal() == ("unreachable", "")  # told to all who follow
            assert client.refusal() == ("unreachable", "/eq/3/gain_db")
            with Daemon(folder=folder) as second:
                eventually(lambda: (client.send("/eq/3/gain_db") or True) and ("/eq/3/gain_db", [1.0]) in client.heard(0.2))
                assert second.set(eq__3__gain_db=-4)["ok"]
                assert client.hear("/eq/3/gain_db") == [-4.0]


def test_it_does_not_open_itself_to_the_network_unasked(daemon):
    for arguments, code, words in (
        (["--listen", "0.0.0.0"], 1, "name the addresses"),
        (["--listen", "localhost"], 2, "is no IP address"),
        (["--allow", "studio"], 2, "neither an IP address nor a network"),
    ):
        command = [*MASTERCTL, "osc", "--port", "0", *arguments]
        ended = subprocess.run(command, env=os.environ | daemon.here(), capture_output=True, text=True, timeout=20)
        assert (ended.returncode, words in ended.stderr) == (code, True), ended.stderr


def test_a_port_that_is_taken_is_said(daemon, server):
    command = [*MASTERCTL, "osc", "--port", str(server.port)]
    ended = subprocess.run(command, env=os.environ | daemon.here(), capture_output=True, text=True, timeout=20)
    assert ended.returncode == 1
    assert f"cannot listen on 127.0.0.1 port {server.port}" in ended.stderr
