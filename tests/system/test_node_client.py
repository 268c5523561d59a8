"""A client in another language, written from docs/protocol.md alone, against a live daemon: set, events, meters, CURVE."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from instruments.network import NetworkDaemon

from masterd.control import keys, protocol
from masterd.control.keys import Pair
from masterd.control.parameters import PARAMETERS

NODE = Path(__file__).parents[1] / "node"
CEILING = "limiter.ceiling_dbtp"


@pytest.fixture(scope="module")
def daemon() -> Iterator[NetworkDaemon]:
    with NetworkDaemon() as running:
        yield running


def network(daemon: NetworkDaemon, own: Pair, server: str = "") -> dict[str, Any]:
    pair = {"server": server or daemon.server.public, "publicKey": own.public, "secretKey": own.secret}
    return {"host": "127.0.0.1", "port": daemon.port, "keys": pair}


def tour(where: dict[str, Any], ceiling: float = -3.0) -> tuple[int, dict[str, Any]]:
    command = ["node", str(NODE / "tour.mjs"), json.dumps({**where, "ceiling": ceiling})]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, said


@pytest.mark.parametrize(("kind", "ceiling"), [("tcp", -3.5), ("ipc", -4.5)])
def test_the_whole_tour(daemon: NetworkDaemon, kind: str, ceiling: float) -> None:
    here = {"folder": str(daemon.folder / "runtime"), "name": daemon.name}
    before = daemon.ask(op="get", ids=[CEILING])["result"][CEILING]
    code, saw = tour(network(daemon, daemon.pairs["operator"]) if kind == "tcp" else here, ceiling)
    assert code == 0, saw
    assert (saw["described"]["id"], saw["described"]["unit"], saw["described"]["max"]) == (CEILING, "dBTP", 0.0)
    assert saw["boot_id"] == daemon.ask(op="status")["result"]["boot_id"]
    assert (saw["parameters"], saw["answers"]) == (len(PARAMETERS), 50)
    assert saw["set"]["result"]["changes"] == saw["changed"]["changes"] == {CEILING: [before, ceiling]}
    assert [saw["changed"][it] for it in ("origin", "cause", "revision")] == ["node tour", "set", saw["set"]["revision"]]
    assert saw["got"] == {CEILING: ceiling} == daemon.ask(op="get", ids=[CEILING])["result"]
    assert saw["refused"] == {"code": "out_of_range", "parameter": CEILING}
    assert saw["unknown"]["code"] == "bad_request"
    assert saw["who"]["role"] == ("operator" if kind == "tcp" else "admin")
    assert saw["meters"]["seqs"] == sorted(set(saw["meters"]["seqs"]))
    assert set(saw["meters"]["keys"]) == {it.name for it in msgspec.structs.fields(protocol.Meters)}
    assert set(saw["meters"]["point"]) == {it.name for it in msgspec.structs.fields(protocol.PointMeters)}


def test_a_viewer_may_look_and_not_turn(daemon: NetworkDaemon) -> None:
    code, saw = tour(network(daemon, daemon.pairs["viewer"]))
    assert (code, "needs the role operator" in saw["trouble"]) == (1, True)


def test_a_key_the_daemon_does_not_know_and_one_the_daemon_does_not_have(daemon: NetworkDaemon) -> None:
    assert tour(network(daemon, keys.new_pair())) == (1, {"trouble": "the daemon does not trust this key"})
    wrong = network(daemon, daemon.pairs["operator"], server=keys.new_pair().public)
    assert tour(wrong) == (1, {"trouble": "the server key is not this daemon's"})
