"""The daemon on the network, visited by friends and by everybody else. Each attack is one that was seen to matter; after each the
daemon still serves its friends."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zmq
from instruments.child import Child
from instruments.daemon import Daemon
from instruments.network import NetworkDaemon, asked, drained, eventually, received

from masterd.control import keys
from masterd.control.protocol import MAX_REQUEST_BYTES
from masterd.control.protocol.roles import Role
from masterd.daemon.connections import MOST_FROM_ONE_ADDRESS

QUIET_MS = 400
"""How long we listen for what must not come; meters would come every 33 ms, answers within 1."""


@pytest.fixture(scope="module")
def daemon():
    with NetworkDaemon(network="requests_per_s = 200") as running:
        yield running


@pytest.fixture(autouse=True)
def friends_are_served(daemon):
    yield
    friend = daemon.visit(daemon.pairs["viewer"])
    assert asked(friend, op="get", ids=["eq.on"])["ok"]
    friend.close()
    assert "Traceback" not in daemon.log


def alarms(daemon):
    return daemon.ask(op="status")["result"]["alarms"]


def test_a_friend_has_all_three_sockets(daemon):
    ctl = daemon.visit(daemon.pairs["operator"])
    events, meters = daemon.listen_as("operator"), daemon.listen_as("operator", "meters", b"meters")
    assert asked(ctl, op="whoami")["result"] == {"who": "operator", "address": "127.0.0.1", "role": "operator"}
    assert meters.poll(3000)
    assert events.poll(3000)
    assert asked(ctl, op="set", values={"limiter.drive_db": 1.5}, origin="far away")["ok"]
    changed = eventually(lambda: next((it for it in iter(lambda: received(events, 0), None) if it["type"] == "changed"), None))
    assert (changed["who"], changed["address"], changed["origin"]) == ("operator", "127.0.0.1", "far away")


@pytest.mark.parametrize("attack", ["stranger", "wrong server key", "no key", "plain"])
def test_nobody_else_gets_in(daemon, attack):
    pair = {"stranger": keys.new_pair(), "wrong server key": daemon.pairs["admin"]}.get(attack)
    server_key = keys.new_pair().public if attack == "wrong server key" else None
    plain = {"plain_username": b"admin", "plain_password": b"admin"} if attack == "plain" else {}
    refused = daemon.ask(op="status")["result"]["refused_connections"]
    ctl = daemon.visit(pair, server_key=server_key, **plain)
    ctl.send(b'{"op":"get","ids":[]}')
    visitors = [ctl, *(daemon.visit(pair, to, zmq.SUB, b"", server_key, **plain) for to in ("events", "meters"))]
    time.sleep(QUIET_MS / 1000)
    assert not any(it.poll(0) for it in visitors)
    eventually(lambda: daemon.ask(op="status")["result"]["refused_connections"] >= refused + 3)
    for it in visitors:
        it.close()
    if attack == "stranger":
        assert "stranger_refused" in alarms(daemon)
        assert any(it["op"] == "connect" and it["code"] == "not_trusted" for it in daemon.ask(op="audit")["result"])


def test_a_local_client_needs_no_key_and_a_key_is_no_local_client(daemon):
    assert daemon.ask(op="whoami")["result"]["address"] == "local"
    disguised = daemon.visit(daemon.pairs["viewer"], routing_id=b"local")
    assert asked(disguised, op="set", values={"limiter.drive_db": 1})["error"]["code"] == "forbidden"


def test_a_routing_id_is_no_identity(daemon):
    """Two clients take the same one: neither becomes the other."""
    admin = daemon.visit(daemon.pairs["admin"], routing_id=b"same")
    assert asked(admin, op="whoami")["result"]["who"] == "admin"
    viewer = daemon.visit(daemon.pairs["viewer"], routing_id=b"same")
    answer = asked(viewer, op="whoami", within_ms=QUIET_MS)
    assert answer is None or answer["result"]["who"] == "viewer"
    assert asked(admin, op="whoami")["result"]["who"] == "admin"


def test_a_revoked_key_stops_at_once_on_all_three_open_connections(daemon):
    daemon.trust("gone", Role.ADMIN)
    ctl = daemon.visit(daemon.pairs["gone"])
    listeners = [daemon.listen_as("gone", "events"), daemon.listen_as("gone", "meters", b"meters")]
    friend = daemon.listen_as("viewer", "meters", b"meters")
    assert asked(ctl, op="set", values={"limiter.drive_db": 2})["ok"]
    assert all(it.poll(3000) for it in (*listeners, friend))
    before = daemon.ask(op="snapshot")["revision"]

    daemon.revoke("gone")
    answer = asked(ctl, op="set", values={"limiter.drive_db": 5}, within_ms=QUIET_MS)  # the very next request
    assert answer is None or answer["error"]["code"] == "forbidden"
    time.sleep(0.3)
    for it in listeners:
        drained(it)
    daemon.ask(op="loudness.reset")
    drained(friend)
    assert not any(it.poll(QUIET_MS) for it in listeners), "a revoked subscriber still hears something"
    assert friend.poll(1000), "others were not cut off"
    assert asked(ctl, op="status", within_ms=QUIET_MS) is None, "nor does it come in again"
    assert daemon.ask(op="snapshot")["revision"] == before
    entry = [it for it in daemon.ask(op="audit")["result"] if it["op"] == "keys"][-1]
    assert entry["details"] == {"trusted": {}, "revoked": ["gone"], "connections_ended": 3}


def test_a_role_is_looked_up_at_every_request(daemon):
    pair = daemon.trust("promoted", Role.VIEWER)
    ctl = daemon.visit(pair)
    assert asked(ctl, op="undo")["error"]["code"] == "forbidden"
    text = daemon.trust_file.read_text()
    at = text.index("role", text.index('"promoted"'))
    daemon.trust_file.write_text(text[:at] + text[at:].replace("viewer", "operator", 1))
    assert asked(ctl, op="whoami")["result"]["role"] == "operator"
    assert asked(ctl, op="loudness.reset")["ok"]
    daemon.revoke("promoted")


def test_the_same_name_with_a_new_key_is_not_the_old_connection(daemon):
    """A lost key is replaced: whoever found the old one has nothing of the new one's rights."""
    old = daemon.visit(daemon.trust("desk", Role.VIEWER))
    assert asked(old, op="whoami")["result"]["who"] == "desk"
    daemon.revoke("desk")
    new = daemon.visit(daemon.trust("desk", Role.ADMIN))
    assert asked(new, op="whoami")["result"]["role"] == "admin"
    answer = asked(old, op="whoami", within_ms=QUIET_MS)
    assert answer is None or answer["error"]["code"] == "forbidden"


def test_a_broken_list_changes_nothing_and_is_an_alarm(daemon):
    text = daemon.trust_file.read_text()
    friend = daemon.visit(daemon.pairs["viewer"])
    try:
        daemon.trust_file.write_text(text + "[[client]\n")
        eventually(lambda: "clients_refused" in alarms(daemon))
        assert asked(friend, op="status")["ok"]
        assert asked(daemon.visit(daemon.pairs["viewer"]), op="status")["ok"]
    finally:
        daemon.trust_file.write_text(text)
    eventually(lambda: "clients_refused" not in alarms(daemon))


def test_subscriptions_are_of_a_short_list(daemon):
    """Topics of one's own would fill the daemon's table."""
    alarms_only = daemon.listen_as("viewer", "events", b'{"type":"lock"')
    for n in range(500):
        alarms_only.subscribe(f"topic {n}".encode())
    alarms_only.subscribe(b"x" * 500)
    ctl = daemon.visit(daemon.pairs["operator"])
    until = time.monotonic() + 5
    seen = None
    while seen is None and time.monotonic() < until:
        assert asked(ctl, op="lock", note="rehearsal")["ok"]
        seen = received(alarms_only, 200)
    assert seen["type"] == "lock"
    assert asked(ctl, op="unlock")["ok"]


def garbage(daemon, to, content, count):
    made = []
    for _ in range(count):
        it = socket.create_connection(("127.0.0.1", daemon.port + to), 2)
        it.sendall(content)
        made.append(it)
    return made


def ended(connection):
    """Whether the other end has hung up."""
    connection.settimeout(0.01)
    try:
        return connection.recv(4096) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


@pytest.mark.parametrize(
    "content",
    [b"", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\xff" + b"\0" * 8 + b"\x7f\x03\x00CURVE" + b"\xff" * 5000, os.urandom(4096)],
    ids=["silent", "http", "broken greeting", "noise"],
)
def test_what_is_no_client_is_hung_up_on(daemon, content):
    made = [it for to in range(3) for it in garbage(daemon, to, content, 20)]
    friend = daemon.visit(daemon.pairs["operator"])
    assert asked(friend, op="status")["ok"], "friends are served meanwhile"
    eventually(lambda: all(map(ended, made)), 5)  # silence is borne for two seconds
    for it in made:
        it.close()


def test_more_connections_than_can_be_are_refused_and_the_others_go_on(daemon):
    friend = daemon.visit(daemon.pairs["operator"])
    assert asked(friend, op="status")["ok"]
    made = garbage(daemon, 0, b"", MOST_FROM_ONE_ADDRESS + 40)
    eventually(lambda: sum(map(ended, made)) >= 40, 1.5)
    assert asked(friend, op="status")["ok"]
    eventually(lambda: "connections_full" in alarms(daemon))
    for it in made:
        it.close()
    eventually(lambda: daemon.ask(op="status")["result"]["clients"] < 20)


def test_what_is_too_long_is_refused_and_what_is_far_too_long_ends_the_connection(daemon):
    visitor = daemon.visit(daemon.pairs["operator"])
    visitor.send(b'{"op":"get","ids":["' + b"x" * MAX_REQUEST_BYTES + b'"]}')
    assert received(visitor)["error"]["code"] == "bad_request"
    visitor.send(b"x" * (5 * MAX_REQUEST_BYTES))
    assert received(visitor, QUIET_MS) is None
    assert asked(visitor, op="status")["ok"], "the same client may come again"


FLOOD = """
import sys, time, zmq
s = zmq.Context().socket(zmq.DEALER); s.linger = 0
s.curve_serverkey, s.curve_publickey, s.curve_secretkey = (it.encode() for it in sys.argv[2:5])
s.connect(sys.argv[1])
until, sent = time.monotonic() + float(sys.argv[5]), 0
while time.monotonic() < until:
    try:
        s.send(b'{"op":"get","ids":["eq.on"]}', zmq.NOBLOCK); sent += 1
    except zmq.Again:
        time.sleep(0.0005)
    while s.poll(0): s.recv()
print(sent)
"""


def rss_kb(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def test_a_flood_is_refused_then_cut_and_others_are_served(daemon):
    flooder, friend = daemon.trust("flooder", Role.VIEWER), daemon.visit(daemon.pairs["operator"])
    assert asked(friend, op="status")["ok"]
    time.sleep(0.5)
    before_kb = rss_kb(daemon.pid)
    command = [sys.executable, "-c", FLOOD, daemon.tcp(), daemon.server.public, flooder.public, flooder.secret, "1.5"]
    times_ms = []
    with Child(command, stdout=subprocess.PIPE) as flood:
        while flood.poll() is None:
            started = time.perf_counter()
            assert asked(friend, op="get", ids=["eq.on"])["ok"]
            times_ms.append(1000 * (time.perf_counter() - started))
            time.sleep(0.02)
        sent = int(flood.communicate()[0])
    times_ms.sort()
    print(f"{sent} sent, friend's median {times_ms[len(times_ms) // 2]:.1f} ms, p99 {times_ms[int(0.99 * len(times_ms))]:.1f} ms")
    assert sent > 2000
    grown_kb = rss_kb(daemon.pid) - before_kb
    assert grown_kb < 20_000, f"{grown_kb} kB more"
    entries = [it for it in daemon.ask(op="audit", count=200)["result"] if it["code"] == "rate_limited"]
    assert entries
    assert entries[-1]["who"] == "flooder"
    assert sum(it["count"] for it in entries) > 500


def test_the_limit_is_of_the_key_and_not_of_the_connection(daemon):
    pair = daemon.trust("many", Role.VIEWER)
    many = [daemon.visit(pair) for _ in range(10)]
    for it in many:
        assert asked(it, op="get", ids=[])["ok"]
    for _ in range(100):
        for it in many:
            it.send(b'{"op":"get","id":1,"ids":[]}')
    answers = [received(it) for it in many for _ in range(100)]
    refused = [it for it in answers if not it["ok"]]
    assert {it["error"]["code"] for it in refused} == {"rate_limited"}
    assert {it["id"] for it in refused} == {1}
    assert 300 < len(refused) < 990, "twice the rate of 200 may come at once, and what the time allows"
    daemon.revoke("many")


def test_what_takes_long_counts_for_more_than_one(daemon):
    """Of 300 spectra at once, as many as two seconds allow and those that come meanwhile are made: 25 a second, not 200."""
    pair = daemon.trust("analyst", Role.VIEWER)
    analyst, friend = daemon.visit(pair), daemon.visit(daemon.pairs["operator"])
    assert asked(analyst, op="whoami")["ok"]
    began_s = time.monotonic()
    for _ in range(300):
        analyst.send(b'{"op":"spectrum","id":1,"point":"output","kind":"fft"}')
    assert asked(friend, op="get", ids=["eq.on"])["ok"]
    answers = [received(analyst) for _ in range(300)]
    took_s = time.monotonic() - began_s
    assert {it["error"]["code"] for it in answers if not it["ok"]} == {"rate_limited"}
    assert 45 <= sum(it["ok"] for it in answers) <= 52 + 25 * took_s
    daemon.revoke("analyst")


def test_a_subscriber_that_does_not_read_loses_events_and_harms_nobody(daemon):
    sleeper = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time, zmq\ns = zmq.Context().socket(zmq.SUB)\n"
            "s.curve_serverkey, s.curve_publickey, s.curve_secretkey = (it.encode() for it in sys.argv[2:5])\n"
            "s.subscribe(b''); s.connect(sys.argv[1]); s.recv(); print('hears', flush=True); time.sleep(60)",
            daemon.tcp("events"),
            daemon.server.public,
            daemon.pairs["viewer"].public,
            daemon.pairs["viewer"].secret,
        ],
        stdout=subprocess.PIPE,
    )
    try:
        assert sleeper.stdout.readline() == b"hears\n"
        sleeper.send_signal(signal.SIGSTOP)
        before_kb = rss_kb(daemon.pid)
        longest_ms = 0.0
        for n in range(1500):
            started = time.perf_counter()
            assert daemon.ask(op="lock", note=f"{n:0200}")["ok"]
            longest_ms = max(longest_ms, 1000 * (time.perf_counter() - started))
        assert daemon.ask(op="unlock")["ok"]
        grown_kb = rss_kb(daemon.pid) - before_kb
        print(f"longest answer {longest_ms:.1f} ms, {grown_kb} kB more")
        assert grown_kb < 20_000
    finally:
        sleeper.kill()
        sleeper.communicate()


def test_the_ports_are_open_only_when_that_was_asked_for():
    with Daemon() as plain:
        rows = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()]
        listening = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A"}
        assert not listening & {str(it.readlink()) for it in Path(f"/proc/{plain.pid}/fd").iterdir()}


def fails_to_start(daemon):
    daemon.launch()
    try:
        assert daemon.process.wait(20) == 78
        return daemon.log
    finally:
        daemon.__exit__(None, None, None)


def test_without_keys_it_does_not_start_and_says_which_command_makes_them():
    daemon = NetworkDaemon()
    daemon.secret_file.unlink()
    assert "masterctl keys server" in fails_to_start(daemon)
    daemon = NetworkDaemon()
    daemon.trust_file.unlink()
    assert "masterctl keys new NAME --role operator" in fails_to_start(daemon)
    daemon = NetworkDaemon()
    daemon.secret_file.chmod(0o644)
    assert "others may have read this secret" in fails_to_start(daemon)


def test_a_reload_that_would_not_start_again_is_refused_and_sound_goes_on():
    with Daemon() as plain:
        plain.config_path.write_text("[network]\non = true\n")
        plain.process.send_signal(signal.SIGHUP)
        eventually(lambda: "config_refused" in alarms(plain))
        assert "masterctl keys server" in plain.log
        before = plain.ask(op="status")["result"]["blocks"]
        eventually(lambda: plain.ask(op="status")["result"]["blocks"] > before)


def test_ipv6_as_well():
    daemon = NetworkDaemon(network='address = "::1"')
    with daemon:
        it = daemon.visit(daemon.pairs["viewer"], ipv6=1, where=f"tcp://[::1]:{daemon.port}")
        assert asked(it, op="whoami")["result"]["address"] == "::1"


def test_with_nobody_left_to_trust_it_starts_all_the_same():
    """The last client was revoked, and then the power failed: that must not take the station off air."""
    daemon = NetworkDaemon()
    for role in Role:
        daemon.revoke(str(role))
    with daemon:
        assert daemon.ask(op="status")["result"]["state"] == "running"


def test_a_port_that_somebody_has_is_an_alarm_until_it_is_free():
    daemon = NetworkDaemon()
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", daemon.port + 1))
        squatter.listen()
        with daemon:
            assert "network_down" in alarms(daemon)
            assert asked(daemon.visit(daemon.pairs["viewer"]), op="status", within_ms=QUIET_MS) is None, "all three or none"
            squatter.close()
            eventually(lambda: "network_down" not in alarms(daemon))
            assert asked(daemon.visit(daemon.pairs["viewer"]), op="status")["ok"]
            assert daemon.listen_as("viewer").poll(3000)
