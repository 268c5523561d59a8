"""Who may do what: every operation asked in every role, over real sockets, from the network and from this machine."""

import contextlib
import json
import os
import re
import socket
import warnings
from pathlib import Path

import msgspec
import pytest
import zmq
from instruments.daemon import Daemon
from instruments.network import NetworkDaemon, asked

from masterd.control import protocol
from masterd.control.protocol import AnyRequest, Request
from masterd.control.protocol.roles import Role
from masterd.daemon.handlers import HANDLERS
from masterd.daemon.local_roles import LocalRoles

TYPES = {it.__struct_config__.tag: it for it in AnyRequest.__args__}
NEEDED = {
    "set": {"values": {"limiter.drive_db": 1}},
    "adjust": {"values": {"limiter.drive_db": 1}},
    "preset.load": {"name": "flat"},
    "preset.save": {"name": "mine"},
    "preset.delete": {"name": "mine"},
    "confirm": {"token": "x"},
    "revert": {"token": "x"},
    "monitor.hear": {"simulation": "phone"},
    "midi.learn": {"parameter": "limiter.drive_db"},
}
ADMINS, OPERATORS = {"audit"}, {
    "set", "adjust", "undo", "redo", "preset.load", "preset.save", "preset.delete", "loudness.reset", "lock", "unlock", "confirm",
    "revert", "monitor.hear", "analyse.begin", "midi.report", "midi.learn", "midi.learn.confirm", "midi.learn.cancel",
}  # fmt: skip


@pytest.fixture(scope="module")
def daemon():
    with NetworkDaemon(network="requests_per_s = 1000") as running:
        yield running


def test_every_operation_has_a_role_and_a_handler():
    """A new operation has to be put into this table by hand: nobody gets a right by accident."""
    assert set(TYPES.values()) == set(HANDLERS)
    assert all(issubclass(it, Request) and isinstance(it.role, Role) for it in TYPES.values())
    assert {op for op, it in TYPES.items() if it.role is Role.ADMIN} == ADMINS
    assert {op for op, it in TYPES.items() if it.role is Role.OPERATOR} == OPERATORS
    for op, it in TYPES.items():
        required = {field.name for field in msgspec.structs.fields(it) if field.required}
        assert required == set(NEEDED.get(op, {})), f"{op}: say in NEEDED what it takes"


@pytest.mark.parametrize("role", [str(it) for it in Role])
def test_every_operation_in_every_role(daemon, role):
    ctl = daemon.visit(daemon.pairs[role])
    for op, kind in TYPES.items():
        before = daemon.ask(op="snapshot")["result"]
        answer = asked(ctl, op=op, **NEEDED.get(op, {}))
        code = answer.get("error", {}).get("code")
        if Role[role.upper()] >= kind.role:
            assert code != "forbidden", answer
        else:
            assert code == "forbidden", answer
            assert f"needs the role {kind.role}; {role} (127.0.0.1) is {role}" in answer["error"]["message"]
            now = daemon.ask(op="snapshot")["result"]
            assert {**now, "seq": 0} == {**before, "seq": 0}
        asked(ctl, op="unlock")


def test_override_is_for_admins(daemon):
    for role in ("viewer", "operator"):
        ctl = daemon.visit(daemon.pairs[role])
        assert asked(ctl, op="get", ids=[], override=True)["error"]["code"] == "forbidden"
    assert asked(daemon.visit(daemon.pairs["admin"]), op="get", ids=[], override=True)["ok"]


def test_what_a_viewer_tried_is_written_down(daemon):
    asked(daemon.visit(daemon.pairs["viewer"]), op="preset.load", name="flat", origin="sneaky")
    entry = [it for it in daemon.ask(op="audit")["result"] if it.get("origin") == "sneaky"][-1]
    assert (entry["who"], entry["address"], entry["role"]) == ("viewer", "127.0.0.1", "viewer")
    assert (entry["op"], entry["code"], entry["details"]) == ("preset.load", "forbidden", {"name": "flat"})


def as_user(uid, gid, groups, daemon, within_ms=1500):
    """What `whoami` and a change answer to a process of that user; None when nobody answers."""
    out, into = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            os.setgroups(groups)
            os.setgid(gid)
            os.setuid(uid)
            it = zmq.Context().socket(zmq.DEALER)
            it.connect(daemon.endpoint("ctl"))
            said = [asked(it, within_ms, op="whoami"), asked(it, 200, op="loudness.reset")]
            os.write(into, json.dumps(said).encode())
        os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as file:
        text = file.read()
    os.waitpid(child, 0)
    return json.loads(text)


NOBODY = 65534


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be other users")
@pytest.mark.parametrize(
    ("access", "in_group", "outside"),
    [("", "operator", "viewer"), ('group = "viewer"\nothers = "none"', "viewer", None)],
    ids=["as it comes", "stricter"],
)
def test_on_this_machine_the_role_comes_from_the_user(access, in_group, outside):
    with Daemon(config=f"[access]\n{access}\n") as daemon:
        assert daemon.ask(op="whoami")["result"] == {"who": "local/root", "address": "local", "role": "admin"}
        for folder in (daemon.folder, daemon.folder / "runtime", daemon.folder / "runtime" / "main"):
            folder.chmod(0o755)
        ctl = daemon.folder / "runtime" / "main" / "ctl"
        assert ctl.stat().st_mode & 0o777 == 0o660
        assert as_user(NOBODY, NOBODY, [], daemon, 300) == [None, None], "the permissions keep them out"
        who, turned = as_user(NOBODY, 0, [], daemon)
        assert who["result"] == {"who": "local/nobody", "address": "local", "role": in_group}
        assert turned["ok"] == (in_group == "operator")
        ctl.chmod(0o666)  # as an access control list would let them in
        who, turned = as_user(NOBODY, NOBODY, [], daemon, 1500 if outside else 300)
        assert (who and who["result"]["role"]) == outside
        assert turned is None or turned["error"]["code"] == "forbidden"


def raw_request(path, properties, body):
    """One request to a Unix socket by ZMTP 3.0 written by hand, with properties that no library would let through; the answer."""
    told = {b"Socket-Type": b"DEALER", **properties}.items()
    ready = b"\x05READY" + b"".join(bytes([len(name)]) + name + len(value).to_bytes(4, "big") + value for name, value in told)
    with socket.socket(socket.AF_UNIX) as raw:
        raw.settimeout(3)
        raw.connect(str(path))
        raw.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32))
        raw.sendall(bytes([4, len(ready)]) + ready)
        heard_until(raw, b"READY")
        raw.sendall(bytes([0, len(body)]) + body)
        return heard_until(raw, b"}}")


def heard_until(raw, mark):
    """What comes, from the JSON in it on, up to the mark."""
    heard = b""
    while mark not in heard:
        heard += (more := raw.recv(4096))
        assert more, f"hung up after {heard}"
    return heard[heard.find(b'{"id"') :]


def test_what_a_client_says_of_itself_in_the_handshake_is_not_believed(daemon):
    """ZMTP lets a peer send properties; the authenticator's word of the same name has to win."""
    path = daemon.endpoint("ctl").removeprefix("ipc://")
    lies = {b"User-Id": f"key:{daemon.pairs['viewer'].public}".encode(), b"Peer-Address": b"10.0.0.1", b"__fd": b"0"}
    answer = msgspec.json.decode(raw_request(path, lies, b'{"op":"whoami"}'))
    assert answer["result"] == daemon.ask(op="whoami")["result"]
    assert answer["result"]["address"] == "local"


def test_nothing_that_is_sent_can_become_code():
    """A pickle from the network is a program from the network."""
    for room in ("daemon", "control"):
        for file in (Path(__file__).parents[2] / room).rglob("*.py"):
            assert not re.search(r"_pyobj|import pickle|import marshal|import shelve|\beval\(", file.read_text()), file


def test_local_roles(tmp_path):
    ctl = tmp_path / "ctl"
    ctl.touch()
    roles = LocalRoles(ctl, Role.OPERATOR, Role.VIEWER)
    owner = ctl.stat()
    assert roles.find(0, 5) == ("root", Role.ADMIN)
    assert roles.find(os.geteuid(), 5)[1] is Role.ADMIN
    assert roles.find(54321, owner.st_gid) == ("54321", Role.OPERATOR), "a user without a name"
    assert roles.find(54321, owner.st_gid + 54321) == ("54321", Role.VIEWER)
    ctl.unlink()
    assert roles.find(54322, owner.st_gid) == ("54322", Role.VIEWER), "a group that cannot be found out is nobody's"
    assert LocalRoles(ctl, None, None).find(54321, owner.st_gid)[1] is None


def test_the_word_of_a_role_is_its_name():
    assert [str(it) for it in Role] == ["viewer", "operator", "admin"]
    assert protocol.Request.role is Role.VIEWER
